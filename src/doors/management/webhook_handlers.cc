#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/webhook_records.h"
#include "authority/webhooks.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kUrlBytesMax = 2'048;  // one above what is taken has an answer of its own
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kEventsMax = 2 * kWebhookEventCount;
constexpr int kCreated = 201;
constexpr int kAccepted = 202;

std::expected<Webhooks*, ApiFault> webhooks_of(const Call& call) {
  if (call.parts.webhooks != nullptr) {
    return call.parts.webhooks;
  }
  return std::unexpected(ApiFault{.status = 404,
                                  .reason = "no_webhooks",
                                  .detail = "this node tells nobody of events",
                                  .member = {}});
}

Json webhook_json(const Call& call, const Webhook& webhook) {
  Json events = Json::array();
  for (const WebhookEvent event : webhook.events) {
    events.push_back(name_of(event));
  }
  const auto& stopped = webhook.stopped;
  const auto& old = webhook.old_secret;
  const bool has_old = old && old->until > call.parts.clock.now();
  return {{"id", webhook.id},
          {"account", webhook.account.text()},
          {"url", webhook.url},
          {"events", std::move(events)},
          {"state", stopped ? "stopped" : "on"},
          {"stopped_why", stopped ? Json(name_of(stopped->why)) : Json(nullptr)},
          {"stopped_at", stopped ? Json(time_text(stopped->since)) : Json(nullptr)},
          {"last_status",
           stopped && stopped->last_status != 0 ? Json(stopped->last_status) : Json(nullptr)},
          {"old_secret_until", has_old ? Json(time_text(old->until)) : Json(nullptr)},
          {"created_at", time_text(webhook.created)}};
}

// Of the answer its status alone is kept: nothing that a receiver says is shown (control S-77).
Json delivery_json(const StoredDelivery& stored) {
  const WebhookDelivery& delivery = stored.value;
  const bool is_waiting = delivery.state == WebhookDelivery::State::kWaiting;
  return {{"id", Webhooks::delivery_name(stored)},
          {"webhook_id", delivery.message},
          {"type", delivery.type},
          {"body", delivery.body},
          {"state", name_of(delivery.state)},
          {"attempts", delivery.attempts},
          {"status", delivery.last_status == 0 ? Json(nullptr) : Json(delivery.last_status)},
          {"fault", delivery.last_fault.empty() ? Json(nullptr) : Json(delivery.last_fault)},
          {"made_at", time_text(delivery.made)},
          {"last_try_at", delivery.last_try ? Json(time_text(*delivery.last_try)) : Json(nullptr)},
          {"next_try_at", is_waiting ? Json(time_text(delivery.next_try)) : Json(nullptr)}};
}

// accounts_listed are those whose webhooks the asker is shown: theirs, or the one they ask for.
std::expected<std::vector<std::string>, ApiFault> accounts_listed(
    const Call& call, const std::optional<std::string>& wanted) {
  const auto bound = bound_account(call.asker);
  if (wanted) {
    const auto visible = sees(call.parts, bound, *wanted);
    if (!visible) {
      return std::unexpected(visible.error());
    }
    const auto account = call.parts.issuer.account(*visible ? *wanted : std::string());
    return account ? std::expected<std::vector<std::string>, ApiFault>({account->id.text()})
                   : std::unexpected(fault_of(account.error()));
  }
  if (!bound) {
    return std::unexpected(bad_input("account_missing", "say of which account: ?account=ACCOUNT"));
  }
  const auto accounts = accounts_within(call.parts, *bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  std::vector<std::string> names;
  for (const Account& account : *accounts) {
    names.push_back(account.id.text());
  }
  return names;
}

}  // namespace

Outcome list_webhooks(const Call& call) {
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  const auto wanted = call.query.text("account");
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto accounts = accounts_listed(call, wanted);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  Json items = Json::array();
  for (const std::string& account : *accounts) {
    const auto some = (*webhooks)->of(account);
    if (!some) {
      return std::unexpected(fault_of(some.error()));
    }
    for (const Webhook& webhook : *some) {
      items.push_back(webhook_json(call, webhook));
    }
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome create_webhook(const Call& call) {
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  MemberReader members(call.body);
  const std::string account = members.required_text("account", kNameBytesMax);
  Webhooks::Wish wish{.url = members.required_text("url", kUrlBytesMax), .events = {}};
  wish.events =
      members.texts("events", kNameBytesMax, kEventsMax).value_or(std::vector<std::string>());
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto made = (*webhooks)->create(account, wish, call.actor());
  return made ? reply_once(webhook_json(call, made->webhook), made->secret, kCreated)
              : Outcome(std::unexpected(fault_of(made.error())));
}

Outcome edit_webhook(const Call& call) {
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  MemberReader members(call.body);
  Webhooks::Edit edit{.url = members.text("url", kUrlBytesMax),
                      .events = members.texts("events", kNameBytesMax, kEventsMax),
                      .is_on = std::nullopt};
  if (const auto state = members.text("state", kNameBytesMax)) {
    edit.is_on = *state == "on";
    if (*state != "on" && *state != "stopped") {
      members.refuse("state_unknown", "a webhook is on or stopped", "state");
    }
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto changed = (*webhooks)->edit(call.id, edit, call.actor());
  return changed ? Outcome(reply(webhook_json(call, *changed)))
                 : std::unexpected(fault_of(changed.error()));
}

Outcome delete_webhook(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  const auto gone = (*webhooks)->erase(call.id, call.actor());
  return gone ? Outcome(no_content()) : std::unexpected(fault_of(gone.error()));
}

Outcome rotate_webhook_secret(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  const auto made = (*webhooks)->rotate_secret(call.id, call.actor());
  return made ? reply_once(webhook_json(call, made->webhook), made->secret, kCreated)
              : Outcome(std::unexpected(fault_of(made.error())));
}

Outcome test_webhook(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  const auto sent = (*webhooks)->test(call.id, call.actor());
  return sent ? Outcome(reply(delivery_json(*sent), kAccepted))
              : std::unexpected(fault_of(sent.error()));
}

Outcome list_deliveries(const Call& call) {
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  const std::size_t limit = page_size(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto deliveries = (*webhooks)->deliveries(call.id, limit);
  if (!deliveries) {
    return std::unexpected(fault_of(deliveries.error()));
  }
  Json items = Json::array();
  for (const StoredDelivery& delivery : *deliveries) {
    items.push_back(delivery_json(delivery));
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome redeliver(const Call& call) {
  const auto webhooks = webhooks_of(call);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  MemberReader members(call.body);
  const std::string delivery = members.required_text("delivery", kNameBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto sent = (*webhooks)->redeliver(call.id, delivery, call.actor());
  return sent ? Outcome(reply(delivery_json(*sent), kAccepted))
              : std::unexpected(fault_of(sent.error()));
}

}  // namespace counterfoil
