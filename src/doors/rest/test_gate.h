#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "authority/acceptance.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/gatekeeper.h"
#include "authority/identity_prover.h"
#include "authority/issuer.h"
#include "authority/replay_memory.h"
#include "authority/sealer.h"
#include "authority/test_gateway.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/manual_clock.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_upstream.h"
#include "journal/recorder.h"
#include "keys/key_format.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "replica/replica.h"

// For tests alone: a whole gateway in front of a test upstream, with a clock that stands still.
namespace counterfoil::rest_test {

inline constexpr Timestamp kStart = from_unix_ms(1'700'000'000'000 - 60'000);
inline constexpr std::string_view kProofSecret = "TESTONLY-upstream-proof-secret-one-0000";
inline const Actor kTester{.name = "test", .source = "local"};

// wait_until gives way to other threads until `happened`, or fails the test.
template <typename Happened>
void wait_until(Happened happened) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!happened()) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "it did not happen";
    std::this_thread::yield();
  }
}

// CountingRandom gives bytes that differ and that everybody knows.
class CountingRandom final : public RandomSource {
 public:
  explicit CountingRandom(std::uint64_t start) : next_(start) {}
  bool fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      next_ = next_ * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<std::uint8_t>(next_ >> 56U);
    }
    return true;
  }

 private:
  std::uint64_t next_;
};

inline RootKey test_root_key() {
  CountingRandom random(7);  // always the same one
  return std::move(RootKey::generate(random).value());
}

inline const std::string& test_profile() {
  static const std::string text = R"(
name = "test"
title = "A profile for tests"
[signing]
api_key_header = "X-MBX-APIKEY"
same_name_in_query_and_body = "pass"
[permissions.USER_DATA]
label = "Reading"
risk = "none"
group = "read"
sub_account = "always"
needs_allow_list = false
default = true
[permissions.TRADE]
label = "Trading"
risk = "none"
group = "trade"
needs_allow_list = false
[permissions.MANAGE_KEYS]
label = "Managing keys"
risk = "none"
needs_allow_list = "always"
manages_keys = true
[limits]
bad_signatures_per_minute = 20
[[limits.rules]]
type = "request_weight"
interval = "minute"
limit = 1000
headers = [{ path_prefix = "/api/", name = "X-MBX-USED-WEIGHT-1M" }]
[[limits.rules]]
type = "orders"
interval = "day"
limit = 160000
headers = [{ path_prefix = "/api/", name = "X-MBX-ORDER-COUNT-1D" }]
[answers]
format = "binance"
[answers.reasons]
route_unknown = { status = 404, code = -5000, text = "Path or method is invalid", html = "<html><body><h2>404 Not found</h2></body></html>" }
api_key_missing = { status = 401, code = -2014, text = "API-key format invalid." }
api_key_malformed = { status = 401, code = -2014, text = "API-key format invalid." }
api_key_repeated = { status = 400, code = -2014, text = "API-key format invalid." }
signature_missing = { status = 400, code = -1102, text = "Mandatory parameter 'signature' was not sent, was empty/null, or malformed." }
body_not_form = { status = 400, code = -1102, text = "A mandatory parameter was not sent, was empty/null, or malformed." }
timestamp_late = { status = 400, code = -1021, text = "Timestamp for this request is outside of the recvWindow." }
api_key_unknown = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
api_key_revoked = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
api_key_suspended = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
address_not_allowed = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
permission_missing = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
signature_wrong = { status = 400, code = -1022, text = "Signature for this request is not valid." }
reserved_parameter_repeated = { status = 400, code = -1101, text = "Duplicate values for a parameter detected." }
parameter_missing = { status = 400, code = -1102, text = "Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed." }
replayed = { status = 400, code = -1021, text = "This signed request was already received; sign each attempt anew." }
address_over_budget = { status = 429, code = -1003, text = "Too much request weight used; current limit is {limit} request weight per {interval}." }
upstream_unreachable = { status = 502, code = -1001, text = "Internal error; unable to process your request. Please try again." }
upstream_out = { status = 503, code = -1001, text = "Internal error; unable to process your request. Please try again." }
overloaded = { status = 503, code = -1008, text = "Server is currently overloaded with other requests. Please try again in a few minutes." }
upstream_timeout = { status = 504, code = -1007, text = "Timeout waiting for response from backend server." }
upstream_broken = { status = 502, code = -1006, text = "An unexpected response was received." }
[routes]
"GET /api/v3/ping" = { security = "public", weight = 1 }
"GET /api/v3/time" = { security = "public", weight = 1 }
"GET /api/v3/heavy" = { security = "public", weight = 600 }
"POST /api/v3/echo" = { security = "public", weight = 1, body = "any" }
"POST /api/v3/small" = { security = "public", weight = 1, body = "any", max_body_bytes = 10 }
"GET /api/v3/slow" = { security = "public", weight = 1, timeout_ms = 1000 }
"GET /api/v3/account" = { security = "signed", permissions = ["USER_DATA"], weight = 20 }
"POST /api/v3/order" = { security = "signed", permissions = ["TRADE"], effect = "order", weight = 1, on_success_weight = 0, orders = 1, symbol_parameter = "symbol" }
"DELETE /api/v3/order" = { security = "signed", permissions = ["TRADE"], effect = "order", weight = 1 }
"POST /api/v3/report" = { security = "signed", permissions = ["USER_DATA"], effect = "change", body = "any" }
"GET /sapi/v1/account/apiRestrictions" = { security = "signed", permissions = ["USER_DATA"], handler = "authority.api_restrictions" }
"POST /counterfoil/v1/self/revoke" = { security = "signed", permissions = "any", effect = "change", handler = "authority.self_revoke" }
"POST /sapi/v1/sub-account/subAccountApi" = { security = "signed", permissions = ["MANAGE_KEYS"], handler = "authority.sub_account_create_key" }
"GET /sapi/v1/sub-account/subAccountApi" = { security = "signed", permissions = ["MANAGE_KEYS"], effect = "change", handler = "authority.sub_account_list_keys" }
"DELETE /sapi/v1/sub-account/subAccountApi" = { security = "signed", permissions = ["MANAGE_KEYS"], handler = "authority.sub_account_revoke_key" }
)";
  return text;
}

// TestKey is an API key and what signs with it. Worth nothing anywhere else.
struct TestKey {
  std::string id;
  std::string secret;
  std::optional<PrivateKey> private_key;

  // sign gives `payload` with its signature behind it.
  [[nodiscard]] std::string sign(const std::string& payload) const {
    return payload + (payload.empty() ? "" : "&") + "signature=" + signature(payload);
  }
  [[nodiscard]] std::string signature(const std::string& payload) const {
    if (private_key) {
      return percent_encode(to_base64(private_key->sign(as_bytes(payload)).value()));
    }
    return to_hex(HmacKey::from_secret(as_bytes(secret)).value().mac(as_bytes(payload)));
  }
};

// Gate is the gateway. Start it after the options are as they should be.
class Gate {
 public:
  using Limits = Gatekeeper::Parts::Limits;

  explicit Gate(const std::string& profile_text = test_profile(), Limits limits = Limits::kOn)
      : limits_(limits), profile_(Profile::parse(profile_text, "test.toml").value()) {
    configure_secret_memory(UnlockedMemory::kAllow);
    build();
    options.listen = {"127.0.0.1:0"};
    options.threads = 1;
    options.upstream.url = upstream.url();
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  Gate(Gate&&) = delete;
  Gate& operator=(Gate&&) = delete;
  ~Gate() {
    upstream.release();
    door.reset();
  }

  void start() {
    auto started = RestDoor::start(options, shared_gatekeeper(), parts());
    ASSERT_TRUE(started.has_value()) << started.error();
    door = std::move(*started);
  }
  [[nodiscard]] RestDoorParts parts() {
    return {.prover = *prover_,
            .recorder = recorder,
            .loops = gateway_->loops,
            .issuer = *issuer,
            .random = random_,
            .clock = clock};
  }
  // gatekeeper_parts is for a gatekeeper by `profile`, which must outlive it.
  [[nodiscard]] Gatekeeper::Parts gatekeeper_parts(const Profile& profile) {
    return {.replica = *replica_,
            .replays = replays_,
            .address_limits = address_limits_,
            .account_limits = account_limits_,
            .bad_signatures = bad_signatures_,
            .profile = profile,
            .format = format_,
            .clock = clock,
            .acceptance = acceptance,
            .seal_refusal = {},
            .limits = limits_};
  }
  // shared_gatekeeper is the gatekeeper as a door takes it; this object owns it all the same.
  [[nodiscard]] std::shared_ptr<Gatekeeper> shared_gatekeeper() {
    return {std::shared_ptr<void>(), &*gatekeeper};
  }
  [[nodiscard]] std::uint16_t port() const { return door->port(); }
  [[nodiscard]] std::string now_ms() const { return std::to_string(to_unix_ms(clock.now())); }

  // import_hmac takes a pair made elsewhere.
  TestKey import_hmac(const std::string& id, const std::string& secret,
                      const std::string& permissions = "USER_DATA,TRADE",
                      const std::string& allow_list = "any") {
    const ImportedKey wanted{.key = {.account = "demo",
                                     .label = id.substr(60),
                                     .permissions = permissions,
                                     .allow_list = allow_list},
                             .api_key = id,
                             .secret = SecretBytes::copy_of(as_bytes(secret)).value()};
    const auto made = issuer->import_key(wanted, kTester);
    EXPECT_TRUE(made.has_value()) << made.error().detail;
    return {.id = id, .secret = secret, .private_key = std::nullopt};
  }
  TestKey hmac_key(const std::string& permissions = "USER_DATA,TRADE",
                   const std::string& allow_list = "any") {
    const std::string number = std::to_string(++keys_);
    return import_hmac("gwTestKey" + std::string(55 - number.size(), '0') + number,
                       "gwTestSecret" + std::string(52 - number.size(), '0') + number, permissions,
                       allow_list);
  }
  TestKey public_key(Scheme scheme) {
    PrivateKey made = PrivateKey::generate(scheme, random_, 2048).value();
    const NewKey wanted{.account = "demo",
                        .label = "public",
                        .material = {.scheme = scheme, .public_key = made.public_key().pem()},
                        .permissions = "USER_DATA,TRADE",
                        .allow_list = "any"};
    const auto issued = issuer->create_key(wanted, kTester);
    EXPECT_TRUE(issued.has_value()) << issued.error().detail;
    return {.id = std::string(issued->key.id.text()), .secret = {}, .private_key = std::move(made)};
  }

  // get makes a signed GET.
  [[nodiscard]] std::string get(const TestKey& key, const std::string& path,
                                const std::string& parameters = "") const {
    return "GET " + path + "?" + key.sign(stamped(parameters)) + " HTTP/1.1\r\nHost: gw.test\r\n" +
           "X-MBX-APIKEY: " + key.id + "\r\n\r\n";
  }
  // post makes a request whose parameters stand in the body.
  [[nodiscard]] std::string post(const TestKey& key, const std::string& path,
                                 const std::string& parameters = "") const {
    return form("POST", key, path, key.sign(stamped(parameters)));
  }
  [[nodiscard]] static std::string form(const std::string& method, const TestKey& key,
                                        const std::string& target, const std::string& body) {
    return method + " " + target + " HTTP/1.1\r\nHost: gw.test\r\nX-MBX-APIKEY: " + key.id +
           "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  [[nodiscard]] std::string stamped(const std::string& parameters) const {
    return parameters + (parameters.empty() ? "" : "&") + "timestamp=" + now_ms();
  }

  ManualClock clock{kStart};
  TestUpstream upstream;
  RestDoorOptions options;
  Recorder recorder;
  Acceptance acceptance;
  std::optional<Gatekeeper> gatekeeper;
  std::optional<Issuer> issuer;
  std::unique_ptr<RestDoor> door;

 private:
  void build() {
    const auto origin = ensure_audit_origin(
        *registry_, []() -> std::expected<RootKey, Problem> { return test_root_key(); }, random_,
        clock, "gw-1");
    ASSERT_TRUE(origin.has_value()) << origin.error().detail;
    audited_.emplace(*registry_, clock, "gw-1", origin->hash);
    auto sealer = Sealer::start(test_root_key(), *audited_, random_);
    ASSERT_TRUE(sealer.has_value()) << sealer.error().detail;
    sealer_ = std::move(*sealer);
    replica_.emplace(profile_.permissions(), *sealer_);
    ASSERT_TRUE(replica_->load(*registry_).has_value());
    gatekeeper.emplace(gatekeeper_parts(profile_));
    acceptance.forget_before(clock.now());
    prover_.emplace("1", HmacKey::from_secret(as_bytes(kProofSecret)).value(), "gw-1");
    gateway_.emplace(*registry_, *replica_, clock, random_);
    issuer.emplace(*audited_, *sealer_, gateway_->enforcement(), random_, clock,
                   profile_.permissions(), format_,
                   IssuerRules{.life = {},
                               .default_life = std::nullopt,
                               .default_permissions = {},
                               .possession = Possession::kNotAsked,
                               .manages_keys = profile_.permissions_managing_keys(),
                               .management = profile_.management_permissions()});
    ASSERT_TRUE(issuer->create_account("demo", "Demo", kTester).has_value());
    clock.advance(std::chrono::seconds(60));  // past what a start refuses
    acceptance.extend(clock.boot_now() + std::chrono::hours(24),
                      Acceptance::offset_of(clock.now(), clock.boot_now()));
  }

  Limits limits_;
  Profile profile_;
  CountingRandom random_{1};
  KeyFormat format_;
  std::unique_ptr<Registry> registry_ = make_memory_registry();
  std::optional<AuditedRegistry> audited_;
  std::unique_ptr<Sealer> sealer_;
  std::optional<Replica> replica_;
  ReplayMemory replays_{100'000};
  AddressLimits address_limits_{profile_.limits(), {}};
  AccountLimits account_limits_{profile_.limits(), {}};
  BadSignatures bad_signatures_{profile_.limits(), {}};
  std::optional<IdentityProver> prover_;
  std::optional<TestGateway> gateway_;
  int keys_ = 0;
};

}  // namespace counterfoil::rest_test
