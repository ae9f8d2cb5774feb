#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signature_scheme.h"

namespace counterfoil {

// What `enroll` reads in the answers of a console that somebody else runs: any bytes at all may
// come. Texts that are accepted are fit for a terminal. Every error is half a sentence that says
// what the answer is not.

inline constexpr std::size_t kEnrolmentAnswerBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kEnrolmentListMax = 512;  // permissions, networks, symbols
inline constexpr std::size_t kEnrolmentTextBytesMax = 200;

// PreparedKey is what the API key of a link will be.
struct PreparedKey {
  std::string account;
  std::string label;  // may be empty
  Scheme scheme = Scheme::kEd25519;
  std::vector<std::string> permissions;
  std::vector<std::string> allow_list;  // {"any"}: from everywhere
  std::vector<std::string> symbols;     // none: all
  std::optional<std::string> expires_at;
  bool never_expires = false;  // neither: the usual life, from now on
  std::string ends_at;         // of the link
  std::string gateway_url;     // an origin (https://host:port), or empty
};
[[nodiscard]] std::expected<PreparedKey, std::string> parse_prepared_key(std::string_view body);

struct EnrolmentChallenge {
  std::string nonce;
  std::string text;  // may have LF
};
[[nodiscard]] std::expected<EnrolmentChallenge, std::string> parse_enrolment_challenge(
    std::string_view body);

// EnrolledKey is what was made; the secret of an HMAC key is taken out before.
struct EnrolledKey {
  std::string api_key;
  std::optional<std::string> expires_at;  // nullopt: never
};
[[nodiscard]] std::expected<EnrolledKey, std::string> parse_enrolled_key(std::string_view body);

// parse_enrolment_refusal gives the sentence of a refusal, and the advice behind it.
[[nodiscard]] std::optional<std::string> parse_enrolment_refusal(std::string_view body);

}  // namespace counterfoil
