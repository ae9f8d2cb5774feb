#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {

// AccountState is what was decided about an account. Values are stored: append, never renumber.
enum class AccountState : std::uint8_t { kActive = 1, kSuspended = 2 };
[[nodiscard]] std::string_view to_string(AccountState state);

// Account owns API keys. While it is suspended, none of its keys is accepted.
//
// A sub-account has a master account, whose API keys with a permission that manages keys may make
// and change its API keys. The two have nothing else in common: neither is suspended with the
// other. A master is nobody's sub-account.
struct Account {
  AccountId id;
  std::string name;  // for people; at most 64 characters
  AccountState state = AccountState::kActive;
  Timestamp state_since{};
  std::string state_cause;
  Timestamp created{};
  std::optional<AccountId> master;  // set: it is a sub-account of this one
  std::string email;  // by which the master names it, see parse_email; empty without a master
  bool operator==(const Account&) const = default;
};

// parse_email gives the one spelling (lower case) of a name such as "desk-7@example.com", or
// nullopt: 1 to 64 of [A-Za-z0-9.+_%-], one '@', and 1 to 63 of [A-Za-z0-9.-]. It is a name and no
// more: nothing is ever sent there.
inline constexpr std::size_t kEmailSizeMax = 64 + 1 + 63;
[[nodiscard]] std::optional<std::string> parse_email(std::string_view text);

enum class AccountError : std::uint8_t { kAlreadySuspended, kNotSuspended };
[[nodiscard]] std::string_view describe(AccountError error);

[[nodiscard]] std::expected<Account, AccountError> suspend(Account account, std::string_view cause,
                                                           Timestamp now);
[[nodiscard]] std::expected<Account, AccountError> resume(Account account, Timestamp now);

}  // namespace counterfoil
