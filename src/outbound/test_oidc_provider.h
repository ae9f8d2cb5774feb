#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "outbound/http_client.h"
#include "outbound/oidc_client.h"
#include "outbound/web_url.h"

namespace counterfoil {

// TestOidcProvider is an identity provider without sockets, as good or as hostile as a test wants
// it. For tests alone.
class TestOidcProvider {
 public:
  using Json = nlohmann::json;

  explicit TestOidcProvider(const Clock& clock) : clock_(clock) { add_key("k1"); }

  static constexpr std::string_view kIssuer = "https://id.example.com";
  static constexpr std::string_view kClientId = "counterfoil";

  // add_key: tokens are signed with the newest.
  void add_key(const std::string& id) {
    auto key = PrivateKey::generate(Scheme::kEd25519, random_);
    keys.push_back({id, std::move(*key)});
  }

  [[nodiscard]] static Json discovery() {
    return {{"issuer", kIssuer},
            {"authorization_endpoint", "https://id.example.com/auth"},
            {"token_endpoint", "https://id.example.com/token"},
            {"jwks_uri", "https://id.example.com/jwks"},
            {"id_token_signing_alg_values_supported", {"EdDSA", "RS256"}},
            {"code_challenge_methods_supported", {"S256"}},
            {"response_types_supported", {"code"}},
            {"authorization_response_iss_parameter_supported", true}};
  }
  [[nodiscard]] Json jwks() const {
    Json set = Json::array();
    for (const auto& [id, key] : keys) {
      set.push_back({{"kty", "OKP"},
                     {"crv", "Ed25519"},
                     {"kid", id},
                     {"use", "sig"},
                     {"x", to_base64url(key.public_key().ed25519_point())}});
    }
    return {{"keys", set}};
  }
  [[nodiscard]] Json claims(const std::string& nonce) const {
    const std::int64_t now = to_unix_ms(clock_.now()) / 1000;
    return {{"iss", kIssuer}, {"aud", kClientId}, {"sub", subject},   {"nonce", nonce},
            {"iat", now},     {"exp", now + 300}, {"auth_time", now}, {"email", "ana@example.com"}};
  }
  [[nodiscard]] std::string signed_token(const Json& header, const Json& claims) const {
    const std::string part =
        to_base64url(as_bytes(header.dump())) + "." + to_base64url(as_bytes(claims.dump()));
    return part + "." + to_base64url(*keys.back().second.sign(as_bytes(part)));
  }
  [[nodiscard]] std::string token(const Json& claims) const {
    return signed_token({{"alg", "EdDSA"}, {"kid", keys.back().first}}, claims);
  }

  // fetch answers as this provider; it must outlive what it is given to.
  [[nodiscard]] WebFetch fetch() {
    return [this](const WebUrl& url, const HttpCall& call) {
      ++calls[url.target];
      last_call = call;
      if (down) {
        return std::expected<HttpReply, std::string>(
            std::unexpected(url.authority + ": no answer"));
      }
      return std::expected<HttpReply, std::string>(answer(url, call));
    };
  }
  // go_through signs a person in: it gives the code that `url` leads to.
  [[nodiscard]] std::string go_through(std::string_view url) {
    nonce_ = parameter(url.substr(url.find('?') + 1), "nonce");
    challenge_ = parameter(url.substr(url.find('?') + 1), "code_challenge");
    code_ = "code" + std::to_string(++codes_);
    return *code_;
  }
  [[nodiscard]] static std::string parameter(std::string_view form, std::string_view name) {
    while (!form.empty()) {
      const std::string_view pair = form.substr(0, form.find('&'));
      form.remove_prefix(std::min(form.size(), pair.size() + 1));
      if (pair.substr(0, pair.find('=')) == name) {
        return form_decode(pair.substr(pair.find('=') + 1)).value_or("");
      }
    }
    return {};
  }

  std::string subject = "user-1";
  std::vector<std::pair<std::string, PrivateKey>> keys;
  std::map<std::string, int> calls;
  HttpCall last_call;
  bool down = false;
  std::optional<Json> other_discovery;
  std::optional<std::string> other_keys;
  std::function<void(Json& claims)> change_claims;
  std::function<std::string(const Json& claims)> make_token;

 private:
  [[nodiscard]] static HttpReply json(const Json& body, int status = 200) {
    return {.status = status, .headers = {}, .body = body.dump()};
  }
  [[nodiscard]] HttpReply answer(const WebUrl& url, const HttpCall& call) {
    if (url.target == "/.well-known/openid-configuration") {
      return json(other_discovery.value_or(discovery()));
    }
    if (url.target == "/jwks") {
      return other_keys ? HttpReply{.status = 200, .headers = {}, .body = *other_keys}
                        : json(jwks());
    }
    const std::string code = parameter(call.body, "code");
    const std::string verifier = parameter(call.body, "code_verifier");
    if (code_ != code || to_base64url(sha256(as_bytes(verifier))) != challenge_) {
      return json({{"error", "invalid_grant"}}, 400);
    }
    code_.reset();
    Json made = claims(nonce_);
    if (change_claims) {
      change_claims(made);
    }
    return json({{"access_token", "at"},
                 {"token_type", "Bearer"},
                 {"id_token", make_token ? make_token(made) : token(made)}});
  }

  const Clock& clock_;
  SystemRandom random_;
  std::string nonce_;
  std::string challenge_;
  std::optional<std::string> code_;
  int codes_ = 0;
};

}  // namespace counterfoil
