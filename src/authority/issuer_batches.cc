#include <algorithm>
#include <chrono>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/receipts.h"
#include "authority/revoker.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Outcome = BatchKey::Outcome;

// is_of_one_key: the other keys of the batch can be changed all the same.
bool is_of_one_key(const Problem& problem) {
  return problem.kind != Problem::Kind::kUnavailable || problem.reason == "record_unreadable";
}

ReceiptSubject subject_of(std::string_view action, const BatchKey& key) {
  return {.id = key.receipt,
          .action = std::string(action),
          .object = key.api_key,
          .account = key.account};
}

}  // namespace

// BatchPlan is one transaction, and what becomes of each key by it.
struct Issuer::BatchPlan {
  std::string_view action;
  KeyChange::Tell tell = KeyChange::Tell::kNothing;
  Urgency urgency = Urgency::kNormal;
  std::vector<BatchKey> keys;
  std::vector<Write> writes;
  std::vector<AuditFact> facts;
  std::vector<UpstreamEvent> events;
};

Issuer::KeyChange Issuer::change_of(KeyVerb verb, const std::string& cause,
                                    std::optional<ApiKey>& already) {
  switch (verb) {
    case KeyVerb::kSuspend:
      return suspension(cause, already);
    case KeyVerb::kResume:
      return resumption();
    case KeyVerb::kRevoke:
      return revocation(cause, already);
  }
  std::unreachable();
}

Issuer::Result<BatchKey> Issuer::plan_key(const BatchOrder& order, const std::string& id,
                                          const Actor& actor, BatchPlan& plan) {
  BatchKey key{.api_key = id};
  const auto refused = [&](Problem problem) -> Result<BatchKey> {
    if (!is_of_one_key(problem)) {
      return std::unexpected(std::move(problem));
    }
    key.problem = std::move(problem);
    return std::move(key);
  };
  const auto stored = load_key(id);
  if (!stored) {
    return refused(stored.error());
  }
  key.account = stored->key.account.text();
  key.label = stored->key.label;
  std::optional<ApiKey> already;
  const KeyChange change = change_of(order.verb, order.cause, already);
  plan.action = change.action;
  plan.tell = change.tell;
  plan.urgency = change.urgency;
  std::string change_id = receipts_.new_id();
  auto planned = plan_change(*stored, change, change_id, actor, {{"operation", order.operation}});
  if (already || (!planned && planned.error().reason == "not_suspended")) {
    key.outcome = Outcome::kAlready;
    return key;
  }
  if (!planned) {
    return refused(planned.error());
  }
  std::ranges::move(planned->writes, std::back_inserter(plan.writes));
  plan.facts.push_back(std::move(planned->fact));
  if (planned->event) {
    plan.events.push_back(std::move(*planned->event));
  }
  key.outcome = Outcome::kChanged;
  key.receipt = std::move(change_id);
  return key;
}

Issuer::Result<Issuer::BatchPlan> Issuer::plan_batch(const BatchOrder& order, const Actor& actor) {
  BatchPlan plan;
  for (const std::string& id : order.api_keys) {
    auto key = plan_key(order, id, actor, plan);
    if (!key) {
      return std::unexpected(key.error());
    }
    plan.keys.push_back(std::move(*key));
  }
  auto [writes, fact] = order.note(plan.keys);
  std::ranges::move(writes, std::back_inserter(plan.writes));
  plan.facts.push_back(std::move(fact));
  return plan;
}

Issuer::Result<Batch> Issuer::change_all(const BatchOrder& order, const Actor& actor) {
  for (int attempt = 1;; ++attempt) {
    auto plan = plan_batch(order, actor);
    if (!plan) {
      return std::unexpected(plan.error());
    }
    const auto written = registry_.commit_all(std::move(plan->writes), plan->facts, plan->urgency);
    if (written) {
      const bool is_proved = enforce_batch(*plan, *written);
      return Batch{.keys = std::move(plan->keys), .revision = *written, .is_proved = is_proved};
    }
    if (written.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(written.error());
    }
  }
}

bool Issuer::enforce_batch(const BatchPlan& plan, const Revision& revision) {
  const auto end = taken_back(plan.tell);
  std::vector<Receipts::Told> changes;
  auto event = plan.events.begin();
  for (const BatchKey& key : plan.keys) {
    if (key.outcome != Outcome::kChanged) {
      continue;
    }
    if (end && events_ != nullptr) {
      events_->withdrawn(key.api_key, *end);
    }
    changes.push_back({.subject = subject_of(plan.action, key), .upstream = std::nullopt});
    if (event != plan.events.end() && event->change == key.receipt) {
      changes.back().upstream = UpstreamAnswer{.event = event->id()};
      ++event;
    }
  }
  return enforce_all(plan.tell, plan.events, changes, revision).are_kept;
}

Receipts::Issued Issuer::enforce_all(KeyChange::Tell tell, const std::vector<UpstreamEvent>& events,
                                     const std::vector<Receipts::Told>& changes,
                                     const Revision& revision) {
  // As in enforce(): what is revoked may be told before it is in force, what is suspended may not.
  const bool is_told_first = tell == KeyChange::Tell::kRevoked;
  if (is_told_first) {
    announce(tell, events);
  }
  const InForce in_force = revoker_.wait_until_in_force(revision);
  if (!is_told_first) {
    announce(tell, events);
  }
  Receipts::Issued issued = receipts_.issue_all(changes, in_force);
  // An answer may have come before its receipt was there to be amended.
  for (const UpstreamEvent& told : events) {
    const auto answer = events_->answer_to(told, std::chrono::milliseconds(0));
    if (answer.kind != UpstreamAnswer::Kind::kWaiting) {
      (void)receipts_.amend(told.change, answer);
    }
  }
  return issued;
}

Issuer::Result<void> Issuer::prove(KeyVerb verb, const std::vector<BatchKey>& keys) {
  std::optional<ApiKey> already;
  const std::string_view action = change_of(verb, {}, already).action;
  std::vector<Receipts::Told> missing;
  for (const BatchKey& key : keys) {
    if (key.outcome != Outcome::kChanged) {
      continue;
    }
    const auto receipt = receipts_.find(key.receipt);
    if (!receipt && receipt.error().kind != Problem::Kind::kNotFound) {
      return std::unexpected(receipt.error());
    }
    if (!receipt) {
      missing.push_back({.subject = subject_of(action, key), .upstream = std::nullopt});
      const auto event = registry_.read().find(RecordKind::kUpstreamEvent, key.api_key);
      const auto waiting = event && *event ? decode_upstream_event((*event)->bytes) : std::nullopt;
      if (waiting && waiting->change == key.receipt) {
        missing.back().upstream = UpstreamAnswer{.event = waiting->id()};
      }
    }
  }
  const auto revision = registry_.read().revision();
  if (!revision) {
    return problem_of(revision.error());
  }
  if (missing.empty()) {
    return {};
  }
  if (!receipts_.issue_all(missing, revoker_.wait_until_in_force(*revision)).are_kept) {
    return problem(Problem::Kind::kUnavailable, "receipts_not_kept",
                   "the journal does not take the receipts of what was done; free some space on "
                   "its disk");
  }
  return {};
}

}  // namespace counterfoil
