#include <cstddef>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {
namespace {

// is_fault_of_store: whoever revokes has done nothing wrong, the registry has.
bool is_fault_of_store(const Problem& problem) {
  return problem.reason == "disk_full" || problem.reason == "registry_unavailable" ||
         problem.reason == "conflict";
}

}  // namespace

Issuer::KeyChange Issuer::revocation(const std::string& cause, std::optional<ApiKey>& already) {
  return {.action = "key.revoke",
          .urgency = Urgency::kRevocation,
          .tell = KeyChange::Tell::kRevoked,
          .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
            if (key.state == KeyState::kRevoked) {
              already = std::move(key);
              return problem_of(LifeError::kRevoked);
            }
            detail["cause"] = cause;
            return revoke(std::move(key), cause, now);
          }};
}

Issuer::Result<Issuer::Stored> Issuer::record_revocation(const std::string& id,
                                                         const std::string& cause,
                                                         const Actor& actor, OnlyIf only_if,
                                                         std::optional<ApiKey>& already) {
  return store_change(id, actor, only_if, revocation(cause, already));
}

Issuer::Result<ChangedKey> Issuer::revoke_key(const std::string& id, const std::string& cause,
                                              const Actor& actor, OnlyIf only_if) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  std::optional<ApiKey> already;
  auto revoked = record_revocation(id, cause, actor, only_if, already);
  if (already) {
    return enforce_present("key.revoke", std::move(*already));
  }
  if (!revoked) {
    return is_fault_of_store(revoked.error()) ? hold_back(id, cause, actor, revoked.error())
                                              : std::unexpected(revoked.error());
  }
  auto receipt = enforce("key.revoke", *revoked);
  return ChangedKey{.key = std::move(revoked->key), .receipt = std::move(receipt)};
}

std::unexpected<Problem> Issuer::hold_back(const std::string& id, const std::string& cause,
                                           const Actor& actor, const Problem& fault) {
  const auto parsed = ApiKeyId::parse(id);
  if (!parsed || !revoker_.replica_knows(*parsed)) {
    return std::unexpected(fault);
  }
  const bool in_force = revoker_.hold_back(*parsed);
  {
    const std::scoped_lock lock(held_back_mutex_);
    if (held_back_.size() < Replica::kHeldBackMax) {
      held_back_.emplace(id, HeldBack{.cause = cause, .actor = actor});
    }
  }
  if (!in_force) {
    return std::unexpected(fault);
  }
  return problem(Problem::Kind::kUnavailable, "in_force_not_recorded",
                 "this gateway refuses the API key from now on, but the revocation could not be "
                 "recorded: " +
                     fault.detail +
                     ". It is tried again every second and is final only then; do not stop the "
                     "node before `counterfoil status` is clean");
}

std::size_t Issuer::record_held_back() {
  std::map<std::string, HeldBack> waiting;
  {
    const std::scoped_lock lock(held_back_mutex_);
    waiting = held_back_;
  }
  for (const auto& [id, wanted] : waiting) {
    std::optional<ApiKey> already;
    const auto recorded = record_revocation(id, wanted.cause, wanted.actor, std::nullopt, already);
    if (!recorded && !already && recorded.error().reason != "no_such_key") {
      break;  // the others would fare no better
    }
    if (recorded) {
      (void)enforce("key.revoke", *recorded);
    } else if (const auto present = registry_.read().revision()) {
      (void)revoker_.wait_until_in_force(*present);
    } else {
      break;
    }
    revoker_.let_go(*ApiKeyId::parse(id));
    const std::scoped_lock lock(held_back_mutex_);
    held_back_.erase(id);
  }
  return held_back_count();
}

std::size_t Issuer::held_back_count() const {
  const std::scoped_lock lock(held_back_mutex_);
  return held_back_.size();
}

}  // namespace counterfoil
