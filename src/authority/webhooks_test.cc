// Webhooks and their sender together: what is made, what is told, and when it is told again.

#include "authority/webhooks.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/sealing_rotation.h"
#include "authority/secret_job.h"
#include "authority/webhook_records.h"
#include "authority/webhook_schedule.h"
#include "authority/webhook_sender.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/secret_bytes.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "outbound/http_client.h"
#include "outbound/webhook_signature.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using State = WebhookDelivery::State;

constexpr std::string_view kUrl = "https://hooks.example.com/in";

std::string header_of(const HttpCall& call, std::string_view name) {
  for (const auto& [key, value] : call.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

HmacKey key_of(const SecretBytes& shown) {
  constexpr std::string_view kPrefix = "whsec_";
  const std::string text = SecretJob::to_shown_text(shown);
  EXPECT_TRUE(text.starts_with(kPrefix));
  const auto bytes = from_base64(text.substr(kPrefix.size())).value();
  EXPECT_EQ(bytes.size(), Webhooks::kSecretBytes);
  return HmacKey::from_secret(ByteView(bytes)).value();
}

class WebhooksTest : public testing::Test {
 protected:
  WebhooksTest() { start(); }

  // start is what a start of the node does.
  void start() {
    webhooks_.reset();
    sender_.emplace(WebhookSender::Parts{.audited = house_.audited,
                                         .registry = *house_.registry,
                                         .journal = *journal_,
                                         .sealer = *house_.sealer,
                                         .random = house_.random,
                                         .clock = house_.clock,
                                         .send = [this](const std::string& url, HttpCall call) {
                                           urls_.push_back(url);
                                           calls_.push_back(std::move(call));
                                           return answer_();
                                         }});
    webhooks_.emplace(Webhooks::Parts{
        .audited = house_.audited,
        .sealer = *house_.sealer,
        .random = house_.random,
        .sender = *sender_,
        .check_url = [](const std::string& url) -> std::expected<void, std::string> {
          return url.starts_with("https://") ? std::expected<void, std::string>()
                                             : std::unexpected(std::string("wants https"));
        }});
    ASSERT_TRUE(sender_->load().has_value());
    ASSERT_TRUE(sender_->collect().has_value());
  }

  // pump has the journal take the audit log, as the keeper does, and the sender read it.
  void pump() {
    const auto entries = house_.store->audit_outbox(kListMax).value();
    std::vector<AuditRow> rows;
    for (const AuditEntry& entry : entries) {
      rows.push_back({.seq = entry.seq, .bytes = entry.bytes});
    }
    if (!rows.empty()) {
      ASSERT_TRUE(journal_->append_audit(rows).has_value());
      ASSERT_TRUE(house_.store->trim_audit(rows.back().seq).has_value());
    }
    ASSERT_TRUE(sender_->collect().has_value());
  }
  // deliver makes every attempt that is due.
  std::size_t deliver() {
    std::size_t count = 0;
    while (sender_->deliver_one()) {
      ++count;
    }
    return count;
  }

  Webhooks::WithSecret make(std::vector<std::string> events = {"key.revoked"},
                            const std::string& account = "demo") {
    auto made = webhooks_->create(account, {.url = std::string(kUrl), .events = std::move(events)},
                                  house_.actor);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return std::move(*made);
  }
  std::string revoke_one() {
    const auto caller = house_.new_key();
    EXPECT_TRUE(house_.issuer->revoke_key(caller.id(), "", house_.actor).has_value());
    return caller.id();
  }
  std::vector<StoredDelivery> deliveries(const std::string& webhook) {
    return webhooks_->deliveries(webhook, kListMax).value();
  }
  void answer(int status, std::string retry_after = {}) {
    answer_ = [status, retry_after = std::move(retry_after)] {
      HttpReply reply{.status = status, .headers = {}, .body = {}};
      if (!retry_after.empty()) {
        reply.headers.emplace_back("retry-after", retry_after);
      }
      return std::expected<HttpReply, std::string>(std::move(reply));
    };
  }
  void answer_nothing(std::string sentence) {
    answer_ = [sentence = std::move(sentence)] {
      return std::expected<HttpReply, std::string>(std::unexpected(sentence));
    };
  }

  TestAuthority house_;
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  std::vector<HttpCall> calls_;
  std::vector<std::string> urls_;
  std::function<std::expected<HttpReply, std::string>()> answer_ = [] {
    return std::expected<HttpReply, std::string>(
        HttpReply{.status = 204, .headers = {}, .body = {}});
  };
  std::optional<WebhookSender> sender_;
  std::optional<Webhooks> webhooks_;
};

TEST_F(WebhooksTest, ARevocationIsToldSigned) {
  const auto made = make();
  const std::string key = revoke_one();

  pump();
  EXPECT_EQ(deliver(), 1U);

  ASSERT_EQ(calls_.size(), 1U);
  const HttpCall& call = calls_.front();
  EXPECT_EQ(urls_.front(), kUrl);
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(header_of(call, "Content-Type"), "application/json");
  const auto body = nlohmann::json::parse(call.body);
  EXPECT_EQ(body["type"].get<std::string>(), "key.revoked");
  EXPECT_EQ(body["data"]["key"].get<std::string>(), key.substr(0, 8));
  EXPECT_FALSE(call.body.contains(key));
  const HmacKey secret = key_of(made.secret);
  const std::vector<const HmacKey*> keys{&secret};
  const std::int64_t now = to_unix_ms(house_.clock.now()) / 1'000;
  EXPECT_EQ(header_of(call, "webhook-timestamp"), std::to_string(now));
  EXPECT_EQ(header_of(call, "webhook-signature"),
            webhook_signature(header_of(call, "webhook-id"), now, call.body, keys));
  EXPECT_EQ(deliveries(made.webhook.id).front().value.state, State::kTaken);
  EXPECT_EQ(sender_->waiting(), 0U);
}

TEST_F(WebhooksTest, AreToldOfTheirEventsAloneAndOfNothingFromBefore) {
  (void)revoke_one();
  house_.clock.advance(1s);
  const auto made = make({"key.revoked", "key.suspended"});
  const auto other = house_.issuer->create_account("other", "Other", house_.actor);
  ASSERT_TRUE(other.has_value());
  (void)make({"key.created"}, "other");
  const auto caller = house_.new_key();
  ASSERT_TRUE(house_.issuer->suspend_key(caller.id(), "", house_.actor).has_value());

  pump();
  (void)deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(calls_.front().body)["type"].get<std::string>(), "key.suspended");
  EXPECT_EQ(deliveries(made.webhook.id).size(), 1U);
}

TEST_F(WebhooksTest, OfAMasterAreToldOfItsSubAccounts) {
  ASSERT_TRUE(house_.issuer
                  ->create_account("sub", "Sub", house_.actor,
                                   Issuer::SubAccountOf{.master = "demo", .email = "s@a.example"})
                  .has_value());
  (void)make({"account.suspended"});
  ASSERT_TRUE(house_.issuer->suspend_account("sub", "", house_.actor).has_value());

  pump();
  (void)deliver();

  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(calls_.front().body)["data"]["account"].get<std::string>(),
            "sub");
}

TEST_F(WebhooksTest, WhatFailsIsToldAgainUnderTheSameIdAndWithANewTime) {
  const auto made = make();
  (void)revoke_one();
  answer(500);
  pump();
  EXPECT_EQ(deliver(), 1U);
  EXPECT_EQ(deliver(), 0U) << "not before its time";
  const auto waiting = deliveries(made.webhook.id).front().value;
  EXPECT_EQ(waiting.state, State::kWaiting);
  EXPECT_EQ(waiting.last_status, 500U);
  EXPECT_GE(waiting.next_try, house_.clock.now() + 5s);
  EXPECT_LE(waiting.next_try, house_.clock.now() + 5500ms);

  answer(200);
  house_.clock.advance(6s);
  EXPECT_EQ(deliver(), 1U);

  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(header_of(calls_[0], "webhook-id"), header_of(calls_[1], "webhook-id"));
  EXPECT_NE(header_of(calls_[0], "webhook-timestamp"), header_of(calls_[1], "webhook-timestamp"));
  EXPECT_EQ(calls_[0].body, calls_[1].body);
  EXPECT_EQ(deliveries(made.webhook.id).front().value.state, State::kTaken);
}

TEST_F(WebhooksTest, ARedirectIsAFailure) {
  const auto made = make();
  (void)revoke_one();
  answer(302);
  pump();

  (void)deliver();

  EXPECT_EQ(deliveries(made.webhook.id).front().value.state, State::kWaiting);
}

TEST_F(WebhooksTest, AThrottlingReceiverSaysWhenItIsToldAgain) {
  const auto made = make();
  (void)revoke_one();
  answer(429, "600");
  pump();
  (void)deliver();
  EXPECT_EQ(deliveries(made.webhook.id).front().value.next_try, house_.clock.now() + 600s);
  answer(200);
  house_.clock.advance(599s);
  EXPECT_EQ(deliver(), 0U);

  house_.clock.advance(1s);

  EXPECT_EQ(deliver(), 1U);
}

TEST_F(WebhooksTest, AReceiverThatIsGoneIsToldNothingMore) {
  const auto made = make();
  (void)revoke_one();
  (void)revoke_one();
  answer(410);
  pump();

  EXPECT_EQ(deliver(), 1U);

  const auto webhook = webhooks_->find(made.webhook.id).value();
  ASSERT_TRUE(webhook.stopped);
  EXPECT_EQ(webhook.stopped->why, WebhookStop::kGone);
  EXPECT_EQ(webhook.stopped->last_status, 410U);
  for (const StoredDelivery& delivery : deliveries(made.webhook.id)) {
    EXPECT_EQ(delivery.value.state, State::kGivenUp);
  }
  EXPECT_TRUE(house_.last_audit().contains(R"("action":"webhook.disable")"));
  EXPECT_TRUE(house_.last_audit().contains(R"("account":"demo")"));
}

TEST_F(WebhooksTest, AreStoppedAfterTheLastAttemptWithTheReason) {
  const auto made = make();
  (void)revoke_one();
  answer(500);
  pump();

  std::size_t attempts = 0;
  for (int i = 0; i < 20; ++i) {
    attempts += deliver();
    house_.clock.advance(27h);
  }

  EXPECT_EQ(attempts, kWebhookAttemptsMax);
  const auto webhook = webhooks_->find(made.webhook.id).value();
  ASSERT_TRUE(webhook.stopped);
  EXPECT_EQ(webhook.stopped->why, WebhookStop::kFailing);
  EXPECT_EQ(webhook.stopped->last_status, 500U);
  EXPECT_EQ(deliveries(made.webhook.id).front().value.state, State::kGivenUp);
}

TEST_F(WebhooksTest, ThatWereStoppedGoOnWithWhatComesThen) {
  const auto made = make();
  ASSERT_TRUE(webhooks_->edit(made.webhook.id, {.is_on = false}, house_.actor).has_value());
  (void)revoke_one();
  pump();
  EXPECT_EQ(deliver(), 0U);
  house_.clock.advance(1s);

  ASSERT_TRUE(webhooks_->edit(made.webhook.id, {.is_on = true}, house_.actor).has_value());
  (void)revoke_one();
  pump();

  EXPECT_EQ(deliver(), 1U);
}

TEST_F(WebhooksTest, AHungReceiverHoldsUpNothingButItsOwn) {
  const auto hung = make();
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  const auto well = make({"account.suspended"}, "other");
  for (int i = 0; i < 5; ++i) {
    (void)revoke_one();
    house_.clock.advance(1s);
  }
  answer_nothing("hooks.example.com did not answer within 5000 ms");
  pump();
  EXPECT_EQ(deliver(), 1U) << "after the first time-out it is left alone";
  EXPECT_EQ(deliveries(hung.webhook.id).back().value.last_fault,
            "hooks.example.com did not answer within 5000 ms");

  answer(200);
  ASSERT_TRUE(house_.issuer->suspend_account("other", "", house_.actor).has_value());
  pump();
  (void)deliver();

  EXPECT_EQ(deliveries(well.webhook.id).front().value.state, State::kTaken);
}

TEST_F(WebhooksTest, KeepABoundedQueue) {
  const auto made = make({"key.created"});
  answer_nothing("no");
  for (std::size_t i = 0; i < WebhookSender::kWaitingMax + 5; ++i) {
    ASSERT_TRUE(house_.audited
                    .commit({}, {.actor = "system",
                                 .source = "local",
                                 .action = "key.create",
                                 .object = std::string(64, 'k'),
                                 .detail = {{"account", "demo"}}})
                    .has_value());
  }

  pump();

  EXPECT_EQ(sender_->waiting(), WebhookSender::kWaitingMax);
  EXPECT_EQ(sender_->left_out(), 5U);
  EXPECT_EQ(webhooks_->test(made.webhook.id, house_.actor).error().reason, "too_many_waiting");
}

TEST_F(WebhooksTest, WhatWaitsOutlivesTheNode) {
  const auto made = make();
  (void)revoke_one();
  answer_nothing("no");
  pump();
  (void)deliver();

  start();
  EXPECT_EQ(sender_->waiting(), 1U);
  EXPECT_EQ(deliver(), 0U) << "its time has not come";
  answer(200);
  house_.clock.advance(6s);
  EXPECT_EQ(deliver(), 1U);
  pump();

  EXPECT_EQ(deliveries(made.webhook.id).size(), 1U) << "nothing is told twice";
}

TEST_F(WebhooksTest, OldDeliveriesGo) {
  const auto made = make();
  for (std::size_t i = 0; i < WebhookSender::kKept + 60; ++i) {
    ASSERT_TRUE(webhooks_->test(made.webhook.id, house_.actor).has_value());
    (void)deliver();
    house_.clock.advance(1s);
  }

  pump();

  EXPECT_EQ(deliveries(made.webhook.id).size(), WebhookSender::kKept);
}

TEST_F(WebhooksTest, AnAccountHasFiveAndNotOneMore) {
  std::vector<Webhooks::WithSecret> made;
  for (std::size_t i = 0; i < kWebhooksPerAccountMax; ++i) {
    made.push_back(make());
  }
  const Webhooks::Wish wish{.url = std::string(kUrl), .events = {"key.revoked"}};

  const auto refused = webhooks_->create("demo", wish, house_.actor);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "too_many_webhooks");
  EXPECT_EQ(refused.error().kind, Problem::Kind::kConflict);
  ASSERT_TRUE(webhooks_->erase(made[2].webhook.id, house_.actor).has_value());
  EXPECT_TRUE(webhooks_->create("demo", wish, house_.actor).has_value());
}

TEST_F(WebhooksTest, TwoThatAreMadeAtOnceDoNotPassTheLimit) {
  for (std::size_t i = 1; i < kWebhooksPerAccountMax; ++i) {
    (void)make();
  }
  const Webhooks::Wish wish{.url = std::string(kUrl), .events = {"key.revoked"}};
  house_.registry->before_commit = [&] {
    house_.registry->before_commit = {};
    std::optional<Webhook> quick = webhooks_->of("demo").value().front();
    quick->id.assign(32, 'f');
    quick->slot = kWebhooksPerAccountMax;
    ASSERT_TRUE(house_.store->commit({.writes = {webhook_write(*quick, 0)}}).has_value());
  };

  const auto refused = webhooks_->create("demo", wish, house_.actor);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "too_many_webhooks");
}

TEST_F(WebhooksTest, RefuseWhatCannotBe) {
  const auto reason = [&](const std::string& account, const Webhooks::Wish& wish) {
    const auto made = webhooks_->create(account, wish, house_.actor);
    return made ? std::string() : made.error().reason;
  };
  const std::string url(kUrl);

  EXPECT_EQ(reason("demo", {.url = "http://a.example/", .events = {"key.revoked"}}), "url_refused");
  EXPECT_EQ(reason("demo", {.url = url, .events = {"key.deleted"}}), "event_unknown");
  EXPECT_EQ(reason("demo", {.url = url, .events = {}}), "no_events");
  EXPECT_EQ(reason("nobody", {.url = url, .events = {"key.revoked"}}), "no_such_account");
  EXPECT_EQ(webhooks_->find("x").error().reason, "no_such_webhook");
  const auto made = make();
  EXPECT_EQ(webhooks_->edit(made.webhook.id, {.url = "x"}, house_.actor).error().reason,
            "url_refused");
  EXPECT_EQ(webhooks_->redeliver(made.webhook.id, "x", house_.actor).error().reason,
            "no_such_delivery");
}

TEST_F(WebhooksTest, TheLogHasTheHostAndNotThePath) {
  (void)make();

  EXPECT_TRUE(house_.last_audit().contains("hooks.example.com"));
  EXPECT_FALSE(house_.last_audit().contains("hooks.example.com/in"));
  EXPECT_FALSE(house_.last_audit().contains("whsec_"));
}

TEST_F(WebhooksTest, SignWithTheOldSecretTooForADay) {
  const auto made = make();
  const auto renewed = webhooks_->rotate_secret(made.webhook.id, house_.actor).value();
  const HmacKey older = key_of(made.secret);
  const HmacKey newer = key_of(renewed.secret);
  const auto signature_of = [&](const std::vector<const HmacKey*>& keys) {
    const HttpCall& call = calls_.back();
    return webhook_signature(header_of(call, "webhook-id"), to_unix_ms(house_.clock.now()) / 1'000,
                             call.body, keys);
  };

  ASSERT_TRUE(webhooks_->test(made.webhook.id, house_.actor).has_value());
  (void)deliver();
  EXPECT_EQ(header_of(calls_.back(), "webhook-signature"), signature_of({&newer, &older}));
  house_.clock.advance(kWebhookOverlap);
  ASSERT_TRUE(webhooks_->test(made.webhook.id, house_.actor).has_value());
  (void)deliver();

  EXPECT_EQ(header_of(calls_.back(), "webhook-signature"), signature_of({&newer}));
}

TEST_F(WebhooksTest, TheirSecretsAreTakenOverByANewSealingKey) {
  const auto made = make();
  const auto renewed = webhooks_->rotate_secret(made.webhook.id, house_.actor).value();
  SealingRotation rotation({.audited = house_.audited,
                            .registry = *house_.registry,
                            .sealer = *house_.sealer,
                            .journal = *journal_,
                            .revoker = house_.gateway->revoker,
                            .loops = house_.gateway->loops,
                            .permissions = house_.profile.permissions(),
                            .clock = house_.clock,
                            .drain = [] { return true; },
                            .root_key_file = "root.key"});
  ASSERT_TRUE(rotation.begin(house_.actor).value());
  rotation.work();
  ASSERT_EQ(house_.sealer->sealing_key_versions().size(), 1U) << "the old key is destroyed";

  ASSERT_TRUE(webhooks_->test(made.webhook.id, house_.actor).has_value());
  (void)deliver();

  ASSERT_EQ(calls_.size(), 1U);
  const HmacKey older = key_of(made.secret);
  const HmacKey newer = key_of(renewed.secret);
  const std::vector<const HmacKey*> keys{&newer, &older};
  EXPECT_EQ(header_of(calls_.back(), "webhook-signature"),
            webhook_signature(header_of(calls_.back(), "webhook-id"),
                              to_unix_ms(house_.clock.now()) / 1'000, calls_.back().body, keys));
}

TEST_F(WebhooksTest, RedeliverUnderTheSameId) {
  const auto made = make();
  (void)revoke_one();
  pump();
  (void)deliver();
  house_.clock.advance(1s);
  const auto told = deliveries(made.webhook.id).front();

  const auto again =
      webhooks_->redeliver(made.webhook.id, Webhooks::delivery_name(told), house_.actor);
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  (void)deliver();

  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(header_of(calls_[0], "webhook-id"), header_of(calls_[1], "webhook-id"));
  EXPECT_EQ(calls_[0].body, calls_[1].body);
  EXPECT_EQ(deliveries(made.webhook.id).size(), 2U);
}

TEST_F(WebhooksTest, AreErasedWithAllThatWaits) {
  const auto made = make();
  (void)revoke_one();
  answer_nothing("no");
  pump();
  (void)deliver();

  ASSERT_TRUE(webhooks_->erase(made.webhook.id, house_.actor).has_value());

  EXPECT_EQ(sender_->waiting(), 0U);
  EXPECT_EQ(webhooks_->find(made.webhook.id).error().reason, "no_such_webhook");
  EXPECT_TRUE(house_.store->list(RecordKind::kWebhookDelivery, "", kListMax).value().empty());
  house_.clock.advance(1h);
  EXPECT_EQ(deliver(), 0U);
}

TEST_F(WebhooksTest, ANameThatLeadsInsideIsRefusedAndAuditedOnce) {
  (void)make();
  (void)revoke_one();
  answer_nothing(
      "hooks.example.com: its name leads to an address that must not be called from here");
  pump();

  (void)deliver();
  EXPECT_TRUE(house_.last_audit().contains(R"("action":"webhook.refuse_address")"));
  const std::string first = house_.last_audit();
  house_.clock.advance(6s);
  EXPECT_EQ(deliver(), 1U);

  EXPECT_EQ(house_.last_audit(), first);
}

TEST_F(WebhooksTest, AChangeIsMadeWhileTheJournalIsAway) {
  const auto made = make();
  (void)revoke_one();  // the journal has nothing of it yet

  ASSERT_TRUE(sender_->collect().has_value());
  EXPECT_EQ(deliver(), 0U);
  pump();

  EXPECT_EQ(deliver(), 1U);
  EXPECT_EQ(deliveries(made.webhook.id).size(), 1U);
}

}  // namespace
}  // namespace counterfoil
