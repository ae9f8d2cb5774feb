#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/event_loops.h"
#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "authority/replay_memory.h"
#include "authority/sealer.h"
#include "authority/secret_job.h"
#include "authority/test_gateway.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "keys/key_format.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "registry/memory_registry.h"
#include "registry/registry_proxy.h"
#include "replica/replica.h"

// For tests alone: an authority and one gateway over a registry in memory, on a clock that stands
// still, and callers that sign.
namespace counterfoil {

inline constexpr Timestamp kTestStart = from_unix_ms(1'700'000'000'000);

// ScriptedRandom is the system's random source until a test lets it fail.
class ScriptedRandom final : public RandomSource {
 public:
  bool fill(std::span<std::uint8_t> out) override { return !fails && system_.fill(out); }
  bool fails = false;

 private:
  SystemRandom system_;
};

// InlineLoop is an event loop that comes round when it is told to: at once, later, or never.
class InlineLoop final : public EventLoop {
 public:
  enum class Mode : std::uint8_t { kAtOnce, kKeep, kEnded };
  Mode mode = Mode::kAtOnce;
  std::vector<std::move_only_function<void()>> kept;
  int rounds = 0;

  bool post(std::move_only_function<void()> work) override {
    if (mode == Mode::kEnded) {
      return false;
    }
    if (mode == Mode::kKeep) {
      kept.push_back(std::move(work));
      return true;
    }
    ++rounds;
    work();
    return true;
  }
};

// test_profile has one route of each kind. `answers` is put into [answers].
inline Profile test_profile(std::string_view answers = R"(format = "binance"
[answers.reasons]
api_key_unknown = { status = 401, code = -2015, text = "Invalid API-key, IP, or permissions for action." }
signature_wrong = { status = 400, code = -1022, text = "Signature for this request is not valid." }
)",
                            std::string_view replayed_orders = "refuse") {
  const std::string text = std::string(R"(name = "test"
title = "A test API"

[signing]
api_key_header = "X-MBX-APIKEY"
api_key_parameter = "apiKey"
signature_parameter = "signature"
timestamp_parameter = "timestamp"
recv_window_parameter = "recvWindow"
same_name_in_query_and_body = "pass"
replayed_orders = ")") + std::string(replayed_orders) +
                           R"("

[permissions.USER_DATA]
label = "Reading"
risk = "A thief reads."
api_restrictions = ["enableReading"]
needs_allow_list = false
default = true

[permissions.TRADE]
label = "Trading"
risk = "A thief trades."
api_restrictions = ["enableSpotAndMarginTrading"]
needs_allow_list = true

[permissions.WITHDRAW]
label = "Withdrawals"
risk = "A thief withdraws."
api_restrictions = ["enableWithdrawals"]
needs_allow_list = true

[limits]
table_max = 1000
bad_signatures_per_minute = 3

[[limits.rules]]
type = "request_weight"
interval = "minute"
limit = 100

[[limits.rules]]
type = "orders"
interval = "minute"
limit = 3

[answers]
)" + std::string(answers) + R"(
[routes]
"GET /v1/time" = { security = "public" }

[routes."GET /v1/account"]
security = "signed"
permissions = ["USER_DATA"]
weight = 20
on_success_weight = 5

[routes."POST /v1/order"]
security = "signed"
permissions = ["TRADE"]
effect = "order"
orders = 1

[routes."DELETE /v1/order"]
security = "signed"
permissions = ["TRADE"]
effect = "cancel"

[routes."GET /v1/restrictions"]
security = "signed"
permissions = "any"
handler = "authority.api_restrictions"

[routes."POST /v1/self/revoke"]
security = "signed"
permissions = "any"
effect = "change"
handler = "authority.self_revoke"
)";
  auto parsed = Profile::parse(text, "test.toml");
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().to_string());
  return *parsed;
}

// hmac_hex signs as a client does.
inline std::string hmac_hex(std::string_view secret, std::string_view payload) {
  return to_hex(HmacKey::from_secret(as_bytes(secret)).value().mac(as_bytes(payload)));
}

// TestAuthority is everything behind the doors, built as the program builds it.
class TestAuthority {
 public:
  explicit TestAuthority(IssuerRules wanted = {}, Profile chosen = test_profile())
      : profile(std::move(chosen)) {
    wanted.life.needs_allow_list = profile.permissions_needing_allow_list();
    wanted.default_permissions = profile.default_permissions();
    wanted.manages_keys = profile.permissions_managing_keys();
    wanted.management = profile.management_permissions();
    auto started = Sealer::start(RootKey::generate(random).value(), audited, random);
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().detail);
    sealer = std::move(*started);
    replica = std::make_unique<Replica>(profile.permissions(), *sealer);
    gateway = std::make_unique<TestGateway>(
        *registry, *replica, clock, random,
        [this](std::chrono::milliseconds at_most) { clock.advance(at_most); });
    gateway->loops.add(loop);
    issuer = std::make_unique<Issuer>(audited, *sealer, gateway->enforcement(), random, clock,
                                      profile.permissions(), KeyFormat(), std::move(wanted));
    EXPECT_TRUE(issuer->create_account("demo", "Demo", actor).has_value());
  }

  // new_key makes an HMAC key and gives its secret beside it.
  struct HmacCaller {
    ApiKey key;
    std::string secret;
    [[nodiscard]] std::string id() const { return std::string(key.id.text()); }
  };
  HmacCaller new_key(std::string permissions = "USER_DATA", std::string allow_list = "any") {
    auto made = issuer->create_key({.account = "demo",
                                    .label = {},
                                    .material = {},
                                    .permissions = std::move(permissions),
                                    .allow_list = std::move(allow_list)},
                                   actor);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return {.key = made->key, .secret = SecretJob::to_shown_text(*made->secret)};
  }

  // prove gives the material of a public key with a signed challenge.
  KeyMaterial prove(const PrivateKey& key, const std::string& account = "demo") {
    KeyMaterial material{.scheme = key.scheme(),
                         .public_key = key.public_key().pem(),
                         .possession_nonce = {},
                         .possession_signature = {}};
    const auto challenge = issuer->challenge(account, material.public_key);
    EXPECT_TRUE(challenge.has_value()) << (challenge ? "" : challenge.error().detail);
    material.possession_nonce = challenge->nonce;
    material.possession_signature = to_base64(key.sign(as_bytes(challenge->text)).value());
    return material;
  }

  // last_audit is the newest record of the audit chain.
  [[nodiscard]] std::string last_audit() const { return registry->last_audit().value()->bytes; }

  ManualClock clock{kTestStart};
  ScriptedRandom random;
  Profile profile;
  std::unique_ptr<Registry> store = make_memory_registry();
  std::unique_ptr<RegistryProxy> registry = std::make_unique<RegistryProxy>(*store);
  AuditedRegistry audited{*registry, clock, "node-1", Digest{}};
  std::unique_ptr<Sealer> sealer;
  std::unique_ptr<Replica> replica;
  InlineLoop loop;
  std::unique_ptr<TestGateway> gateway;
  std::unique_ptr<Issuer> issuer;
  Actor actor{.name = "socket:uid=1000", .source = "local"};
};

}  // namespace counterfoil
