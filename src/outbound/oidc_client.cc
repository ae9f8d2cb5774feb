#include "outbound/oidc_client.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/percent.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"
#include "outbound/address_rule.h"
#include "outbound/http_client.h"
#include "outbound/id_token.h"
#include "outbound/oidc_documents.h"
#include "outbound/one_object.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

using Kind = OidcFault::Kind;

constexpr int kOk = 200;
constexpr int kServerFault = 500;
constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";
constexpr std::size_t kErrorNameBytesMax = 64;

std::unexpected<OidcFault> fault(Kind kind, std::string sentence) {
  return std::unexpected(OidcFault{.kind = kind, .sentence = std::move(sentence)});
}

// "S256: code_challenge = BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))", RFC 7636 section 4.2.
std::string challenge_of(std::string_view verifier) {
  return to_base64url(sha256(as_bytes(verifier)));
}

// "If the Issuer value contains a path component, any terminating / MUST be removed before
// appending /.well-known/openid-configuration."
std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) {
    issuer.remove_suffix(1);
  }
  return std::string(issuer) + std::string(kWellKnown);
}

// error_name gives the word of an error answer (RFC 6749 section 5.2), if it is one.
std::string error_name(std::string_view body) {
  const auto object = OneObject::read(body);
  const std::string name = object ? object->text("error").value_or("") : "";
  const bool is_word = name.size() <= kErrorNameBytesMax && std::ranges::all_of(name, [](char c) {
                         return (c >= 'a' && c <= 'z') || c == '_';
                       });
  return is_word ? name : std::string();
}

// Place counts one of those who call at a time.
class Place {
 public:
  explicit Place(std::atomic<int>& taken) : taken_(taken), is_free_(++taken <= kMax) {}
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  Place(Place&&) = delete;
  Place& operator=(Place&&) = delete;
  [[nodiscard]] bool is_free() const { return is_free_; }

 private:
  static constexpr int kMax = OidcClient::kCallsMax;
  std::atomic<int>& taken_;
  bool is_free_;
};

std::unexpected<OidcFault> busy() {
  return fault(Kind::kBusy, "too many people sign in through the identity provider at once");
}

void add_parameter(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty() && !text.ends_with('?') && !text.ends_with('&')) {
    text += '&';
  }
  text.append(name).append("=").append(percent_encode(value));
}

}  // namespace

WebFetch oidc_fetch(std::string authorities, std::vector<Cidr> networks) {
  return [authorities = std::move(authorities), networks = std::move(networks)](
             const WebUrl& url, const HttpCall& call) -> std::expected<HttpReply, std::string> {
    AddressRule rule{.where = AddressRule::Where::kLoopback};
    if (url.tls) {
      rule = {.where = AddressRule::Where::kPublic, .also = networks};
    }
    const auto client = HttpClient::make({.host = url.host,
                                          .port = url.port,
                                          .authority = url.authority,
                                          .tls = url.tls,
                                          .authorities = authorities,
                                          .addresses = std::move(rule)});
    return client ? client->call(call, kOidcCallTimeMax) : std::unexpected(client.error());
  };
}

std::expected<std::string, OidcFault> OidcClient::get(const WebUrl& url) {
  const auto reply = fetch_(
      url, {.method = "GET", .target = url.target, .headers = {{"Accept", "application/json"}}});
  if (!reply) {
    return fault(Kind::kUnreachable, reply.error());
  }
  if (reply->status != kOk || reply->body.size() > kOidcDocumentBytesMax) {
    return fault(Kind::kUnreachable, url.authority + url.target + " answered " +
                                         std::to_string(reply->status) + " and no document");
  }
  return reply->body;
}

std::expected<OidcClient::Keys, OidcFault> OidcClient::ask_keys(const OidcEndpoints& endpoints) {
  const auto text = get(endpoints.keys);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto keys = read_keys(*text);
  if (!keys || keys->empty()) {
    return fault(Kind::kUnreachable, endpoints.keys.authority + endpoints.keys.target +
                                         " has no keys for RS256, ES256 or EdDSA");
  }
  return std::make_shared<const std::vector<OidcKey>>(std::move(*keys));
}

std::expected<OidcClient::Published, OidcFault> OidcClient::ask_all() {
  const auto url = WebUrl::parse(discovery_url(settings_.issuer));
  if (!url) {
    return fault(Kind::kUnreachable, "oidc.issuer is no URL");
  }
  const auto text = get(*url);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto endpoints = read_discovery(*text, settings_.issuer);
  if (!endpoints) {
    return fault(Kind::kUnreachable, std::move(endpoints.error()));
  }
  auto keys = ask_keys(*endpoints);
  if (!keys) {
    return std::unexpected(std::move(keys.error()));
  }
  return Published{.endpoints = std::move(*endpoints), .keys = std::move(*keys)};
}

std::expected<OidcClient::Published, OidcFault> OidcClient::published() {
  const std::scoped_lock lock(mutex_);
  const BootTime now = clock_.boot_now();
  if (known_.endpoints && now < known_.asked_at + kDocumentsLife) {
    return Published{.endpoints = *known_.endpoints, .keys = known_.keys};
  }
  // A provider that is down is not asked by everybody who comes: strangers could call through us.
  if (known_.fault && now < known_.asked_at + kRetryAfter) {
    return std::unexpected(*known_.fault);
  }
  auto asked = ask_all();
  known_.asked_at = clock_.boot_now();
  known_.keys_asked_at = known_.asked_at;
  if (!asked) {
    known_.fault = asked.error();
    known_.endpoints.reset();
    return asked;
  }
  known_.fault.reset();
  known_.endpoints = asked->endpoints;
  known_.keys = asked->keys;
  return asked;
}

OidcClient::Keys OidcClient::keys_anew(const Published& old) {
  const std::scoped_lock lock(mutex_);
  if (known_.keys != old.keys) {
    return known_.keys;  // somebody else has just asked
  }
  if (clock_.boot_now() < known_.keys_asked_at + kKeysAnewAfter) {
    return old.keys;
  }
  auto keys = ask_keys(old.endpoints);
  known_.keys_asked_at = clock_.boot_now();
  if (keys) {
    known_.keys = std::move(*keys);
  }
  return known_.keys;
}

std::expected<std::string, OidcFault> OidcClient::authorization_url(const Flow& flow) {
  const Place place(calls_);
  if (!place.is_free()) {
    return busy();
  }
  const auto known = published();
  if (!known) {
    return std::unexpected(known.error());
  }
  std::string url = known->endpoints.authorization;
  url += url.contains('?') ? "&" : "?";
  add_parameter(url, "response_type", "code");
  add_parameter(url, "client_id", settings_.client_id);
  add_parameter(url, "redirect_uri", flow.redirect_uri);
  add_parameter(url, "scope", "openid email profile");
  add_parameter(url, "state", flow.state);
  add_parameter(url, "nonce", flow.nonce);
  add_parameter(url, "code_challenge", challenge_of(flow.verifier));
  add_parameter(url, "code_challenge_method", "S256");
  if (settings_.max_age) {
    add_parameter(url, "max_age", std::to_string(settings_.max_age->count()));
  }
  if (!settings_.levels.empty()) {
    std::string levels;
    for (const std::string& level : settings_.levels) {
      levels += (levels.empty() ? "" : " ") + level;
    }
    add_parameter(url, "acr_values", levels);
  }
  return url;
}

std::expected<OidcClient::Tokens, OidcFault> OidcClient::exchange(const OidcEndpoints& endpoints,
                                                                  const Flow& flow,
                                                                  const std::string& code) {
  HttpCall call{.method = "POST",
                .target = endpoints.token.target,
                .headers = {{"Authorization", secret_.basic_authorization(settings_.client_id)},
                            {"Content-Type", "application/x-www-form-urlencoded"},
                            {"Accept", "application/json"}}};
  add_parameter(call.body, "grant_type", "authorization_code");
  add_parameter(call.body, "code", code);
  add_parameter(call.body, "redirect_uri", flow.redirect_uri);
  add_parameter(call.body, "code_verifier", flow.verifier);
  auto reply = fetch_(endpoints.token, call);
  wipe(call.headers.front().second);
  wipe(call.body);
  if (!reply) {
    return fault(Kind::kUnreachable, std::move(reply.error()));
  }
  if (reply->status != kOk) {
    const std::string name = error_name(reply->body);
    return fault(reply->status >= kServerFault ? Kind::kUnreachable : Kind::kRefused,
                 endpoints.token.authority + endpoints.token.target + " refused with " +
                     std::to_string(reply->status) + (name.empty() ? "" : " " + name));
  }
  const auto object = OneObject::read(reply->body);
  Tokens tokens{.id_token = object ? object->text("id_token").value_or("") : "",
                .access_token = object ? object->text("access_token").value_or("") : ""};
  wipe(reply->body);
  if (tokens.id_token.empty()) {
    return fault(Kind::kUnreachable, endpoints.token.authority + endpoints.token.target +
                                         " gave no ID token; is this an OpenID Connect client?");
  }
  return tokens;
}

std::expected<OidcIdentity, OidcFault> OidcClient::redeem(const Flow& flow, const Answer& answer) {
  const Place place(calls_);
  if (!place.is_free()) {
    return busy();
  }
  const auto known = published();
  if (!known) {
    return std::unexpected(known.error());
  }
  // "Clients that support this specification MUST extract the value of the iss parameter [...] and
  // compare [...]. If the value does not match the expected issuer identifier, clients MUST
  // reject".
  if (answer.issuer ? *answer.issuer != settings_.issuer : known->endpoints.names_issuer) {
    return fault(Kind::kRefused, "the browser brought the answer of another issuer");
  }
  if (answer.code.empty() || answer.code.size() > kCodeBytesMax) {
    return fault(Kind::kRefused, "the browser brought no code");
  }
  auto tokens = exchange(known->endpoints, flow, answer.code);
  if (!tokens) {
    return std::unexpected(std::move(tokens.error()));
  }
  const auto token = read_id_token(tokens->id_token);
  const IdTokenRules rules{.issuer = settings_.issuer,
                           .client_id = settings_.client_id,
                           .nonce = flow.nonce,
                           .access_token = tokens->access_token,
                           .max_age = settings_.max_age};
  const Timestamp now = clock_.now();
  auto judged =
      token ? judge_id_token(*token, *known->keys, rules, now) : std::unexpected(token.error());
  if (!judged && judged.error() == IdTokenFault::kUnknownKey) {
    judged = judge_id_token(*token, *keys_anew(*known), rules, now);
  }
  wipe(tokens->access_token);
  if (!judged) {
    return fault(Kind::kRefused, "the ID token " + std::string(describe(judged.error())));
  }
  return std::move(*judged);
}

}  // namespace counterfoil
