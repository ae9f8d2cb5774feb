#include <expected>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {

Issuer::Result<ApiKey> Issuer::store_change(const std::string& id, const Actor& actor,
                                            OnlyIf only_if, const KeyChange& change) {
  for (int attempt = 1;; ++attempt) {
    auto stored = load_key(id, only_if);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    const Timestamp now = clock_.now();
    AuditDetail detail;
    auto changed = change.apply(drop_retired(std::move(stored->key), now), now, detail);
    if (!changed) {
      return changed;
    }
    const auto written = registry_.commit(
        {api_key_write(*changed, permissions_, stored->version)},
        api_key_fact(actor, std::string(change.action), *changed, std::move(detail)),
        change.urgency);
    if (written) {
      return changed;
    }
    if (written.error() == RegistryError::kDuplicate) {
      return pair_taken();
    }
    if (written.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(written.error());
    }
  }
}

Issuer::Result<ApiKey> Issuer::change_key(const std::string& id, const Actor& actor, OnlyIf only_if,
                                          const KeyChange& change) {
  auto stored = store_change(id, actor, only_if, change);
  if (stored && !revoker_.wait_until_in_force()) {
    return not_in_force();
  }
  return stored;
}

Issuer::Result<ApiKey> Issuer::suspend_key(const std::string& id, const std::string& cause,
                                           const Actor& actor, OnlyIf only_if) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  bool already = false;
  auto suspended =
      change_key(id, actor, only_if,
                 {.action = "key.suspend",
                  .urgency = Urgency::kRevocation,
                  .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
                    detail["cause"] = cause;
                    auto made = suspend(std::move(key), cause, now);
                    already = !made && made.error() == LifeError::kAlreadySuspended;
                    return made ? Result<ApiKey>(std::move(*made)) : problem_of(made.error());
                  }});
  // Whoever repeats a suspension that was not confirmed is told whether it is in force now.
  if (already && !revoker_.wait_until_in_force()) {
    return not_in_force();
  }
  return suspended;
}

Issuer::Result<ApiKey> Issuer::resume_key(const std::string& id, const Actor& actor,
                                          OnlyIf only_if) {
  return change_key(id, actor, only_if,
                    {.action = "key.resume",
                     .urgency = Urgency::kNormal,
                     .apply = [](ApiKey key, Timestamp now, AuditDetail&) -> Result<ApiKey> {
                       auto resumed = resume(std::move(key), now);
                       return resumed ? Result<ApiKey>(std::move(*resumed))
                                      : problem_of(resumed.error());
                     }});
}

}  // namespace counterfoil
