#include "outbound/oidc_documents.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/ip_address.h"
#include "base/loopback.h"
#include "crypto/jws_key.h"
#include "outbound/one_object.h"
#include "outbound/web_url.h"
#include "wire/json/json_members.h"

namespace counterfoil {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

bool is_this_machine(const WebUrl& url) {
  const auto address = IpAddress::parse(url.host);
  return url.host == "localhost" || (address && is_loopback(*address));
}

std::unexpected<std::string> unfit(std::string_view issuer, std::string_view why) {
  return std::unexpected("the discovery document of " + std::string(issuer) + " " +
                         std::string(why));
}

// offers: what is not listed is left to the answer itself to show.
bool offers(const OneObject& document, std::string_view name, std::string_view wanted) {
  const auto listed = document.texts(name);
  return !listed || std::ranges::find(*listed, wanted) != listed->end();
}

bool signs_as_we_read(const OneObject& document) {
  const auto listed = document.texts("id_token_signing_alg_values_supported");
  return !listed || std::ranges::any_of(*listed, [](const std::string& name) {
    return parse_jws_algorithm(name).has_value();
  });
}

std::optional<WebUrl> endpoint(const OneObject& document, std::string_view name,
                               const WebUrl& issuer) {
  auto url = WebUrl::parse(document.text(name).value_or(""));
  return url && may_be_called(*url, issuer) ? std::move(url) : std::nullopt;
}

std::vector<std::uint8_t> number_in(const OneObject& jwk, std::string_view name) {
  return from_base64url(jwk.text(name).value_or("")).value_or(std::vector<std::uint8_t>());
}

std::optional<JwsKey> key_of(const OneObject& jwk) {
  const std::string type = jwk.text("kty").value_or("");
  const std::string curve = jwk.text("crv").value_or("");
  if (type == "RSA") {
    return JwsKey::from_rsa(number_in(jwk, "n"), number_in(jwk, "e"));
  }
  if (type == "EC" && curve == "P-256") {
    return JwsKey::from_p256(number_in(jwk, "x"), number_in(jwk, "y"));
  }
  if (type == "OKP" && curve == "Ed25519") {
    return JwsKey::from_ed25519(number_in(jwk, "x"));
  }
  return std::nullopt;
}

// A key that says what it is for is taken for nothing else.
std::optional<OidcKey> read_key(std::string_view text) {
  const auto jwk = OneObject::read(text);
  if (!jwk || jwk->text("use").value_or("sig") != "sig") {
    return std::nullopt;
  }
  auto key = key_of(*jwk);
  const auto named = jwk->text("alg");
  if (!key || (named && parse_jws_algorithm(*named) != key->algorithm())) {
    return std::nullopt;
  }
  return OidcKey{.id = jwk->text("kid").value_or(""), .key = std::move(*key)};
}

}  // namespace

bool may_be_called(const WebUrl& url, const WebUrl& issuer) {
  if (is_this_machine(issuer)) {
    return is_this_machine(url);
  }
  return url.tls && (url.port == kHttpsPort || url.port == issuer.port);
}

std::expected<OidcEndpoints, std::string> read_discovery(std::string_view text,
                                                         std::string_view issuer) {
  const auto document = OneObject::read(text);
  const auto at = WebUrl::parse(issuer);
  if (!document || !at) {
    return unfit(issuer, "is no JSON object; is oidc.issuer right?");
  }
  if (document->text("issuer") != issuer) {
    return unfit(issuer,
                 "names another issuer; write oidc.issuer exactly as the document does, with or "
                 "without a '/' at its end");
  }
  const std::string authorization = document->text("authorization_endpoint").value_or("");
  const auto people_at = WebUrl::parse(authorization);
  auto token = endpoint(*document, "token_endpoint", *at);
  auto keys = endpoint(*document, "jwks_uri", *at);
  if (!people_at || !may_be_called(*people_at, *at) || !token || !keys) {
    return unfit(issuer,
                 "names an authorization_endpoint, token_endpoint or jwks_uri that is missing or "
                 "must not be called: https is wanted, on port 443 or the issuer's own");
  }
  if (!signs_as_we_read(*document)) {
    return unfit(issuer, "offers ID tokens neither with RS256 nor ES256 nor EdDSA");
  }
  if (!offers(*document, "code_challenge_methods_supported", "S256")) {
    return unfit(issuer, "does not offer PKCE with S256");
  }
  if (!offers(*document, "response_types_supported", "code")) {
    return unfit(issuer, "does not offer the authorization-code flow");
  }
  const auto* const names = document->find("authorization_response_iss_parameter_supported");
  return OidcEndpoints{.authorization = authorization,
                       .token = std::move(*token),
                       .keys = std::move(*keys),
                       .names_issuer = names != nullptr && names->raw == "true"};
}

std::optional<std::vector<OidcKey>> read_keys(std::string_view text) {
  const auto set = OneObject::read(text);
  const auto* const member = set ? set->find("keys") : nullptr;
  const auto elements = member != nullptr && member->kind == json_text::Kind::kArray
                            ? json_text::read_array(member->raw)
                            : std::nullopt;
  if (!elements || elements->size() > kOidcKeysMax) {
    return std::nullopt;
  }
  std::vector<OidcKey> keys;
  for (const json_text::Member& element : *elements) {
    if (auto key = read_key(element.raw)) {
      keys.push_back(std::move(*key));
    }
  }
  return keys;
}

}  // namespace counterfoil
