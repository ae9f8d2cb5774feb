#include "authority/upstream_events.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/identity_prover.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/receipts.h"
#include "authority/request_ids.h"
#include "authority/upstream_event.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = UpstreamAnswer::Kind;
using std::chrono::milliseconds;

constexpr std::size_t kAnswersKept = 1'000;
constexpr std::uint32_t kDoublingsMax = 9;  // of a second: then it is past kPauseMax anyway

// is_taken_back: a key that was given more time needs no word of its old expiry.
bool is_taken_back(KeyEnd told, KeyEnd end) {
  return told == end || (told == KeyEnd::kExpiring && end == KeyEnd::kExpired);
}

// canceled_in reads what the upstream says it has cancelled; nullopt: it does not say.
std::optional<std::uint64_t> canceled_in(const std::string& body) {
  constexpr bool kAllowExceptions = false;
  const auto json = nlohmann::json::parse(body, nullptr, kAllowExceptions);
  const auto found = json.is_object() ? json.find("canceled") : json.end();
  return json.is_object() && found != json.end() && found->is_number_unsigned()
             ? std::optional(found->get<std::uint64_t>())
             : std::nullopt;
}

// add_headers takes the prover's lines apart.
void add_headers(std::string_view lines, HttpCall& call) {
  constexpr std::string_view kLineEnd = "\r\n";
  constexpr std::string_view kColon = ": ";
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(kLineEnd));
    const std::size_t colon = line.find(kColon);
    call.headers.emplace_back(line.substr(0, colon), line.substr(colon + kColon.size()));
    lines.remove_prefix(line.size() + kLineEnd.size());
  }
}

}  // namespace

bool EventRules::cancels(KeyEnd end) const {
  switch (end) {
    case KeyEnd::kRevoked:
      return cancel_when_revoked;
    case KeyEnd::kSuspended:
      return cancel_when_suspended;
    case KeyEnd::kExpired:
      return cancel_when_expired;
    case KeyEnd::kExpiring:
    case KeyEnd::kNoticed:
    case KeyEnd::kRestricted:
      return false;
  }
  std::unreachable();
}

UpstreamEvents::UpstreamEvents(Parts parts)
    : parts_(std::move(parts)), request_ids_(parts_.random) {}

void UpstreamEvents::wake_with(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

std::expected<void, Problem> UpstreamEvents::load() {
  std::string after;
  while (true) {
    const auto records = parts_.registry.read().list(RecordKind::kUpstreamEvent, after, kListMax);
    if (!records) {
      return problem_of(records.error());
    }
    const std::scoped_lock lock(mutex_);
    for (const Record& record : *records) {
      if (auto event = decode_upstream_event(record.bytes)) {
        pending_[record.id] = Pending{.event = std::move(*event)};
      }
    }
    if (records->size() < kListMax) {
      return {};
    }
    after = records->back().id;
  }
}

std::expected<Write, Problem> UpstreamEvents::write_of(UpstreamEvent& event) const {
  const auto present = parts_.registry.read().find(RecordKind::kUpstreamEvent, event.api_key);
  if (!present) {
    return problem_of(present.error());
  }
  event.cancel_open_orders = parts_.rules.cancels(event.end);
  return Write{.kind = RecordKind::kUpstreamEvent,
               .id = event.api_key,
               .bytes = encode(event),
               .expected_modified = *present ? (*present)->modified : 0};
}

std::expected<std::optional<Write>, Problem> UpstreamEvents::withdrawal_of(std::string_view api_key,
                                                                           KeyEnd end) const {
  const auto present = parts_.registry.read().find(RecordKind::kUpstreamEvent, api_key);
  if (!present) {
    return problem_of(present.error());
  }
  const auto event = *present ? decode_upstream_event((*present)->bytes) : std::nullopt;
  if (!event || !is_taken_back(event->end, end)) {
    return std::nullopt;
  }
  return Write{.kind = RecordKind::kUpstreamEvent,
               .id = std::string(api_key),
               .bytes = std::nullopt,
               .expected_modified = (*present)->modified};
}

void UpstreamEvents::announce(const UpstreamEvent& event) {
  const std::scoped_lock lock(mutex_);
  Pending& pending = pending_[event.api_key];
  if (!pending.event.change.empty() && pending.event.change != event.change) {
    remember({.event = pending.event.id(), .kind = Kind::kOvertaken});
  }
  pending = {.event = event};
  if (wake_) {
    wake_();
  }
}

void UpstreamEvents::withdrawn(std::string_view api_key, KeyEnd end) {
  const std::scoped_lock lock(mutex_);
  const auto found = pending_.find(api_key);
  if (found != pending_.end() && is_taken_back(found->second.event.end, end)) {
    remember({.event = found->second.event.id(), .kind = Kind::kOvertaken});
    pending_.erase(found);
  }
}

// Under mutex_.
void UpstreamEvents::remember(const UpstreamAnswer& answer) {
  answers_.push_back(answer);
  if (answers_.size() > kAnswersKept) {
    answers_.pop_front();
  }
  answered_.notify_all();
}

UpstreamAnswer UpstreamEvents::answer_to(const UpstreamEvent& event, milliseconds at_most) {
  const std::string id = event.id();
  std::optional<UpstreamAnswer> answer;
  std::unique_lock lock(mutex_);
  if (at_most > milliseconds(0)) {
    awaited_.push_back(event.api_key);
  }
  answered_.wait_for(lock, at_most, [&] {
    const auto found = std::ranges::find(answers_, id, &UpstreamAnswer::event);
    answer = found == answers_.end() ? std::nullopt : std::optional(*found);
    const auto pending = pending_.find(event.api_key);
    return answer || (pending != pending_.end() && pending->second.attempts > 0);
  });
  if (answer) {
    return *answer;
  }
  const auto pending = pending_.find(event.api_key);
  return {.event = id,
          .kind = Kind::kWaiting,
          .status = pending == pending_.end() ? 0 : pending->second.last_status};
}

std::vector<UpstreamEvents::Pending> UpstreamEvents::due() const {
  const BootTime now = parts_.clock.boot_now();
  std::vector<Pending> due;
  const std::scoped_lock lock(mutex_);
  for (const Pending& pending : std::views::values(pending_)) {
    if (pending.next_try <= now) {
      due.push_back(pending);
    }
  }
  std::ranges::sort(due, {}, [](const Pending& pending) { return pending.event.made; });
  return due;
}

void UpstreamEvents::deliver() {
  for (Pending& pending : due()) {
    if (!tell_awaited() || !tell_unless_changed(std::move(pending))) {
      return;
    }
  }
}

// After a mass action a hundred thousand events may be due: one that somebody waits for does not
// wait for those.
bool UpstreamEvents::tell_awaited() {
  while (auto next = next_awaited()) {
    if (!tell(std::move(*next))) {
      return false;
    }
  }
  return true;
}

std::optional<UpstreamEvents::Pending> UpstreamEvents::next_awaited() {
  const std::scoped_lock lock(mutex_);
  while (!awaited_.empty()) {
    const auto found = pending_.find(awaited_.front());
    awaited_.pop_front();
    if (found != pending_.end() && found->second.attempts == 0) {
      return found->second;
    }
  }
  return std::nullopt;
}

// tell_unless_changed leaves out what was told, overtaken or taken back since it was found due.
bool UpstreamEvents::tell_unless_changed(Pending pending) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = pending_.find(pending.event.api_key);
    if (found == pending_.end() || found->second.event != pending.event ||
        found->second.attempts != pending.attempts) {
      return true;
    }
  }
  return tell(std::move(pending));
}

HttpCall UpstreamEvents::call_for(const UpstreamEvent& event) {
  HttpCall call{.method = "POST", .target = parts_.rules.path, .body = to_body(event)};
  const RequestId request_id = request_ids_.next();
  std::string lines;
  // Without permissions: a request of a client always has some, so none can pose as an event.
  parts_.prover.append_headers({.method = call.method,
                                .target = call.target,
                                .body = call.body,
                                .account = event.account,
                                .api_key = event.api_key,
                                .permissions = {},
                                .request_id = request_id.text()},
                               parts_.clock.now(), lines);
  call.headers.emplace_back("Content-Type", "application/json");
  add_headers(lines, call);
  return call;
}

bool UpstreamEvents::tell(Pending pending) {
  const auto reply = parts_.send(call_for(pending.event));
  ++pending.attempts;
  pending.last_status = reply ? reply->status : 0;
  if (reply && reply->status / 100 == 2) {
    settle(pending, {.event = pending.event.id(),
                     .kind = Kind::kTaken,
                     .status = reply->status,
                     .canceled_orders = canceled_in(reply->body)});
    return reply.has_value();
  }
  if (parts_.clock.now() - pending.event.made > kToldFor) {
    settle(pending,
           {.event = pending.event.id(), .kind = Kind::kGivenUp, .status = pending.last_status});
    return reply.has_value();
  }
  put_off(std::move(pending), reply ? "the upstream answered " + parts_.rules.path + " with " +
                                          std::to_string(reply->status)
                                    : reply.error());
  return reply.has_value();
}

void UpstreamEvents::settle(const Pending& pending, const UpstreamAnswer& answer) {
  if (!erase(pending.event, answer)) {
    put_off(pending, "the upstream has answered, but the registry does not take it");
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    const auto found = pending_.find(pending.event.api_key);
    if (found != pending_.end() && found->second.event == pending.event) {
      pending_.erase(found);
    }
    last_fault_.reset();
    remember(answer);
  }
  // A receipt that was given meanwhile says that the answer is waited for.
  (void)parts_.receipts.amend(pending.event.change, answer);
}

bool UpstreamEvents::erase(const UpstreamEvent& event, const UpstreamAnswer& answer) {
  const auto present = parts_.registry.read().find(RecordKind::kUpstreamEvent, event.api_key);
  if (!present) {
    return false;
  }
  if (!*present || decode_upstream_event((*present)->bytes) != event) {
    return true;  // overtaken by another event of the key, which is told for itself
  }
  AuditFact fact{.actor = "system",
                 .source = "local",
                 .action = "upstream_event." + std::string(name_of(answer.kind)),
                 .object = event.api_key,
                 .detail = {{"account", event.account},
                            {"event", event.id()},
                            {"status", std::to_string(answer.status)},
                            {"type", std::string(name_of(event.end))}}};
  if (answer.canceled_orders) {
    fact.detail["canceled_orders"] = std::to_string(*answer.canceled_orders);
  }
  const auto erased = parts_.registry.commit({{.kind = RecordKind::kUpstreamEvent,
                                               .id = event.api_key,
                                               .bytes = std::nullopt,
                                               .expected_modified = (*present)->modified}},
                                             fact);
  return erased.has_value();
}

void UpstreamEvents::put_off(Pending pending, std::string fault) {
  const std::chrono::seconds doubled(1U << std::min(pending.attempts - 1, kDoublingsMax));
  const milliseconds pause = std::min<milliseconds>(doubled, kPauseMax);
  const std::scoped_lock lock(mutex_);
  last_fault_ = std::move(fault);
  const auto found = pending_.find(pending.event.api_key);
  if (found != pending_.end() && found->second.event == pending.event) {
    pending.next_try = parts_.clock.boot_now() + pause;
    found->second = std::move(pending);
    answered_.notify_all();
  }
}

std::size_t UpstreamEvents::untold() const {
  const std::scoped_lock lock(mutex_);
  return pending_.size();
}

std::optional<std::string> UpstreamEvents::last_fault() const {
  const std::scoped_lock lock(mutex_);
  return pending_.empty() ? std::nullopt : last_fault_;
}

}  // namespace counterfoil
