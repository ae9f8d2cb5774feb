#include "accounts/webhook.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart = from_unix_ms(1'772'366'400'000);

Webhook full_webhook() {
  return {
      .id = std::string(32, 'a'),
      .account = *AccountId::parse("desk"),
      .slot = 5,
      .url = "https://hooks.example.com/",
      .events = {WebhookEvent::kKeyCreated, WebhookEvent::kKeyRevoked},
      .sealed_secret = "sealed",
      .old_secret = Webhook::OldSecret{.sealed = "older", .until = kStart + kWebhookOverlap},
      .stopped =
          Webhook::Stopped{.why = WebhookStop::kFailing, .since = kStart + 1h, .last_status = 500},
      .created = kStart,
      .told_from = kStart + 1s};
}

WebhookDelivery full_delivery() {
  return {.message = "msg_1",
          .type = "key.revoked",
          .body = "{}",
          .made = kStart,
          .state = WebhookDelivery::State::kWaiting,
          .attempts = 2,
          .last_try = kStart + 5s,
          .last_status = 503,
          .last_fault = "",
          .next_try = kStart + 5min};
}

TEST(Webhook, IsReadAsItWasWritten) {
  Webhook bare = full_webhook();
  bare.old_secret.reset();
  bare.stopped.reset();

  EXPECT_EQ(decode_webhook(encode_webhook(full_webhook())), full_webhook());
  EXPECT_EQ(decode_webhook(encode_webhook(bare)), bare);
}

TEST(Webhook, IsNotReadWhenAnythingOfItIsDamaged) {
  const std::string whole = encode_webhook(full_webhook());

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_webhook(whole.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(decode_webhook(whole + "x"), std::nullopt);
  std::string newer = whole;
  newer[0] = kWebhookRecordVersion + 1;
  EXPECT_EQ(decode_webhook(newer), std::nullopt);
}

TEST(Webhook, IsNotReadWhenItSaysWhatCannotBe) {
  const auto spoilt = [](auto spoil) {
    Webhook webhook = full_webhook();
    spoil(webhook);
    return decode_webhook(encode_webhook(webhook));
  };

  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.id = "short"; }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.url.clear(); }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.events.clear(); }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) {
    webhook.events = {WebhookEvent::kKeyRevoked, WebhookEvent::kKeyRevoked};
  }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.sealed_secret.clear(); }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.slot = 0; }));
  EXPECT_FALSE(spoilt([](Webhook& webhook) { webhook.slot = kWebhooksPerAccountMax + 1; }));
}

TEST(Webhook, HasANameForEveryEvent) {
  for (std::uint8_t value = 1; value <= kWebhookEventCount; ++value) {
    const auto event = static_cast<WebhookEvent>(value);

    EXPECT_EQ(parse_webhook_event(name_of(event)), event);
  }
  EXPECT_EQ(parse_webhook_event("key.deleted"), std::nullopt);
  EXPECT_EQ(parse_webhook_event(""), std::nullopt);
}

TEST(WebhookDelivery, IsReadAsItWasWritten) {
  WebhookDelivery fresh = full_delivery();
  fresh.last_try.reset();

  EXPECT_EQ(decode_webhook_delivery(encode_webhook_delivery(full_delivery())), full_delivery());
  EXPECT_EQ(decode_webhook_delivery(encode_webhook_delivery(fresh)), fresh);
}

TEST(WebhookDelivery, IsNotReadWhenAnythingOfItIsDamagedOrTooLong) {
  const std::string whole = encode_webhook_delivery(full_delivery());
  WebhookDelivery longest = full_delivery();
  longest.body.assign(kWebhookBodyBytesMax, 'x');
  longest.last_fault.assign(kWebhookFaultBytesMax, 'x');

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_webhook_delivery(whole.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(decode_webhook_delivery(whole + "x"), std::nullopt);
  EXPECT_TRUE(decode_webhook_delivery(encode_webhook_delivery(longest)));
  longest.body += "x";
  EXPECT_FALSE(decode_webhook_delivery(encode_webhook_delivery(longest)));
  longest.body.pop_back();
  longest.last_fault += "x";
  EXPECT_FALSE(decode_webhook_delivery(encode_webhook_delivery(longest)));
}

}  // namespace
}  // namespace counterfoil
