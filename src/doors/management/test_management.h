#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/audit_export.h"
#include "authority/audit_keeper.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/autopsy_reports.h"
#include "authority/issuer.h"
#include "authority/mass_actions.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/sealing_rotation.h"
#include "authority/test_gateway.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "crypto/secret_arena.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "keys/key_format.h"
#include "policy/profile.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "replica/replica.h"

// For tests alone: the management API on an authority of its own, with a clock that stands still.
namespace counterfoil::management_test {

inline constexpr Timestamp kNow = from_unix_ms(1'772'366'400'000);  // 2026-03-01T12:00:00Z

inline constexpr std::string_view kProfile = R"(
name = "test"
title = "A profile for tests"
[signing]
api_key_header = "X-MBX-APIKEY"
[permissions.USER_DATA]
label = "Reading"
risk = "Sees balances."
group = "read"
needs_allow_list = false
default = true
[permissions.TRADE]
label = "Trading"
risk = "Loses money."
group = "trade"
needs_allow_list = true
[permissions.MANAGE_KEYS]
label = "Managing keys"
risk = "Makes keys."
needs_allow_list = "always"
manages_keys = true
[permissions.MANAGEMENT_READ]
label = "Reading the account"
risk = "Sees keys."
needs_allow_list = false
management = "read_own"
[permissions.MANAGEMENT]
label = "Managing the account"
risk = "Ends keys."
needs_allow_list = true
management = "manage_own"
[permissions.MANAGEMENT_AUDITOR]
label = "Reading all"
risk = "Sees all."
needs_allow_list = "always"
management = "read_all"
[permissions.MANAGEMENT_OPERATOR]
label = "Managing all"
risk = "Ends all."
needs_allow_list = "always"
management = "manage_all"
[limits]
bad_signatures_per_minute = 20
[[limits.rules]]
type = "request_weight"
interval = "minute"
limit = 1000
[answers]
format = "binance"
[routes]
"GET /api/v3/account" = { security = "signed", permissions = ["USER_DATA"] }
)";

// Reply is an answer taken apart.
struct Reply {
  int status = 0;
  nlohmann::json json;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }
  // text of an answer without an object is empty.
  [[nodiscard]] std::string text(const char* name) const {
    return json.is_object() ? json.value(name, "") : "";
  }
  [[nodiscard]] std::string reason() const { return text("reason"); }
};

// must unwraps what the set-up of a test needs, or says why there is none.
template <typename T>
T must(std::expected<T, Problem> made) {
  if (!made) {
    throw std::runtime_error(made.error().reason + ": " + made.error().detail);
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*made);
  }
}

inline Profile test_profile() {
  auto parsed = Profile::parse(kProfile, "test.toml");
  if (!parsed) {
    throw std::runtime_error(parsed.error().to_string());
  }
  return std::move(*parsed);
}

class ManagementTest : public testing::Test {
 protected:
  ManagementTest() : profile_(test_profile()) {
    configure_secret_memory(UnlockedMemory::kAllow);
    const RootKeyLoader root = [this]() -> std::expected<RootKey, Problem> {
      return std::move(RootKey::load(root_path()).value());
    };
    (void)RootKey::create_file(root_path(), random_).value();
    auto origin = must(ensure_audit_origin(*registry_, root, random_, clock_, "test"));
    audited_.emplace(*registry_, clock_, "test", origin.hash);
    sealer_ = must(Sealer::start(must(root()), *audited_, random_));
    keeper_ = must(AuditKeeper::start({.registry = *registry_,
                                       .audited = *audited_,
                                       .sealer = *sealer_,
                                       .journal = *journal_,
                                       .random = random_,
                                       .clock = clock_},
                                      std::move(origin)));
    autopsies_.emplace(*journal_, *sealer_);
    replica_.emplace(profile_.permissions(), *sealer_);
    (void)replica_->load(*registry_).value();
    gateway_.emplace(*registry_, *replica_, clock_, random_);
    issuer_.emplace(
        *audited_, *sealer_, gateway_->enforcement(), random_, clock_, profile_.permissions(),
        KeyFormat(),
        IssuerRules{.life = {.needs_allow_list = profile_.permissions_needing_allow_list()},
                    .default_permissions = profile_.default_permissions(),
                    .manages_keys = profile_.permissions_managing_keys(),
                    .management = profile_.management_permissions()});
    mass_actions_.emplace(MassActions::Parts{.registry = *audited_,
                                             .issuer = *issuer_,
                                             .journal = *journal_,
                                             .permissions = profile_.permissions(),
                                             .random = random_,
                                             .clock = clock_});
    secrets_.emplace(SealingRotation::Parts{.audited = *audited_,
                                            .registry = *registry_,
                                            .sealer = *sealer_,
                                            .journal = *journal_,
                                            .revoker = gateway_->revoker,
                                            .loops = gateway_->loops,
                                            .permissions = profile_.permissions(),
                                            .clock = clock_,
                                            .drain = [] { return true; },
                                            .root_key_file = root_path()});
    api_.emplace(parts());
  }

  [[nodiscard]] ManagementApi::Parts parts() {
    return {.issuer = *issuer_,
            .profile = [this] { return profile_; },
            .clock = clock_,
            .activity = activity_,
            .autopsies = *autopsies_,
            .receipts = gateway_->receipts,
            .mass_actions = *mass_actions_,
            .secrets = *secrets_,
            .status =
                [this] {
                  const auto last = registry_->last_audit();
                  return NodeStatus{.version = "1.2.3",
                                    .node = "test",
                                    .audit_seq = last && *last ? (*last)->seq : 0};
                },
            .export_audit = [this](const AuditLineSink& sink) { return keeper_->export_log(sink); },
            .create_backup = {},
            .reload = [this](const Actor&) { return reload_answer_; },
            .confirm_clock =
                [this](const Actor&, std::optional<std::int64_t> step_ms) {
                  confirmed_step_ms_ = step_ms;
                  return std::expected<ClockFacts, Problem>(ClockFacts{.time = clock_.now()});
                }};
  }

  [[nodiscard]] std::string root_path() const { return (directory_.path() / "root.key").string(); }

  Reply call(http::Method method, std::string_view target, std::string_view body = {},
             std::string_view if_match = {}) {
    return send(method, target, body.empty() ? "" : "application/json", body, if_match);
  }
  Reply send(http::Method method, std::string_view target, std::string_view content_type,
             std::string_view body, std::string_view if_match = {}) {
    const auto question = target.find('?');
    const ApiAnswer answer = api_->answer(
        {.method = method,
         .path = target.substr(0, question),
         .query = question == std::string_view::npos ? "" : target.substr(question + 1),
         .content_type = content_type,
         .if_match = if_match,
         .body = body,
         .request_id = "request-1",
         .actor = {.name = "socket:uid=7", .source = "local"}});
    Reply reply{.status = answer.status,
                .json = {},
                .body = std::string(std::string_view(answer.body)),
                .headers = answer.headers};
    if (answer.stream) {
      answer.stream([&](std::string_view piece) {
        reply.body += piece;
        return true;
      });
    } else {
      reply.json = nlohmann::json::parse(reply.body, nullptr, false);
    }
    everything_ += reply.body;
    return reply;
  }
  Reply get(std::string_view target) { return call(http::Method::kGet, target); }
  Reply post(std::string_view target, std::string_view body = {}, std::string_view if_match = {}) {
    return call(http::Method::kPost, target, body, if_match);
  }
  Reply patch(std::string_view target, std::string_view body, std::string_view if_match = {}) {
    return call(http::Method::kPatch, target, body, if_match);
  }

  void make_account(std::string_view id = "demo") {
    ASSERT_EQ(post("/api/v1/accounts", R"({"id":")" + std::string(id) + R"("})").status, 201);
  }
  // make_key gives the path of a new HMAC key.
  std::string make_key(const std::string& label = "bot") {
    const Reply made =
        post("/api/v1/keys", R"({"account":"demo","type":"hmac-sha256","label":")" + label + "\"}");
    EXPECT_EQ(made.status, 201) << made.body;
    return "/api/v1/keys/" + made.text("api_key");
  }
  // proof is a public key with the signature over a challenge for it.
  std::string proof(const PrivateKey& key, const std::string& account = "demo") {
    const std::string pem = key.public_key().pem();
    const Reply asked = post("/api/v1/challenges",
                             nlohmann::json{{"account", account}, {"public_key", pem}}.dump());
    EXPECT_EQ(asked.status, 201) << asked.body;
    const nlohmann::json members{
        {"public_key", pem},
        {"possession",
         {{"nonce", asked.text("nonce")},
          {"signature", to_base64(key.sign(as_bytes(asked.text("text"))).value())}}}};
    const std::string text = members.dump();
    return text.substr(1, text.size() - 2);
  }

  TemporaryDirectory directory_;  // nobody else may write where a root key lies
  ManualClock clock_{kNow};
  SystemRandom random_;
  Profile profile_;
  std::unique_ptr<Registry> registry_ = make_memory_registry();
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  Activity activity_{*journal_};
  std::optional<AuditedRegistry> audited_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<AuditKeeper> keeper_;
  std::optional<AutopsyReports> autopsies_;
  std::optional<Replica> replica_;
  std::optional<TestGateway> gateway_;
  std::optional<Issuer> issuer_;
  std::optional<MassActions> mass_actions_;
  std::optional<SealingRotation> secrets_;
  std::optional<ManagementApi> api_;
  std::expected<ReloadFacts, Problem> reload_answer_;
  std::optional<std::int64_t> confirmed_step_ms_;
  std::string everything_;  // every body that was ever answered
};

}  // namespace counterfoil::management_test
