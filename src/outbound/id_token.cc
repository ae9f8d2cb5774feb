#include "outbound/id_token.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/constant_time.h"
#include "crypto/hash.h"
#include "crypto/jws_key.h"
#include "outbound/oidc_documents.h"
#include "outbound/one_object.h"
#include "wire/json/json_members.h"

namespace counterfoil {
namespace {

constexpr std::size_t kListMax = 16;  // of audiences and means that are looked at
constexpr std::size_t kShownBytesMax = 200;

std::unexpected<IdTokenFault> fault(IdTokenFault what) { return std::unexpected(what); }

std::optional<std::string> decoded_text(std::string_view part) {
  const auto bytes = from_base64url(part);
  return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

// "typ" is there to keep kinds of tokens apart (RFC 8725 section 3.11).
bool is_typed_as_ours(const OneObject& header) {
  const auto* const type = header.find("typ");
  return type == nullptr || type->text == "JWT" || type->text == "jwt";
}

// key_for: the token's kid names the key; a token without one is of the only key that fits.
const OidcKey* key_for(const IdToken& token, std::span<const OidcKey> keys) {
  const OidcKey* found = nullptr;
  for (const OidcKey& key : keys) {
    const bool fits =
        token.key_id ? key.id == *token.key_id : key.key.algorithm() == token.algorithm;
    if (fits && found != nullptr) {
      return nullptr;  // two of one name, or two that fit: which is meant nobody can say
    }
    found = fits ? &key : found;
  }
  return found;
}

// "aud [...] MUST contain the OAuth 2.0 client_id"; "If the ID Token contains multiple audiences,
// the Client SHOULD verify that an azp Claim is present" and that it is its own id.
bool is_for(const OneObject& claims, const std::string& client_id) {
  const auto single = claims.text("aud");
  const auto several = claims.texts("aud");
  const auto azp = claims.text("azp");
  if (claims.find("azp") != nullptr && azp != client_id) {
    return false;
  }
  if (single) {
    return *single == client_id;
  }
  return several && several->size() <= kListMax && (several->size() == 1 || azp) &&
         std::ranges::find(*several, client_id) != several->end();
}

std::optional<Timestamp> time_in(const OneObject& claims, std::string_view name) {
  const auto seconds = claims.number(name);
  // 15 digits of seconds would not fit into microseconds; nobody's token lives past the year 9999.
  constexpr std::int64_t kSecondsMax = 253'402'300'799;
  return seconds && *seconds <= kSecondsMax
             ? std::optional(Timestamp(std::chrono::seconds(*seconds)))
             : std::nullopt;
}

bool is_in_time(const OneObject& claims, Timestamp now) {
  const auto ends = time_in(claims, "exp");
  const auto made = time_in(claims, "iat");
  const auto begins = time_in(claims, "nbf");
  return ends && made && now < *ends + kIdTokenSkew && *made <= now + kIdTokenSkew &&
         now <= *made + kIdTokenAgeMax + kIdTokenSkew &&
         (claims.find("nbf") == nullptr || (begins && *begins <= now + kIdTokenSkew));
}

// "the base64url encoding of the left-most half of the hash of the octets of the ASCII
// representation of the access_token value"; the hash is the algorithm's own.
bool is_hash_of(std::string_view text, std::string_view access_token, JwsAlgorithm algorithm) {
  const HashName name = algorithm == JwsAlgorithm::kEdDsa ? HashName::kSha512 : HashName::kSha256;
  const std::array<ByteView, 1> parts{as_bytes(access_token)};
  const auto hash = hash_of(name, parts);
  return hash &&
         constant_time_equal(as_bytes(to_base64url(ByteView(*hash).first(hash->size() / 2))),
                             as_bytes(text));
}

bool is_subject(std::string_view text) {
  return !text.empty() && text.size() <= kSubjectBytesMax &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// shown_name takes printable ASCII alone: nobody is to be told a name that reads like another.
std::string shown_name(const OneObject& claims) {
  for (const std::string_view name : {"email", "preferred_username"}) {
    const std::string text = claims.text(name).value_or("");
    const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    if (!text.empty() && text.size() <= kShownBytesMax && is_plain) {
      return text;
    }
  }
  return {};
}

std::expected<void, IdTokenFault> judge_claims(const OneObject& claims, const IdToken& token,
                                               const IdTokenRules& rules, Timestamp now) {
  if (claims.text("iss") != rules.issuer) {
    return fault(IdTokenFault::kIssuer);
  }
  if (!is_for(claims, rules.client_id)) {
    return fault(IdTokenFault::kAudience);
  }
  if (!is_in_time(claims, now)) {
    return fault(IdTokenFault::kTimes);
  }
  const std::string nonce = claims.text("nonce").value_or("");
  if (rules.nonce.empty() || !constant_time_equal(as_bytes(nonce), as_bytes(rules.nonce))) {
    return fault(IdTokenFault::kNonce);
  }
  if (claims.find("at_hash") != nullptr &&
      !is_hash_of(claims.text("at_hash").value_or(""), rules.access_token, token.algorithm)) {
    return fault(IdTokenFault::kAccessTokenHash);
  }
  const auto signed_in = time_in(claims, "auth_time");
  if (rules.max_age && (!signed_in || now > *signed_in + *rules.max_age + kIdTokenSkew)) {
    return fault(IdTokenFault::kSignInTooOld);
  }
  return {};
}

}  // namespace

std::string_view describe(IdTokenFault fault) {
  switch (fault) {
    case IdTokenFault::kMalformed:
      return "is none: too large, or not a signed JSON object";
    case IdTokenFault::kAlgorithm:
      return "is signed neither with RS256 nor ES256 nor EdDSA";
    case IdTokenFault::kUnknownKey:
      return "is signed with a key that the provider does not publish";
    case IdTokenFault::kSignature:
      return "has a wrong signature";
    case IdTokenFault::kIssuer:
      return "is of another issuer";
    case IdTokenFault::kAudience:
      return "is for another client";
    case IdTokenFault::kTimes:
      return "has run out or is of another time; do both clocks go right?";
    case IdTokenFault::kNonce:
      return "is not the answer to this sign-in";
    case IdTokenFault::kAccessTokenHash:
      return "does not belong to the access token that came with it";
    case IdTokenFault::kSubject:
      return "names nobody";
    case IdTokenFault::kSignInTooOld:
      return "tells of a sign-in longer ago than oidc.max_age_s";
  }
  std::unreachable();
}

std::expected<IdToken, IdTokenFault> read_id_token(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (text.size() > kIdTokenBytesMax || first == std::string_view::npos || first == last ||
      text.substr(first + 1, last - first - 1).contains('.')) {
    return fault(IdTokenFault::kMalformed);
  }
  const auto header_text = decoded_text(text.substr(0, first));
  auto claims = decoded_text(text.substr(first + 1, last - first - 1));
  auto signature = from_base64url(text.substr(last + 1));
  const auto header = header_text ? OneObject::read(*header_text) : std::nullopt;
  if (!header || !claims || !signature) {
    return fault(IdTokenFault::kMalformed);
  }
  const auto algorithm = parse_jws_algorithm(header->text("alg").value_or(""));
  if (!algorithm) {
    return fault(IdTokenFault::kAlgorithm);
  }
  // "If any of the listed extension Header Parameters are not understood [...] the JWS is invalid."
  if (header->find("crit") != nullptr || header->find("b64") != nullptr ||
      !is_typed_as_ours(*header)) {
    return fault(IdTokenFault::kMalformed);
  }
  return IdToken{.algorithm = *algorithm,
                 .key_id = header->text("kid"),
                 .signed_part = text.substr(0, last),
                 .signature = std::move(*signature),
                 .claims = std::move(*claims)};
}

std::expected<OidcIdentity, IdTokenFault> judge_id_token(const IdToken& token,
                                                         std::span<const OidcKey> keys,
                                                         const IdTokenRules& rules, Timestamp now) {
  const OidcKey* const key = key_for(token, keys);
  if (key == nullptr) {
    return fault(IdTokenFault::kUnknownKey);
  }
  if (key->key.algorithm() != token.algorithm ||
      !key->key.verify(as_bytes(token.signed_part), token.signature)) {
    return fault(IdTokenFault::kSignature);
  }
  const auto claims = OneObject::read(token.claims);
  if (!claims) {
    return fault(IdTokenFault::kMalformed);
  }
  if (const auto fine = judge_claims(*claims, token, rules, now); !fine) {
    return fault(fine.error());
  }
  OidcIdentity identity{.issuer = rules.issuer,
                        .subject = claims->text("sub").value_or(""),
                        .shown = shown_name(*claims),
                        .means = claims->texts("amr").value_or(std::vector<std::string>()),
                        .level = claims->text("acr").value_or("")};
  if (!is_subject(identity.subject)) {
    return fault(IdTokenFault::kSubject);
  }
  identity.means.resize(std::min(identity.means.size(), kListMax));
  return identity;
}

}  // namespace counterfoil
