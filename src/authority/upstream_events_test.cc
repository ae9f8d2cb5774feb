#include "authority/upstream_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/authority_fixture.h"
#include "authority/expiry_watch.h"
#include "authority/identity_prover.h"
#include "authority/issuer.h"
#include "authority/receipts.h"
#include "authority/upstream_event.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "outbound/http_client.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

// UpstreamEventsTest is a house whose upstream answers what the test says, each time deliver() is
// called by the test.
class UpstreamEventsTest : public testing::Test {
 protected:
  UpstreamEventsTest() {
    open();
    house_.gateway->events = &*events_;
    house_.issuer = std::make_unique<Issuer>(
        house_.audited, *house_.sealer, house_.gateway->enforcement(), house_.random, house_.clock,
        house_.profile.permissions(), KeyFormat(), IssuerRules{});
  }
  void open() {
    events_.emplace(UpstreamEvents::Parts{
        .registry = house_.audited,
        .receipts = house_.gateway->receipts,
        .prover = prover_,
        .random = house_.random,
        .clock = house_.clock,
        .send = [this](const HttpCall& call) -> std::expected<HttpReply, std::string> {
          calls_.push_back(call);
          if (const auto act = std::exchange(when_called_, {})) {
            act();
          }
          if (!answer_) {
            return std::unexpected("the upstream did not answer");
          }
          return HttpReply{.status = *answer_, .headers = {}, .body = R"({"canceled":2})"};
        },
        .rules = {.path = "/counterfoil/events"}});
  }
  Json body(std::size_t call) const { return Json::parse(calls_.at(call).body); }
  std::string header(std::size_t call, std::string_view name) const {
    for (const auto& [key, value] : calls_.at(call).headers) {
      if (key == name) {
        return value;
      }
    }
    return {};
  }
  std::optional<UpstreamAnswer> kept_answer(const std::string& object) const {
    const auto rows = house_.gateway->journal->receipts(object, 1).value();
    const auto key = AuditKey::from_pem(house_.gateway->node_key.public_key().pem()).value();
    return check_receipt(rows.at(0).bytes, key)->upstream;
  }

  TestAuthority house_;
  IdentityProver prover_{
      "1", HmacKey::from_secret(as_bytes(std::string_view("TESTONLY-upstream-proof"))).value(),
      "node-1"};
  std::optional<UpstreamEvents> events_;
  std::vector<HttpCall> calls_;
  std::optional<int> answer_ = 200;
  std::function<void()> when_called_;  // once
  TestAuthority::HmacCaller caller_ = house_.new_key();
};

TEST_F(UpstreamEventsTest, ARevokedKeyIsToldOnceWithAProofThatNoClientCanMake) {
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "leaked", house_.actor).has_value());
  events_->deliver();
  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].method, "POST");
  EXPECT_EQ(calls_[0].target, "/counterfoil/events");
  EXPECT_EQ(body(0)["type"], "key.revoked");
  EXPECT_EQ(body(0)["api_key"], caller_.id());
  EXPECT_EQ(body(0)["account"], "demo");
  EXPECT_EQ(body(0)["reason"], "leaked");
  EXPECT_EQ(body(0)["cancel_open_orders"], true);
  EXPECT_EQ(header(0, "X-Counterfoil-Key"), caller_.id());
  EXPECT_EQ(header(0, "X-Counterfoil-Account"), "demo");
  EXPECT_EQ(header(0, "X-Counterfoil-Permissions"), "");
  EXPECT_TRUE(header(0, "X-Counterfoil-Proof").starts_with("v1;kid=1;ts="));
  EXPECT_EQ(header(0, "Content-Type"), "application/json");
  EXPECT_EQ(events_->untold(), 0U);
  EXPECT_TRUE(house_.last_audit().contains(R"("action":"upstream_event.taken")"));
  EXPECT_TRUE(house_.last_audit().contains(R"("canceled_orders":"2")"));
}

TEST_F(UpstreamEventsTest, TheReceiptSaysFirstThatItWaitsAndThenWhatTheUpstreamAnswered) {
  const auto revoked = house_.issuer->revoke_key(caller_.id(), "", house_.actor);
  ASSERT_TRUE(revoked);
  EXPECT_EQ(Json::parse(*revoked->receipt)["receipt"]["upstream"]["answer"], "waiting");

  events_->deliver();

  const auto answer = kept_answer(caller_.id());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, UpstreamAnswer::Kind::kTaken);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->canceled_orders, 2U);
  EXPECT_EQ(answer->event, body(0)["id"].get<std::string>());
}

TEST_F(UpstreamEventsTest, WhatIsNotTakenIsToldAgainWithTheSameIdEverMoreSeldom) {
  answer_ = 503;
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "", house_.actor).has_value());
  events_->deliver();
  ASSERT_TRUE(events_->last_fault());
  EXPECT_TRUE(events_->last_fault()->contains("503"));
  events_->deliver();
  EXPECT_EQ(calls_.size(), 1U);
  house_.clock.advance(1s);
  events_->deliver();
  house_.clock.advance(1s);
  events_->deliver();
  EXPECT_EQ(calls_.size(), 2U);
  house_.clock.advance(1s);
  answer_ = 200;
  events_->deliver();

  ASSERT_EQ(calls_.size(), 3U);
  EXPECT_EQ(body(0), body(2));
  EXPECT_NE(header(0, "X-Counterfoil-Proof"), header(2, "X-Counterfoil-Proof"));
  EXPECT_NE(header(0, "X-Counterfoil-Request-Id"), header(2, "X-Counterfoil-Request-Id"));
  EXPECT_EQ(events_->last_fault(), std::nullopt);
}

TEST_F(UpstreamEventsTest, AnUpstreamThatDoesNotAnswerIsNotAskedForEachKey) {
  const auto other = house_.new_key();
  answer_.reset();
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->revoke_key(other.id(), "", house_.actor).has_value());

  events_->deliver();

  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_EQ(events_->untold(), 2U);
}

TEST_F(UpstreamEventsTest, WhatWasNotToldIsToldAfterAStartAnew) {
  answer_.reset();
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "", house_.actor).has_value());
  events_->deliver();
  const Json before = body(0);

  open();
  ASSERT_TRUE(events_->load());
  answer_ = 200;
  events_->deliver();

  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(body(1), before);
  EXPECT_EQ(kept_answer(caller_.id())->kind, UpstreamAnswer::Kind::kTaken);
}

TEST_F(UpstreamEventsTest, ItIsGivenUpAfterThreeDaysAndTheAuditLogSaysSo) {
  answer_ = 500;
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "", house_.actor).has_value());
  house_.clock.advance(UpstreamEvents::kToldFor + 1s);

  events_->deliver();

  EXPECT_EQ(events_->untold(), 0U);
  EXPECT_TRUE(house_.last_audit().contains(R"("action":"upstream_event.given_up")"));
  EXPECT_EQ(kept_answer(caller_.id())->kind, UpstreamAnswer::Kind::kGivenUp);
}

TEST_F(UpstreamEventsTest, ASuspensionThatWasTakenBackIsNotTold) {
  ASSERT_TRUE(house_.issuer->suspend_key(caller_.id(), "", house_.actor).has_value());
  EXPECT_EQ(events_->untold(), 1U);
  ASSERT_TRUE(house_.issuer->resume_key(caller_.id(), house_.actor).has_value());

  events_->deliver();

  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(house_.registry->find(RecordKind::kUpstreamEvent, caller_.id()).value(), std::nullopt);
}

TEST_F(UpstreamEventsTest, AnotherExpiryTakesNoSuspensionBack) {
  ASSERT_TRUE(house_.issuer->suspend_key(caller_.id(), "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + 1h}, house_.actor)
                  .has_value());

  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(body(0)["type"], "key.suspended");
}

TEST_F(UpstreamEventsTest, ARevocationOvertakesASuspensionThatWasNotTold) {
  ASSERT_TRUE(house_.issuer->suspend_key(caller_.id(), "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "", house_.actor).has_value());

  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(body(0)["type"], "key.revoked");
}

TEST_F(UpstreamEventsTest, ASuspendedAccountsKeysAreToldEachForItself) {
  const auto other = house_.new_key();
  ASSERT_TRUE(house_.issuer->suspend_key(other.id(), "", house_.actor).has_value());
  events_->deliver();
  calls_.clear();

  ASSERT_TRUE(house_.issuer->suspend_account("demo", "", house_.actor).has_value());
  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);  // the other's end was told before
  EXPECT_EQ(body(0)["type"], "key.suspended");
  EXPECT_EQ(body(0)["api_key"], caller_.id());
  const auto answer = kept_answer(caller_.id());
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->event, body(0)["id"].get<std::string>());
  EXPECT_EQ(answer->kind, UpstreamAnswer::Kind::kTaken);
  EXPECT_EQ(answer->canceled_orders, 2U);
  EXPECT_EQ(kept_answer("demo"), std::nullopt);  // of the account itself nothing is told
}

TEST_F(UpstreamEventsTest, AResumedAccountTakesBackWhatWasNotTold) {
  ASSERT_TRUE(house_.issuer->suspend_account("demo", "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->resume_account("demo", house_.actor).has_value());

  events_->deliver();

  EXPECT_TRUE(calls_.empty());
}

TEST_F(UpstreamEventsTest, AKeyThatRunsOutIsToldOnceAndKeepsItsOrdersByDefault) {
  ASSERT_TRUE(
      house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + 1h + 30s}, house_.actor)
          .has_value());
  ExpiryWatch watch({.registry = house_.audited,
                     .events = &*events_,
                     .permissions = house_.profile.permissions(),
                     .clock = house_.clock});
  ASSERT_TRUE(watch.look());
  house_.clock.advance(1h);
  ASSERT_TRUE(watch.look());  // in its minute, but before its time
  events_->deliver();
  EXPECT_TRUE(calls_.empty());

  house_.clock.advance(30s);
  ASSERT_TRUE(watch.look());
  ASSERT_TRUE(watch.look());
  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(body(0)["type"], "key.expired");
  EXPECT_EQ(body(0)["cancel_open_orders"], false);
  house_.clock.advance(2min);
  ASSERT_TRUE(watch.look());
  events_->deliver();
  EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(UpstreamEventsTest, AKeyThatRunsOutIsRecordedWhereNoUpstreamIsTold) {
  ASSERT_TRUE(house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + 1h}, house_.actor)
                  .has_value());
  house_.clock.advance(1h);
  for (int start = 0; start < 2; ++start) {
    ExpiryWatch watch({.registry = house_.audited,
                       .permissions = house_.profile.permissions(),
                       .clock = house_.clock});
    ASSERT_TRUE(watch.look());
  }

  const auto recorded = house_.registry->audit_outbox(kListMax).value();
  EXPECT_EQ(std::ranges::count_if(recorded,
                                  [](const AuditEntry& entry) {
                                    return parse_record(entry.bytes).value().action == "key.expire";
                                  }),
            1)
      << "a second start does not record it anew";
  EXPECT_TRUE(house_.registry->list(RecordKind::kUpstreamEvent, "", 1)->empty());
}

TEST_F(UpstreamEventsTest, WhatSomebodyWaitsForIsToldBeforeAllThatWasAnnouncedBefore) {
  const auto announced = [&](const std::string& api_key) {
    UpstreamEvent event{.change = "change-" + api_key,
                        .end = KeyEnd::kRevoked,
                        .api_key = api_key,
                        .account = "demo",
                        .cause = {},
                        .made = house_.clock.now()};
    house_.clock.advance(1s);
    const auto write = events_->write_of(event);
    EXPECT_TRUE(house_.audited.commit({*write}, {.action = "key.revoke", .object = api_key}));
    events_->announce(event);
    return event;
  };
  for (const char* const api_key : {"first", "second", "third"}) {
    (void)announced(api_key);
  }
  when_called_ = [&] { (void)events_->answer_to(announced("awaited"), 1ms); };

  events_->deliver();

  std::vector<std::string> told;
  for (std::size_t call = 0; call < calls_.size(); ++call) {
    told.push_back(body(call)["api_key"]);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"first", "awaited", "second", "third"}));
  EXPECT_EQ(events_->untold(), 0U);
}

TEST_F(UpstreamEventsTest, KeysOfOneMinuteAreToldOnceEachWhateverTheirOrder) {
  // The registry gives them by their ids, which are of chance.
  constexpr int kKeys = 8;
  std::vector<std::string> in_order{caller_.id()};
  for (int i = 1; i < kKeys; ++i) {
    in_order.push_back(house_.new_key().id());
  }
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(house_.issuer
                    ->edit_key(in_order[static_cast<std::size_t>(i)],
                               {.expires_at = kTestStart + 1h + i * 2s}, house_.actor)
                    .has_value());
  }
  house_.clock.advance(1h);
  for (int i = 0; i < kKeys; ++i) {
    ExpiryWatch started_anew({.registry = house_.audited,
                              .events = &*events_,
                              .permissions = house_.profile.permissions(),
                              .clock = house_.clock});
    ASSERT_TRUE(started_anew.look());
    events_->deliver();
    ASSERT_EQ(calls_.size(), static_cast<std::size_t>(i + 1));
    EXPECT_EQ(body(calls_.size() - 1)["api_key"], in_order[calls_.size() - 1]);
    house_.clock.advance(2s);
  }
}

TEST_F(UpstreamEventsTest, AKeyThatRanOutWhileTheNodeWasDownIsToldLate) {
  ASSERT_TRUE(house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + 1h}, house_.actor)
                  .has_value());
  house_.clock.advance(24h * 7);
  ExpiryWatch watch({.registry = house_.audited,
                     .events = &*events_,
                     .permissions = house_.profile.permissions(),
                     .clock = house_.clock});

  ASSERT_TRUE(watch.look());
  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(body(0)["type"], "key.expired");
}

TEST_F(UpstreamEventsTest, AHolderIsRemindedOnceOfEachSpanThatIsLeft) {
  using std::chrono::days;
  ASSERT_TRUE(
      house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + days(20)}, house_.actor)
          .has_value());
  const ExpiryWatch::Parts parts{.registry = house_.audited,
                                 .events = &*events_,
                                 .permissions = house_.profile.permissions(),
                                 .clock = house_.clock};
  auto with = [&](days ahead, days until) {
    auto reminder = parts;
    reminder.ahead = ahead;
    reminder.until = until;
    return ExpiryWatch(reminder);
  };
  ExpiryWatch far = with(days(14), days(3));
  ExpiryWatch near = with(days(3), days(0));
  const auto look = [&] {
    ASSERT_TRUE(far.look());
    ASSERT_TRUE(near.look());
    events_->deliver();
  };
  look();
  EXPECT_TRUE(calls_.empty());

  house_.clock.advance(days(6));
  look();
  look();
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(body(0)["type"], "key.expiring");
  EXPECT_EQ(body(0)["expires_at_ms"], to_unix_ms(kTestStart + days(20)));
  EXPECT_EQ(body(0)["cancel_open_orders"], false);

  house_.clock.advance(days(11));
  look();
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_NE(body(0)["id"], body(1)["id"]);
  house_.clock.advance(days(2));
  look();
  EXPECT_EQ(calls_.size(), 2U);
}

TEST_F(UpstreamEventsTest, ANodeThatWasDownRemindsOfTheNearestSpanAlone) {
  using std::chrono::days;
  ASSERT_TRUE(
      house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + days(20)}, house_.actor)
          .has_value());
  house_.clock.advance(days(18));
  for (const auto& [ahead, until] : {std::pair(days(14), days(3)), {days(3), days(0)}}) {
    ExpiryWatch watch({.registry = house_.audited,
                       .events = &*events_,
                       .permissions = house_.profile.permissions(),
                       .clock = house_.clock,
                       .ahead = ahead,
                       .until = until});
    ASSERT_TRUE(watch.look());
  }
  events_->deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_TRUE(body(0)["id"].get<std::string>().starts_with("evt-expiring-3d-"));
}

TEST_F(UpstreamEventsTest, MoreTimeTakesAReminderBackThatWasNotTold) {
  using std::chrono::days;
  ASSERT_TRUE(
      house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + days(20)}, house_.actor)
          .has_value());
  house_.clock.advance(days(18));
  ExpiryWatch watch({.registry = house_.audited,
                     .events = &*events_,
                     .permissions = house_.profile.permissions(),
                     .clock = house_.clock,
                     .ahead = days(3)});
  ASSERT_TRUE(watch.look());

  ASSERT_TRUE(
      house_.issuer->edit_key(caller_.id(), {.expires_at = kTestStart + days(90)}, house_.actor)
          .has_value());
  events_->deliver();

  EXPECT_TRUE(calls_.empty());
}

TEST(UpstreamEventCodec, ReadsWhatItWroteAndNothingElse) {
  const UpstreamEvent event{.change = "c1",
                            .end = KeyEnd::kExpired,
                            .api_key = "key",
                            .account = "demo",
                            .cause = "why",
                            .cancel_open_orders = true,
                            .made = kTestStart};
  const std::string bytes = encode(event);

  EXPECT_EQ(decode_upstream_event(bytes), event);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(decode_upstream_event(bytes.substr(0, size)), event);
  }
  EXPECT_EQ(decode_upstream_event(bytes + '\x7f' + '\0'), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
