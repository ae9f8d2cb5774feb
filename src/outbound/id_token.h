#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "crypto/jws_key.h"
#include "outbound/oidc_documents.h"

namespace counterfoil {

// An ID token says who has signed in at an identity provider (OpenID Connect Core 1.0, section 2):
// a compact JWS (RFC 7515) over a JSON object.

inline constexpr std::size_t kIdTokenBytesMax = 16UL * 1024;
inline constexpr std::size_t kSubjectBytesMax = 255;  // "It MUST NOT exceed 255 ASCII characters"
inline constexpr std::chrono::seconds kIdTokenSkew{60};
inline constexpr std::chrono::minutes kIdTokenAgeMax{10};

// IdTokenFault says why a token is worth nothing.
enum class IdTokenFault : std::uint8_t {
  kMalformed,   // too large, no compact JWS, no JSON, or a name twice
  kAlgorithm,   // none of ours: "none", HS256 and what else there is
  kUnknownKey,  // no key of the provider has its kid; the keys may have changed since
  kSignature,
  kIssuer,
  kAudience,
  kTimes,  // run out, not valid yet, made too long ago, or times are missing
  kNonce,
  kAccessTokenHash,
  kSubject,
  kSignInTooOld,  // the person has not signed in at the provider within max_age
};
// describe gives the half sentence that follows "the ID token ".
[[nodiscard]] std::string_view describe(IdTokenFault fault);

// IdToken is a token as it came: nothing of it is proven.
struct IdToken {
  JwsAlgorithm algorithm{};
  std::optional<std::string> key_id;
  std::string_view signed_part;  // a view into the text it was read from
  std::vector<std::uint8_t> signature;
  std::string claims;  // JSON
};
// read_id_token: kMalformed, kAlgorithm.
[[nodiscard]] std::expected<IdToken, IdTokenFault> read_id_token(std::string_view text);

// IdTokenRules is what the token must say.
struct IdTokenRules {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  std::string_view access_token = {};  // that came with it, or empty
  std::optional<std::chrono::seconds> max_age = std::nullopt;
};

// OidcIdentity is who has signed in at the provider. Issuer and subject together are the person;
// everything else may change hands.
struct OidcIdentity {
  std::string issuer;
  std::string subject;
  std::string shown;               // an e-mail or a name, for people to know it by; hostile text
  std::vector<std::string> means;  // `amr`: how they signed in
  std::string level;               // `acr`
  bool operator==(const OidcIdentity&) const = default;
};

// judge_id_token: whatever the token says of its key, the provider's keys decide. Pure.
[[nodiscard]] std::expected<OidcIdentity, IdTokenFault> judge_id_token(
    const IdToken& token, std::span<const OidcKey> keys, const IdTokenRules& rules, Timestamp now);

}  // namespace counterfoil
