#include "authority/webhook_sender.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account_codec.h"
#include "accounts/webhook.h"
#include "authority/audit_chain.h"
#include "authority/issuer_limits.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/webhook_news.h"
#include "authority/webhook_records.h"
#include "authority/webhook_schedule.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/crypto_error.h"
#include "crypto/hmac.h"
#include "journal/journal.h"
#include "outbound/head_call.h"
#include "outbound/http_client.h"
#include "outbound/webhook_signature.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;

constexpr std::string_view kPlaceSetting = "webhooks_told";
constexpr std::size_t kRowsAtOnce = 500;
constexpr std::size_t kWritesAtOnce = 2'000;
// The place is stored with deliveries, and by itself only now and then: each time is a write.
constexpr std::uint64_t kPlaceEvery = 1'000;
constexpr std::size_t kPruneEvery = 50;

constexpr int kGoneStatus = 410;
constexpr auto kThrottling = std::to_array<int>({429, 502, 503, 504});

AuditFact webhook_fact(std::string action, const Webhook& webhook) {
  return {.actor = "system",
          .source = "local",
          .action = std::move(action),
          .object = webhook.id,
          .detail = {{"account", webhook.account.text()}}};
}

bool is_told(const Webhook& webhook, const WebhookNews& news) {
  return !webhook.stopped && news.time >= webhook.told_from &&
         std::ranges::find(webhook.events, news.event) != webhook.events.end();
}

}  // namespace

void WebhookSender::wake_with(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

// ---- what waits

std::expected<void, Problem> WebhookSender::load() {
  std::string after;
  const Timestamp now = parts_.clock.now();
  const BootTime boot = parts_.clock.boot_now();
  while (true) {
    const auto records = parts_.registry.list(RecordKind::kWebhookDelivery, after, kListMax);
    if (!records) {
      return problem_of(records.error());
    }
    const std::scoped_lock lock(mutex_);
    for (const Record& record : *records) {
      auto delivery = decode_webhook_delivery(record.bytes);
      if (!delivery || delivery->state != WebhookDelivery::State::kWaiting) {
        continue;
      }
      const auto pause = std::clamp<std::chrono::microseconds>(delivery->next_try - now, seconds(0),
                                                               kRetryAfterMax);
      Line& line = lines_[record.id.substr(0, record.id.find(':'))];
      line.waiting[record.id] = {.stored = {.record_id = record.id,
                                            .value = std::move(*delivery),
                                            .modified = record.modified},
                                 .due = boot + pause};
      ++waiting_;
    }
    if (records->size() < kListMax) {
      return {};
    }
    after = records->back().id;
  }
}

// Under mutex_.
bool WebhookSender::has_room(const std::string& webhook, const Batch& batch) const {
  const auto line = lines_.find(webhook);
  const std::size_t present = line == lines_.end() ? 0 : line->second.waiting.size();
  const auto more = static_cast<std::size_t>(std::ranges::count(batch.webhooks, webhook));
  return present + more < kWaitingMax && waiting_ + batch.deliveries.size() < kWaitingOfAllMax;
}

std::size_t WebhookSender::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

std::uint64_t WebhookSender::left_out() const {
  const std::scoped_lock lock(mutex_);
  return left_out_;
}

std::expected<StoredDelivery, Problem> WebhookSender::add(const std::string& webhook,
                                                          WebhookDelivery delivery) {
  auto id = delivery_record_id(webhook, delivery.made, parts_.random);
  if (!id) {
    return std::unexpected(id.error());
  }
  {
    const std::scoped_lock lock(mutex_);
    if (!has_room(webhook, Batch())) {
      return problem(Problem::Kind::kBusy, "too_many_waiting",
                     "too many deliveries wait for this webhook already: mend its receiver first");
    }
  }
  StoredDelivery stored{.record_id = std::move(*id), .value = std::move(delivery)};
  const auto written = parts_.registry.commit({.writes = {delivery_write(stored)}});
  if (!written) {
    return problem_of(written.error());
  }
  stored.modified = written->number;
  const std::scoped_lock lock(mutex_);
  lines_[webhook].waiting[stored.record_id] = {.stored = stored, .due = parts_.clock.boot_now()};
  ++waiting_;
  if (wake_) {
    wake_();
  }
  return stored;
}

void WebhookSender::let_go_on(std::string_view webhook) {
  const std::scoped_lock lock(mutex_);
  const auto line = lines_.find(webhook);
  if (line != lines_.end()) {
    line->second.failures = 0;
    line->second.held_until = {};
  }
}

void WebhookSender::forget(std::string_view webhook) {
  const std::scoped_lock lock(mutex_);
  const auto line = lines_.find(webhook);
  if (line == lines_.end()) {
    return;
  }
  waiting_ -= line->second.waiting.size();
  line->second.waiting.clear();
  if (!line->second.is_busy) {
    lines_.erase(line);
  }
}

void WebhookSender::stop() {
  const std::scoped_lock lock(mutex_);
  is_stopped_ = true;
}

// ---- out of the audit log

WebhookSender::Done WebhookSender::find_place() {
  const auto found = parts_.registry.find(RecordKind::kSetting, kPlaceSetting);
  const auto head = parts_.journal.audit_head();
  if (!found || !head) {
    return found
               ? problem(Problem::Kind::kUnavailable, "journal_unavailable", describe(head.error()))
               : problem_of(found.error());
  }
  const std::uint64_t newest = *head ? (*head)->seq : 0;
  std::uint64_t place = newest;  // a node that never told anybody begins with what comes
  place_modified_ = 0;
  if (*found) {
    const std::string& text = (*found)->bytes;
    std::from_chars(text.data(), text.data() + text.size(), place);
    place_modified_ = (*found)->modified;
  }
  place_ = std::min(place, newest);  // a restored journal may be shorter
  stored_place_ = *place_;
  return {};
}

std::expected<std::vector<Webhook>, Problem> WebhookSender::webhooks_for(
    const std::string& account) const {
  std::vector<Webhook> webhooks;
  const auto add = [&](std::string_view of) -> Done {
    auto some = webhooks_of(parts_.registry, of);
    if (!some) {
      return std::unexpected(some.error());
    }
    for (Stored<Webhook>& one : *some) {
      webhooks.push_back(std::move(one.value));
    }
    return {};
  };
  if (const Done own = add(account); !own) {
    return std::unexpected(own.error());
  }
  // Who holds an account is told of its sub-accounts, too.
  const auto record = parts_.registry.find(RecordKind::kAccount, account);
  const auto stored = record && *record ? decode_account((*record)->bytes) : std::nullopt;
  if (stored && stored->master) {
    if (const Done of_master = add(stored->master->text()); !of_master) {
      return std::unexpected(of_master.error());
    }
  }
  return webhooks;
}

WebhookSender::Done WebhookSender::add_news(
    const WebhookNews& news, std::map<std::string, std::vector<Webhook>, std::less<>>& known,
    Batch& batch) {
  auto found = known.find(news.account);
  if (found == known.end()) {
    auto webhooks = webhooks_for(news.account);
    if (!webhooks) {
      return std::unexpected(webhooks.error());
    }
    found = known.emplace(news.account, std::move(*webhooks)).first;
  }
  for (const Webhook& webhook : found->second) {
    if (!is_told(webhook, news)) {
      continue;
    }
    {
      const std::scoped_lock lock(mutex_);
      if (!has_room(webhook.id, batch)) {
        ++batch.left_out;
        continue;
      }
    }
    auto record_id = delivery_record_id(webhook.id, news.time, parts_.random);
    const auto id = new_id(parts_.random);
    if (!record_id || !id) {
      return no_randomness();
    }
    batch.webhooks.push_back(webhook.id);
    batch.deliveries.push_back({.record_id = std::move(*record_id),
                                .value = {.message = "msg_" + *id,
                                          .type = std::string(name_of(news.event)),
                                          .body = webhook_body(news),
                                          .made = news.time,
                                          .next_try = parts_.clock.now()}});
  }
  return {};
}

std::expected<WebhookSender::Batch, Problem> WebhookSender::batch_of(
    const std::vector<AuditRow>& rows) {
  Batch batch{.deliveries = {}, .webhooks = {}, .place = *place_};
  std::map<std::string, std::vector<Webhook>, std::less<>> known;
  for (const AuditRow& row : rows) {
    if (batch.deliveries.size() + (2 * kWebhooksPerAccountMax) > kWritesAtOnce) {
      break;
    }
    if (const auto news = news_in(row.bytes)) {
      if (const Done added = add_news(*news, known, batch); !added) {
        return std::unexpected(added.error());
      }
    }
    batch.place = row.seq;
  }
  return batch;
}

WebhookSender::Done WebhookSender::store(Batch batch) {
  if (batch.deliveries.empty() && batch.place < stored_place_ + kPlaceEvery) {
    place_ = batch.place;
    const std::scoped_lock lock(mutex_);
    left_out_ += batch.left_out;
    return {};
  }
  std::vector<Write> writes{{.kind = RecordKind::kSetting,
                             .id = std::string(kPlaceSetting),
                             .bytes = std::to_string(batch.place),
                             .expected_modified = place_modified_}};
  for (const StoredDelivery& delivery : batch.deliveries) {
    writes.push_back(delivery_write(delivery));
  }
  const auto written = parts_.registry.commit({.writes = std::move(writes)});
  if (!written) {
    place_.reset();  // whatever it was: read the place anew
    return problem_of(written.error());
  }
  place_ = batch.place;
  stored_place_ = batch.place;
  place_modified_ = written->number;
  const BootTime now = parts_.clock.boot_now();
  const std::scoped_lock lock(mutex_);
  left_out_ += batch.left_out;
  for (std::size_t i = 0; i < batch.deliveries.size(); ++i) {
    StoredDelivery& delivery = batch.deliveries[i];
    delivery.modified = written->number;
    const std::string record_id = delivery.record_id;
    lines_[batch.webhooks[i]].waiting[record_id] = {.stored = std::move(delivery), .due = now};
    ++waiting_;
  }
  if (wake_ && !batch.deliveries.empty()) {
    wake_();
  }
  return {};
}

std::expected<void, Problem> WebhookSender::collect() {
  const std::scoped_lock collecting(collect_mutex_);
  while (true) {
    if (!place_) {
      if (const Done found = find_place(); !found) {
        return found;
      }
    }
    const auto rows = parts_.journal.audit(*place_, kRowsAtOnce);
    if (!rows) {
      return problem(Problem::Kind::kUnavailable, "journal_unavailable", describe(rows.error()));
    }
    if (rows->empty()) {
      prune();
      return {};
    }
    auto batch = batch_of(*rows);
    if (!batch) {
      return std::unexpected(batch.error());
    }
    if (const Done stored = store(std::move(*batch)); !stored) {
      return stored;
    }
  }
}

void WebhookSender::prune() {
  std::vector<std::string> full;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [webhook, line] : lines_) {
      if (line.over_since_prune >= kPruneEvery) {
        line.over_since_prune = 0;
        full.push_back(webhook);
      }
    }
  }
  for (const std::string& webhook : full) {
    (void)prune(webhook);  // what stays is for the next time
  }
}

WebhookSender::Done WebhookSender::prune(const std::string& webhook) {
  const auto deliveries = deliveries_of(parts_.registry, webhook, kListMax);
  if (!deliveries) {
    return std::unexpected(deliveries.error());
  }
  std::vector<Write> writes;
  std::size_t over = 0;
  for (const StoredDelivery& delivery : *deliveries) {
    if (delivery.value.state != WebhookDelivery::State::kWaiting && ++over > kKept &&
        writes.size() < kWritesAtOnce) {
      writes.push_back(delivery_erase(delivery));
    }
  }
  if (writes.empty()) {
    return {};
  }
  const auto erased = parts_.registry.commit({.writes = std::move(writes)});
  return erased ? Done() : problem_of(erased.error());
}

// ---- to the receivers

std::optional<WebhookSender::Job> WebhookSender::take() {
  const BootTime now = parts_.clock.boot_now();
  const std::scoped_lock lock(mutex_);
  if (is_stopped_) {
    return std::nullopt;
  }
  Line* chosen = nullptr;
  const StoredDelivery* oldest = nullptr;
  const std::string* webhook = nullptr;
  for (auto& [id, line] : lines_) {
    if (line.is_busy || line.held_until > now) {
      continue;
    }
    for (const Waiting& waiting : std::views::values(line.waiting)) {
      if (waiting.due <= now &&
          (oldest == nullptr || waiting.stored.value.made < oldest->value.made)) {
        chosen = &line;
        oldest = &waiting.stored;
        webhook = &id;
      }
    }
  }
  if (chosen == nullptr) {
    return std::nullopt;
  }
  chosen->is_busy = true;
  return Job{.webhook = *webhook, .delivery = *oldest};
}

bool WebhookSender::deliver_one() {
  const auto job = take();
  if (!job) {
    return false;
  }
  attempt(*job);
  release(job->webhook);
  return true;
}

void WebhookSender::release(const std::string& webhook) {
  const std::scoped_lock lock(mutex_);
  const auto line = lines_.find(webhook);
  if (line != lines_.end()) {
    line->second.is_busy = false;
  }
}

std::expected<HttpCall, Problem> WebhookSender::call_for(const Webhook& webhook,
                                                         const WebhookDelivery& delivery) const {
  const Timestamp now = parts_.clock.now();
  std::vector<HmacKey> keys;
  const auto open = [&](std::string_view sealed) -> Done {
    const auto secret = parts_.sealer.open_own(webhook_seal_name(webhook.id), as_bytes(sealed));
    if (!secret) {
      return std::unexpected(secret.error());
    }
    auto key = HmacKey::from_secret(*secret);
    if (!key) {
      return problem(Problem::Kind::kUnavailable, "no_secret_memory", describe(key.error()));
    }
    keys.push_back(std::move(*key));
    return {};
  };
  if (const Done opened = open(webhook.sealed_secret); !opened) {
    return std::unexpected(opened.error());
  }
  if (webhook.old_secret && webhook.old_secret->until > now) {
    if (const Done opened = open(webhook.old_secret->sealed); !opened) {
      return std::unexpected(opened.error());
    }
  }
  std::vector<const HmacKey*> lent;
  lent.reserve(keys.size());
  for (const HmacKey& key : keys) {
    lent.push_back(&key);
  }
  const std::int64_t timestamp = std::chrono::floor<seconds>(now).time_since_epoch().count();
  return HttpCall{.method = "POST",
                  .target = {},
                  .headers = {{"Content-Type", "application/json"},
                              {"webhook-id", delivery.message},
                              {"webhook-timestamp", std::to_string(timestamp)},
                              {"webhook-signature", webhook_signature(delivery.message, timestamp,
                                                                      delivery.body, lent)}},
                  .body = delivery.body};
}

WebhookSender::Tried WebhookSender::try_once(const Webhook& webhook, WebhookDelivery& delivery) {
  ++delivery.attempts;
  delivery.last_try = parts_.clock.now();
  delivery.last_status = 0;
  auto call = call_for(webhook, delivery);
  const auto reply = call ? parts_.send(webhook.url, std::move(*call))
                          : std::expected<HttpReply, std::string>(
                                std::unexpected(std::string("the secret does not open")));
  if (!reply) {
    delivery.last_fault = reply.error().substr(0, kWebhookFaultBytesMax);
    return {.is_refused = is_address_refused(reply.error())};
  }
  delivery.last_fault.clear();
  delivery.last_status = static_cast<std::uint32_t>(reply->status);
  if (reply->status / 100 == 2) {
    return {.outcome = Outcome::kTaken};
  }
  if (reply->status == kGoneStatus) {
    return {.outcome = Outcome::kGone};
  }
  const bool is_throttled = std::ranges::find(kThrottling, reply->status) != kThrottling.end();
  return {.retry_after = is_throttled ? retry_after_in(reply->header("retry-after")) : seconds(0)};
}

void WebhookSender::attempt(const Job& job) {
  const auto webhook = find_webhook(parts_.registry, job.webhook);
  if (!webhook) {
    const std::scoped_lock lock(mutex_);
    lines_[job.webhook].held_until = parts_.clock.boot_now() + webhook_hold(1);
    return;
  }
  if (!*webhook) {
    forget(job.webhook);
    return;
  }
  if ((*webhook)->value.stopped) {
    give_up_all(job.webhook);
    return;
  }
  StoredDelivery now = job.delivery;
  WebhookDelivery& delivery = now.value;
  const Tried tried = try_once((*webhook)->value, delivery);
  const auto pause =
      tried.outcome == Outcome::kFailed ? webhook_pause(delivery.attempts, jitter()) : std::nullopt;
  if (pause) {
    const std::chrono::microseconds wait =
        std::max<std::chrono::microseconds>(*pause, tried.retry_after);
    delivery.next_try = parts_.clock.now() + wait;
  } else {
    delivery.state = tried.outcome == Outcome::kTaken ? WebhookDelivery::State::kTaken
                                                      : WebhookDelivery::State::kGivenUp;
  }
  settle(job, now, tried);
  if (tried.is_refused) {
    note_refused_address((*webhook)->value);
  }
  if (delivery.state == WebhookDelivery::State::kGivenUp) {
    disable(job.webhook,
            tried.outcome == Outcome::kGone ? WebhookStop::kGone : WebhookStop::kFailing,
            delivery.last_status);
    give_up_all(job.webhook);
  }
}

// settle writes down what came of an attempt.
void WebhookSender::settle(const Job& job, const StoredDelivery& now, const Tried& tried) {
  const auto written = parts_.registry.commit({.writes = {delivery_write(now)}});
  const BootTime boot = parts_.clock.boot_now();
  const Timestamp clock = parts_.clock.now();
  const std::scoped_lock lock(mutex_);
  const auto found = lines_.find(job.webhook);
  if (found == lines_.end()) {
    return;
  }
  Line& line = found->second;
  if (tried.outcome == Outcome::kFailed) {
    ++line.failures;
    line.held_until =
        boot + std::max<std::chrono::milliseconds>(webhook_hold(line.failures), tried.retry_after);
  } else {
    line.failures = 0;
  }
  const auto waiting = line.waiting.find(now.record_id);
  if (waiting == line.waiting.end()) {
    return;  // the webhook was deleted meanwhile
  }
  if (now.value.state == WebhookDelivery::State::kWaiting) {
    // Not written down, it is tried again all the same; after a restart perhaps sooner.
    waiting->second.stored.value = now.value;
    waiting->second.stored.modified = written ? written->number : job.delivery.modified;
    waiting->second.due = boot + (now.value.next_try - clock);
    return;
  }
  line.waiting.erase(waiting);
  --waiting_;
  ++line.over_since_prune;
}

void WebhookSender::give_up_all(const std::string& webhook) {
  std::vector<StoredDelivery> given_up;
  {
    const std::scoped_lock lock(mutex_);
    const auto line = lines_.find(webhook);
    if (line == lines_.end()) {
      return;
    }
    for (Waiting& waiting : std::views::values(line->second.waiting)) {
      given_up.push_back(std::move(waiting.stored));
    }
    waiting_ -= line->second.waiting.size();
    line->second.waiting.clear();
    line->second.over_since_prune += given_up.size();
  }
  std::vector<Write> writes;
  for (StoredDelivery& delivery : given_up) {
    delivery.value.state = WebhookDelivery::State::kGivenUp;
    writes.push_back(delivery_write(delivery));
  }
  if (!writes.empty()) {
    // In vain: the next start finds them waiting, and gives them up then.
    (void)parts_.registry.commit({.writes = std::move(writes)});
  }
}

void WebhookSender::disable(const std::string& webhook, WebhookStop why,
                            std::uint32_t last_status) {
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    auto stored = find_webhook(parts_.registry, webhook);
    if (!stored || !*stored || (*stored)->value.stopped) {
      return;
    }
    Webhook stopped = std::move((*stored)->value);
    stopped.stopped =
        Webhook::Stopped{.why = why, .since = parts_.clock.now(), .last_status = last_status};
    AuditFact fact = webhook_fact("webhook.disable", stopped);
    fact.detail["reason"] = name_of(why);
    fact.detail["last_status"] = std::to_string(last_status);
    const auto written = parts_.audited.commit({webhook_write(stopped, (*stored)->modified)}, fact);
    if (written || written.error() != RegistryError::kConflict) {
      return;
    }
  }
}

// Once for each row of failures: the log must not grow by a name that leads nowhere good.
void WebhookSender::note_refused_address(const Webhook& webhook) {
  {
    const std::scoped_lock lock(mutex_);
    const auto line = lines_.find(webhook.id);
    if (line == lines_.end() || line->second.failures > 1) {
      return;
    }
  }
  AuditFact fact = webhook_fact("webhook.refuse_address", webhook);
  fact.outcome = "refused";
  (void)parts_.audited.commit({}, fact);
}

std::uint8_t WebhookSender::jitter() const {
  std::array<std::uint8_t, 1> byte{};
  return parts_.random.fill(byte) ? byte[0] : 0;
}

}  // namespace counterfoil
