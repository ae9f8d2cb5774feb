#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "keys/api_key.h"

namespace counterfoil {

// The life of an API key as functions on values: each takes the key as it is and returns it
// changed, or says why not. None of them reads a clock, a store or a random source.

inline constexpr std::size_t kLabelSizeMax = 64;
inline constexpr std::size_t kSymbolsMax = 30;
inline constexpr std::size_t kSymbolSizeMax = 32;
inline constexpr std::size_t kKeysPerAccountMax = 30;

enum class LifeError : std::uint8_t {
  kRevoked,           // revoked is final
  kNotSuspended,      // resume of a key that is not suspended
  kAlreadySuspended,  //
  kExpired,           // resume or rotate of an expired key: set a new expiry first
  kAlreadyRotating,   // a second new pair while the old one still retires
  kNoSuchPair,        //
  kLastPair,          // retiring the only pair: revoke the key instead
  kExpiryInThePast,
  kAllowListRequired,  // a permission that needs an allow-list, without one
  kLabelInvalid,
  kSymbolsInvalid,
};
// describe says what is wrong and what to do, in the words people see in the terminal, the page and
// the API.
[[nodiscard]] std::string_view describe(LifeError error);

// LifeRules are the operator's choices that decide what a key may be.
struct LifeRules {
  PermissionSet needs_allow_list;  // permissions that no key may hold while its allow-list is "any"
};

// check says whether a key could be stored as it stands: label, symbols, expiry after creation,
// allow-list where needed.
[[nodiscard]] std::expected<void, LifeError> check(const ApiKey& key, const LifeRules& rules);

// lasting_notice is what stays of a key's notice when its owner edits or resumes it: nothing, but
// for kResetPolicy's until it ends.
[[nodiscard]] std::optional<PolicyNotice> lasting_notice(const ApiKey& key, Timestamp now);

[[nodiscard]] std::expected<ApiKey, LifeError> suspend(ApiKey key, std::string_view cause,
                                                       Timestamp now);
[[nodiscard]] std::expected<ApiKey, LifeError> resume(ApiKey key, Timestamp now);
// revoke succeeds on a revoked key too and then changes nothing: whoever asks again gets the same
// end. The pairs stay (their sealed material serves the owner's autopsies until it is erased); no
// gateway loads them.
[[nodiscard]] ApiKey revoke(ApiKey key, std::string_view cause, Timestamp now);

// next_pair_number is the number of the next new pair.
[[nodiscard]] std::uint32_t next_pair_number(const ApiKey& key);
// rotate adds `pair` under the next number and retires the present one at `old_pair_ends` (now or
// earlier: at once), or when it is quiet for `quiet_for` (KeyPair::quiet_for).
[[nodiscard]] std::expected<ApiKey, LifeError> rotate(
    ApiKey key, KeyPair pair, Timestamp old_pair_ends, Timestamp now,
    std::optional<std::chrono::seconds> quiet_for = std::nullopt);
// back_out gives the new pair of a rotation up: the retiring one stays for good.
[[nodiscard]] std::expected<ApiKey, LifeError> back_out(ApiKey key, Timestamp now);
// end_retiring ends the retiring pair at once: its owner has seen that nobody uses it.
[[nodiscard]] std::expected<ApiKey, LifeError> end_retiring(ApiKey key, Timestamp now);
// drop_retired removes pairs whose end has passed; their sealed secrets go with them.
[[nodiscard]] ApiKey drop_retired(ApiKey key, Timestamp now);

// is_plain_text: at most `characters_max` characters of valid UTF-8, no control characters, no
// bidirectional controls.
[[nodiscard]] bool is_plain_text(std::string_view text, std::size_t characters_max);
// is_label: plain text of at most kLabelSizeMax characters.
[[nodiscard]] bool is_label(std::string_view text);
// is_symbol: 1 to 32 characters of [A-Z0-9_-] or bytes at or above 0x80 (symbols may be non-ASCII).
[[nodiscard]] bool is_symbol(std::string_view text);

}  // namespace counterfoil
