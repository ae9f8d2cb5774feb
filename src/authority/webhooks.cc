#include "authority/webhooks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/webhook.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/secret_job.h"
#include "authority/webhook_news.h"
#include "authority/webhook_records.h"
#include "authority/webhook_sender.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/base64_span.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"
#include "crypto/wipe.h"
#include "outbound/web_url.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

constexpr std::size_t kErasedAtOnce = 2'000;

std::unexpected<Problem> no_such_webhook() {
  return problem(Kind::kNotFound, "no_such_webhook", "there is no such webhook");
}

std::unexpected<Problem> too_many_webhooks() {
  return problem(Kind::kConflict, "too_many_webhooks",
                 "the account has " + std::to_string(kWebhooksPerAccountMax) +
                     " webhooks, which is the most: delete one, or let one receiver pass events "
                     "on");
}

std::expected<std::vector<WebhookEvent>, Problem> events_of(const std::vector<std::string>& names) {
  std::vector<WebhookEvent> events;
  for (const std::string& name : names) {
    const auto event = parse_webhook_event(name);
    if (!event) {
      return problem(Kind::kInvalid, "event_unknown",
                     "there is no such event; docs/webhooks.md lists all, such as key.revoked");
    }
    events.push_back(*event);
  }
  std::ranges::sort(events);
  const auto doubled = std::ranges::unique(events);
  events.erase(doubled.begin(), doubled.end());
  if (events.empty()) {
    return problem(Kind::kInvalid, "no_events", "a webhook wants at least one event to be told of");
  }
  return events;
}

std::string names_of(const std::vector<WebhookEvent>& events) {
  std::string names;
  for (const WebhookEvent event : events) {
    names += (names.empty() ? "" : ",") + std::string(name_of(event));
  }
  return names;
}

// The path may be as good as a secret, so the log has the host alone.
std::string host_of(const std::string& url) {
  const auto parsed = WebUrl::parse(url);
  return parsed ? parsed->authority : std::string();
}

// shown_secret writes a secret as receivers take it: "whsec_" and base64.
std::expected<SecretBytes, CryptoError> shown_secret(const SecretBytes& secret) {
  constexpr std::string_view kPrefix = "whsec_";
  std::array<std::uint8_t, kPrefix.size() + base64_characters(Webhooks::kSecretBytes)> text{};
  std::ranges::copy(as_bytes(kPrefix), text.begin());
  encode_base64(as_bytes(SecretJob::lent_text(secret)), std::span(text).subspan(kPrefix.size()));
  auto shown = SecretBytes::copy_of(text);
  wipe(text);
  return shown;
}

AuditFact webhook_fact(const Actor& actor, std::string action, const Webhook& webhook) {
  AuditFact fact = fact_of(actor, std::move(action), webhook.id);
  fact.detail["account"] = webhook.account.text();
  return fact;
}

void note_events(AuditFact& fact, const Webhook& webhook) {
  fact.detail["events"] = names_of(webhook.events);
}

}  // namespace

// ---- reading

Webhooks::Result<std::vector<Webhook>> Webhooks::of(std::string_view account) const {
  auto found = webhooks_of(parts_.audited.read(), account);
  if (!found) {
    return std::unexpected(found.error());
  }
  std::vector<Webhook> webhooks;
  for (Stored<Webhook>& one : *found) {
    webhooks.push_back(std::move(one.value));
  }
  return webhooks;
}

Webhooks::Result<Stored<Webhook>> Webhooks::stored(std::string_view id) const {
  auto found = find_webhook(parts_.audited.read(), id);
  if (!found) {
    return std::unexpected(found.error());
  }
  return *found ? Result<Stored<Webhook>>(std::move(**found)) : no_such_webhook();
}

Webhooks::Result<Webhook> Webhooks::find(std::string_view id) const {
  auto found = stored(id);
  return found ? Result<Webhook>(std::move(found->value)) : std::unexpected(found.error());
}

Webhooks::Result<Webhook> Webhooks::running(const std::string& id) const {
  auto found = find(id);
  if (found && found->stopped) {
    return problem(Kind::kConflict, "webhook_stopped",
                   "this webhook is stopped, so it is told nothing: let it go on first");
  }
  return found;
}

Webhooks::Result<std::vector<StoredDelivery>> Webhooks::deliveries(const std::string& id,
                                                                   std::size_t limit) const {
  const auto found = stored(id);
  return found ? deliveries_of(parts_.audited.read(), id, limit) : std::unexpected(found.error());
}

std::string Webhooks::delivery_name(const StoredDelivery& delivery) {
  return delivery.record_id.substr(delivery.record_id.find(':') + 1);
}

// ---- changing

Webhooks::Result<void> Webhooks::check_account(const std::string& account) const {
  const auto record = parts_.audited.read().find(RecordKind::kAccount, account);
  if (!record) {
    return problem_of(record.error());
  }
  return *record ? Result<void>()
                 : problem(Kind::kNotFound, "no_such_account", "there is no such account");
}

Webhooks::Result<void> Webhooks::check_url(const std::string& url) const {
  const auto fine = parts_.check_url(url);
  return fine ? Result<void>() : problem(Kind::kInvalid, "url_refused", fine.error());
}

Webhooks::Result<Webhooks::NewSecret> Webhooks::new_secret(std::string_view id) {
  const auto secret = SecretBytes::random(kSecretBytes, parts_.random);
  if (!secret) {
    return problem(Kind::kUnavailable, "no_randomness", describe(secret.error()));
  }
  auto shown = shown_secret(*secret);
  if (!shown) {
    return problem(Kind::kUnavailable, "no_secret_memory", describe(shown.error()));
  }
  const auto sealed = parts_.sealer.seal_own(webhook_seal_name(id), *secret);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  return NewSecret{.sealed = std::string(as_text(*sealed)), .shown = std::move(*shown)};
}

// The place among those of the account is a unique value, so two who make one at the same moment
// cannot both have the last.
Webhooks::Result<void> Webhooks::store_new(Webhook& webhook, const AuditFact& fact) {
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    const auto present = of(webhook.account.text());
    if (!present) {
      return std::unexpected(present.error());
    }
    webhook.slot = 1;
    while (std::ranges::find(*present, webhook.slot, &Webhook::slot) != present->end()) {
      ++webhook.slot;
    }
    if (webhook.slot > kWebhooksPerAccountMax) {
      return too_many_webhooks();
    }
    const auto written = parts_.audited.commit({webhook_write(webhook, 0)}, fact);
    if (written) {
      return {};
    }
    if (written.error() != RegistryError::kDuplicate &&
        written.error() != RegistryError::kConflict) {
      return problem_of(written.error());
    }
  }
  return problem_of(RegistryError::kConflict);
}

Webhooks::Result<Webhooks::WithSecret> Webhooks::create(const std::string& account,
                                                        const Wish& wish, const Actor& actor) {
  auto events = events_of(wish.events);
  if (!events) {
    return std::unexpected(events.error());
  }
  if (const auto fine = check_account(account); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_url(wish.url); !fine) {
    return std::unexpected(fine.error());
  }
  const auto owner = AccountId::parse(account);
  auto id = new_id(parts_.random);
  if (!id || !owner) {
    return id ? account_id_invalid() : no_randomness();
  }
  const auto held = parts_.sealer.hold_keys();
  auto secret = new_secret(*id);
  if (!secret) {
    return std::unexpected(secret.error());
  }
  const Timestamp now = parts_.audited.now();
  Webhook webhook{.id = std::move(*id),
                  .account = *owner,
                  .url = wish.url,
                  .events = std::move(*events),
                  .sealed_secret = std::move(secret->sealed),
                  .created = now,
                  .told_from = now};
  AuditFact fact = webhook_fact(actor, "webhook.create", webhook);
  fact.detail["host"] = host_of(webhook.url);
  note_events(fact, webhook);
  if (const auto made = store_new(webhook, fact); !made) {
    return std::unexpected(made.error());
  }
  return WithSecret{.webhook = std::move(webhook), .secret = std::move(secret->shown)};
}

Webhooks::Result<Webhook> Webhooks::change(
    const std::string& id, const std::string& action, const Actor& actor,
    const std::function<void(Webhook& webhook, AuditFact& fact)>& apply) {
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    auto present = stored(id);
    if (!present) {
      return std::unexpected(present.error());
    }
    Webhook changed = std::move(present->value);
    AuditFact fact = webhook_fact(actor, action, changed);
    apply(changed, fact);
    const auto written = parts_.audited.commit({webhook_write(changed, present->modified)}, fact);
    if (written) {
      return changed;
    }
    if (written.error() != RegistryError::kConflict) {
      return problem_of(written.error());
    }
  }
  return problem_of(RegistryError::kConflict);
}

Webhooks::Result<Webhook> Webhooks::edit(const std::string& id, const Edit& edit,
                                         const Actor& actor) {
  if (const auto found = stored(id); !found) {
    return std::unexpected(found.error());
  }
  auto events = edit.events ? events_of(*edit.events)
                            : Result<std::vector<WebhookEvent>>(std::vector<WebhookEvent>());
  if (!events) {
    return std::unexpected(events.error());
  }
  if (edit.url) {
    if (const auto fine = check_url(*edit.url); !fine) {
      return std::unexpected(fine.error());
    }
  }
  const Timestamp now = parts_.audited.now();
  auto changed = change(id, "webhook.edit", actor, [&](Webhook& webhook, AuditFact& fact) {
    if (edit.url) {
      webhook.url = *edit.url;
      fact.detail["host"] = host_of(webhook.url);
    }
    if (edit.events) {
      webhook.events = *events;
      note_events(fact, webhook);
    }
    if (edit.is_on) {
      if (*edit.is_on) {
        webhook.stopped.reset();
      } else {
        webhook.stopped = Webhook::Stopped{.why = WebhookStop::kByHolder, .since = now};
      }
      fact.detail["state"] = *edit.is_on ? "on" : "stopped";
    }
    if (edit.events || edit.is_on) {
      webhook.told_from = now;
    }
  });
  if (changed) {
    parts_.sender.let_go_on(id);
  }
  return changed;
}

Webhooks::Result<Webhooks::WithSecret> Webhooks::rotate_secret(const std::string& id,
                                                               const Actor& actor) {
  if (const auto found = stored(id); !found) {
    return std::unexpected(found.error());
  }
  const auto held = parts_.sealer.hold_keys();
  auto secret = new_secret(id);
  if (!secret) {
    return std::unexpected(secret.error());
  }
  const Timestamp until = parts_.audited.now() + kWebhookOverlap;
  auto changed = change(id, "webhook.rotate_secret", actor, [&](Webhook& webhook, AuditFact&) {
    webhook.old_secret =
        Webhook::OldSecret{.sealed = std::move(webhook.sealed_secret), .until = until};
    webhook.sealed_secret = secret->sealed;
  });
  return changed ? Result<WithSecret>(WithSecret{.webhook = std::move(*changed),
                                                 .secret = std::move(secret->shown)})
                 : std::unexpected(changed.error());
}

Webhooks::Result<void> Webhooks::erase(const std::string& id, const Actor& actor) {
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    const auto present = stored(id);
    if (!present) {
      return std::unexpected(present.error());
    }
    const auto told = deliveries_of(parts_.audited.read(), id, kErasedAtOnce);
    if (!told) {
      return std::unexpected(told.error());
    }
    std::vector<Write> writes{
        {.kind = RecordKind::kWebhook, .id = id, .expected_modified = present->modified}};
    for (const StoredDelivery& delivery : *told) {
      writes.push_back(delivery_erase(delivery));
    }
    const auto written = parts_.audited.commit(
        std::move(writes), webhook_fact(actor, "webhook.delete", present->value));
    if (written) {
      parts_.sender.forget(id);
      return {};
    }
    if (written.error() != RegistryError::kConflict) {
      return problem_of(written.error());
    }
  }
  return problem_of(RegistryError::kConflict);
}

// ---- telling by hand

Webhooks::Result<StoredDelivery> Webhooks::test(const std::string& id, const Actor& actor) {
  const auto webhook = running(id);
  if (!webhook) {
    return std::unexpected(webhook.error());
  }
  const auto message = new_id(parts_.random);
  if (!message) {
    return no_randomness();
  }
  const auto noted = parts_.audited.commit({}, webhook_fact(actor, "webhook.test", *webhook));
  if (!noted) {
    return problem_of(noted.error());
  }
  const Timestamp now = parts_.audited.now();
  return parts_.sender.add(id, {.message = "msg_" + *message,
                                .type = std::string(kWebhookTestType),
                                .body = webhook_test_body(webhook->account.text(), now),
                                .made = now,
                                .next_try = now});
}

Webhooks::Result<StoredDelivery> Webhooks::redeliver(const std::string& id,
                                                     std::string_view delivery,
                                                     const Actor& actor) {
  const auto webhook = running(id);
  if (!webhook) {
    return std::unexpected(webhook.error());
  }
  const auto told = deliveries(id, kListMax);
  if (!told) {
    return std::unexpected(told.error());
  }
  const auto found = std::ranges::find(*told, delivery, delivery_name);
  if (found == told->end()) {
    return problem(Kind::kNotFound, "no_such_delivery",
                   "there is no such delivery; only the newest are kept");
  }
  if (found->value.state == WebhookDelivery::State::kWaiting) {
    return problem(Kind::kConflict, "still_waiting",
                   "this delivery is still waiting: it is tried again by itself");
  }
  const auto noted = parts_.audited.commit({}, webhook_fact(actor, "webhook.redeliver", *webhook));
  if (!noted) {
    return problem_of(noted.error());
  }
  const Timestamp now = parts_.audited.now();
  return parts_.sender.add(id, {.message = found->value.message,
                                .type = found->value.type,
                                .body = found->value.body,
                                .made = now,
                                .next_try = now});
}

}  // namespace counterfoil
