#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problems.h"
#include "authority/receipts.h"
#include "authority/revoker.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// How long an answer about a change waits for the upstream's: a receipt that could not name it is
// amended later.
constexpr std::chrono::milliseconds kUpstreamPatience{500};

// only_ends: nobody is let do more by such a change, so everybody who sees the key may make it.
bool only_ends(std::string_view action) {
  return action == "key.suspend" || action == "key.revoke" || action == "key.end_retiring";
}

}  // namespace

Issuer::Result<Issuer::PlannedChange> Issuer::plan_change(const VersionedKey& stored,
                                                          const KeyChange& change,
                                                          const std::string& change_id,
                                                          const Actor& actor,
                                                          AuditDetail detail) const {
  const Timestamp now = clock_.now();
  auto changed = change.apply(drop_retired(stored.key, now), now, detail);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  std::vector<Write> writes{api_key_write(*changed, permissions_, stored.version)};
  const PermissionSet gift = changed->permissions.without(stored.key.permissions);
  if (const auto tied = tie_to_maker(actor, changed->account, gift, writes); !tied) {
    return std::unexpected(tied.error());
  }
  if (const auto tied = tie_to_caller(actor, std::string(changed->id.text()), writes); !tied) {
    return std::unexpected(tied.error());
  }
  if (const auto fine = check_role(actor, changed->permissions);
      !fine && !only_ends(change.action)) {
    return std::unexpected(fine.error());
  }
  if (const auto may = check_hold(changed->account, gift); !may) {
    return std::unexpected(may.error());
  }
  auto event = told(change.tell, *changed, change_id, writes);
  if (!event) {
    return std::unexpected(event.error());
  }
  AuditFact fact = api_key_fact(actor, std::string(change.action), *changed, std::move(detail));
  return PlannedChange{.key = std::move(*changed),
                       .writes = std::move(writes),
                       .fact = std::move(fact),
                       .event = std::move(*event)};
}

Issuer::Result<Issuer::Stored> Issuer::store_change(const std::string& id, const Actor& actor,
                                                    OnlyIf only_if, const KeyChange& change) {
  const std::string change_id = receipts_.new_id();
  for (int attempt = 1;; ++attempt) {
    const auto stored = load_key(id, only_if);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    auto planned = plan_change(*stored, change, change_id, actor, {});
    if (!planned) {
      return std::unexpected(planned.error());
    }
    const auto written =
        registry_.commit(std::move(planned->writes), planned->fact, change.urgency);
    if (written) {
      if (const auto end = taken_back(change.tell); end && events_ != nullptr) {
        events_->withdrawn(planned->key.id.text(), *end);
      }
      return Stored{.key = std::move(planned->key),
                    .revision = *written,
                    .change = change_id,
                    .event = std::move(planned->event)};
    }
    if (written.error() == RegistryError::kDuplicate) {
      return pair_taken();
    }
    if (written.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(written.error());
    }
  }
}

Issuer::Result<ChangedKey> Issuer::change_key(const std::string& id, const Actor& actor,
                                              OnlyIf only_if, const KeyChange& change) {
  auto stored = store_change(id, actor, only_if, change);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto receipt = enforce(change.action, *stored);
  return ChangedKey{.key = std::move(stored->key), .receipt = std::move(receipt)};
}

std::optional<std::string> Issuer::enforce(std::string_view action, const Stored& stored) {
  return enforce({.id = stored.change,
                  .action = std::string(action),
                  .object = std::string(stored.key.id.text()),
                  .account = stored.key.account.text()},
                 stored.revision, stored.event);
}

std::optional<std::string> Issuer::enforce(const ReceiptSubject& subject, const Revision& revision,
                                           const std::optional<UpstreamEvent>& event) {
  // A revoked key never comes back, so its orders need not wait for a gateway that does not answer.
  // What is only suspended is refused by the upstream up to the event's time, so until then no
  // gateway may accept it any more.
  const bool is_told_first = event && event->end == KeyEnd::kRevoked;
  if (is_told_first) {
    events_->announce(*event);
  }
  const InForce in_force = revoker_.wait_until_in_force(revision);
  if (event && !is_told_first) {
    events_->announce(*event);
  }
  const auto answer =
      event ? std::optional(events_->answer_to(*event, kUpstreamPatience)) : std::nullopt;
  auto receipt = receipts_.issue(subject, in_force, answer);
  if (answer && answer->kind == UpstreamAnswer::Kind::kWaiting) {
    // It may have come before the receipt was there to be amended.
    const auto later = events_->answer_to(*event, std::chrono::milliseconds(0));
    if (later.kind != UpstreamAnswer::Kind::kWaiting) {
      (void)receipts_.amend(subject.id, later);
    }
  }
  return receipt;
}

Issuer::Result<ChangedKey> Issuer::enforce_present(std::string_view action, ApiKey key) {
  const auto revision = registry_.read().revision();
  if (!revision) {
    return problem_of(revision.error());
  }
  const Stored stored{.key = std::move(key), .revision = *revision, .change = receipts_.new_id()};
  return ChangedKey{.key = stored.key, .receipt = enforce(action, stored)};
}

Issuer::KeyChange Issuer::suspension(const std::string& cause, std::optional<ApiKey>& already) {
  return {.action = "key.suspend",
          .urgency = Urgency::kRevocation,
          .tell = KeyChange::Tell::kSuspended,
          .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
            detail["cause"] = cause;
            auto made = suspend(key, cause, now);
            if (!made && made.error() == LifeError::kAlreadySuspended) {
              already = std::move(key);
            }
            return made ? Result<ApiKey>(std::move(*made)) : problem_of(made.error());
          }};
}

Issuer::KeyChange Issuer::resumption() {
  return {.action = "key.resume",
          .urgency = Urgency::kNormal,
          .tell = KeyChange::Tell::kResumed,
          .apply = [](ApiKey key, Timestamp now, AuditDetail&) -> Result<ApiKey> {
            auto resumed = resume(std::move(key), now);
            return resumed ? Result<ApiKey>(std::move(*resumed)) : problem_of(resumed.error());
          }};
}

Issuer::Result<ChangedKey> Issuer::suspend_key(const std::string& id, const std::string& cause,
                                               const Actor& actor, OnlyIf only_if) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  std::optional<ApiKey> already;
  auto suspended = change_key(id, actor, only_if, suspension(cause, already));
  // Whoever repeats a suspension that was not answered is answered once it is in force.
  if (already) {
    if (const auto again = enforce_present("key.suspend", std::move(*already)); !again) {
      return again;
    }
  }
  return suspended;
}

Issuer::Result<ChangedKey> Issuer::resume_key(const std::string& id, const Actor& actor,
                                              OnlyIf only_if) {
  return change_key(id, actor, only_if, resumption());
}

}  // namespace counterfoil
