#include "accounts/webhook.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/put_time.h"
#include "accounts/strict_reader.h"
#include "base/account_id.h"
#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {
namespace {

struct EventRow {
  WebhookEvent event;
  std::string_view name;
};
constexpr auto kEvents = std::to_array<EventRow>({
    {WebhookEvent::kKeyCreated, "key.created"},
    {WebhookEvent::kKeyChanged, "key.changed"},
    {WebhookEvent::kKeyRotated, "key.rotated"},
    {WebhookEvent::kKeySuspended, "key.suspended"},
    {WebhookEvent::kKeyResumed, "key.resumed"},
    {WebhookEvent::kKeyRevoked, "key.revoked"},
    {WebhookEvent::kKeyExpiring, "key.expiring"},
    {WebhookEvent::kKeyExpired, "key.expired"},
    {WebhookEvent::kKeyNoticed, "key.noticed"},
    {WebhookEvent::kKeyRestricted, "key.restricted"},
    {WebhookEvent::kAccountSuspended, "account.suspended"},
    {WebhookEvent::kAccountResumed, "account.resumed"},
});
static_assert(kEvents.size() == kWebhookEventCount);
constexpr const EventRow& row_of(WebhookEvent event) {
  return kEvents[static_cast<std::size_t>(event) - 1];
}
static_assert(std::ranges::all_of(kEvents, [](const EventRow& row) {
  return &row_of(row.event) == &row;  // Row n describes enumerator n + 1.
}));

// Tags are stored: append, never renumber.
enum WebhookTag : std::uint8_t {
  kId = 1,
  kAccount = 2,
  kUrl = 3,
  kEvent = 4,  // at least one
  kSealedSecret = 5,
  kOldSecret = 6,  // with the next one, or neither
  kOldUntil = 7,
  kStopWhy = 8,  // with the next two, or none of them
  kStopSince = 9,
  kStopStatus = 10,
  kCreated = 11,
  kToldFrom = 12,
  kSlot = 13,
};
enum DeliveryTag : std::uint8_t {
  kMessage = 1,
  kType = 2,
  kBody = 3,
  kMade = 4,
  kState = 5,
  kAttempts = 6,
  kLastTry = 7,  // none or one
  kLastStatus = 8,
  kLastFault = 9,
  kNextTry = 10,
};

// read_events takes them rising, so that one list has one form.
void read_events(StrictReader& fields, Webhook& webhook) {
  while (fields.has(kEvent)) {
    webhook.events.push_back(fields.one_of(kEvent, WebhookEvent::kAccountResumed));
  }
  fields.require(!webhook.events.empty() &&
                 std::ranges::adjacent_find(webhook.events, std::greater_equal()) ==
                     webhook.events.end());
}

void read_stop(StrictReader& fields, Webhook& webhook) {
  if (!fields.has(kStopWhy)) {
    return;
  }
  Webhook::Stopped stopped{.why = fields.one_of(kStopWhy, WebhookStop::kFailing)};
  stopped.since = fields.time(kStopSince);
  stopped.last_status = fields.small(kStopStatus);
  webhook.stopped = stopped;
}

}  // namespace

std::string_view name_of(WebhookEvent event) { return row_of(event).name; }

std::optional<WebhookEvent> parse_webhook_event(std::string_view name) {
  const auto* const row = std::ranges::find(kEvents, name, &EventRow::name);
  return row == kEvents.end() ? std::nullopt : std::optional(row->event);
}

std::string_view name_of(WebhookStop stop) {
  switch (stop) {
    case WebhookStop::kByHolder:
      return "by_holder";
    case WebhookStop::kGone:
      return "gone";
    case WebhookStop::kFailing:
      return "failing";
  }
  std::unreachable();
}

std::string_view name_of(WebhookDelivery::State state) {
  switch (state) {
    case WebhookDelivery::State::kWaiting:
      return "waiting";
    case WebhookDelivery::State::kTaken:
      return "taken";
    case WebhookDelivery::State::kGivenUp:
      return "given_up";
  }
  std::unreachable();
}

std::string webhook_seal_name(std::string_view id) { return "webhook-" + std::string(id); }

std::string encode_webhook(const Webhook& webhook) {
  FieldWriter fields;
  fields.put(kId, webhook.id);
  fields.put(kAccount, webhook.account.text());
  fields.put(kUrl, webhook.url);
  for (const WebhookEvent event : webhook.events) {
    fields.put_u64(kEvent, std::to_underlying(event));
  }
  fields.put(kSealedSecret, webhook.sealed_secret);
  if (webhook.old_secret) {
    fields.put(kOldSecret, webhook.old_secret->sealed);
    put_time(fields, kOldUntil, webhook.old_secret->until);
  }
  if (webhook.stopped) {
    fields.put_u64(kStopWhy, std::to_underlying(webhook.stopped->why));
    put_time(fields, kStopSince, webhook.stopped->since);
    fields.put_u64(kStopStatus, webhook.stopped->last_status);
  }
  put_time(fields, kCreated, webhook.created);
  put_time(fields, kToldFrom, webhook.told_from);
  fields.put_u64(kSlot, webhook.slot);
  return std::string(1, static_cast<char>(kWebhookRecordVersion)) + fields.take();
}

std::optional<Webhook> decode_webhook(std::string_view bytes) {
  StrictReader fields(bytes, kWebhookRecordVersion);
  const std::string_view id = fields.id(kId);
  const auto account = fields.parsed(kAccount, AccountId::parse);
  if (!account) {
    return std::nullopt;
  }
  Webhook webhook{.id = std::string(id), .account = *account, .url = {}};
  webhook.url = fields.text(kUrl);
  read_events(fields, webhook);
  webhook.sealed_secret = fields.text(kSealedSecret);
  if (fields.has(kOldSecret)) {
    webhook.old_secret = Webhook::OldSecret{.sealed = std::string(fields.text(kOldSecret))};
    webhook.old_secret->until = fields.time(kOldUntil);
    fields.require(!webhook.old_secret->sealed.empty());
  }
  read_stop(fields, webhook);
  webhook.created = fields.time(kCreated);
  webhook.told_from = fields.time(kToldFrom);
  webhook.slot = fields.small(kSlot);
  fields.require(!webhook.url.empty() && !webhook.sealed_secret.empty() && webhook.slot >= 1 &&
                 webhook.slot <= kWebhooksPerAccountMax);
  return fields.whole() ? std::optional(std::move(webhook)) : std::nullopt;
}

std::string encode_webhook_delivery(const WebhookDelivery& delivery) {
  FieldWriter fields;
  fields.put(kMessage, delivery.message);
  fields.put(kType, delivery.type);
  fields.put(kBody, delivery.body);
  put_time(fields, kMade, delivery.made);
  fields.put_u64(kState, std::to_underlying(delivery.state));
  fields.put_u64(kAttempts, delivery.attempts);
  if (delivery.last_try) {
    put_time(fields, kLastTry, *delivery.last_try);
  }
  fields.put_u64(kLastStatus, delivery.last_status);
  fields.put(kLastFault, delivery.last_fault);
  put_time(fields, kNextTry, delivery.next_try);
  return std::string(1, static_cast<char>(kWebhookDeliveryVersion)) + fields.take();
}

std::optional<WebhookDelivery> decode_webhook_delivery(std::string_view bytes) {
  StrictReader fields(bytes, kWebhookDeliveryVersion);
  WebhookDelivery delivery;
  delivery.message = fields.text(kMessage);
  delivery.type = fields.text(kType);
  delivery.body = fields.text(kBody);
  delivery.made = fields.time(kMade);
  delivery.state = fields.one_of(kState, WebhookDelivery::State::kGivenUp);
  delivery.attempts = fields.small(kAttempts);
  if (fields.has(kLastTry)) {
    delivery.last_try = fields.time(kLastTry);
  }
  delivery.last_status = fields.small(kLastStatus);
  delivery.last_fault = fields.text(kLastFault);
  delivery.next_try = fields.time(kNextTry);
  fields.require(!delivery.message.empty() && !delivery.type.empty() &&
                 delivery.body.size() <= kWebhookBodyBytesMax &&
                 delivery.last_fault.size() <= kWebhookFaultBytesMax);
  return fields.whole() ? std::optional(std::move(delivery)) : std::nullopt;
}

}  // namespace counterfoil
