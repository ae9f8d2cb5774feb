#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/key_records.h"
#include "base/time.h"
#include "keys/api_key.h"

namespace counterfoil {

Issuer::Result<void> Issuer::apply_policy(const std::string& id, const PolicyStep& step,
                                          std::uint64_t version) {
  using Act = PolicyStep::Act;
  const Actor system{.name = "system", .source = "local"};
  const std::string policy(step.policy);
  if (step.act == Act::kSuspend) {
    const auto suspended = suspend_key(id, "policy: " + policy, system, version);
    return suspended ? Result<void>() : std::unexpected(suspended.error());
  }
  KeyChange change{.action = "key.policy_clear",
                   .apply = [](ApiKey key, Timestamp, AuditDetail& detail) -> Result<ApiKey> {
                     detail["policy"] = key.notice.value_or(PolicyNotice{}).policy;
                     key.notice.reset();
                     return key;
                   }};
  if (step.act == Act::kNotify) {
    change = {.action = "key.policy_notice",
              .tell = KeyChange::Tell::kNoticed,
              .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
                detail["policy"] = policy;
                key.notice = PolicyNotice{.policy = policy, .since = now};
                return key;
              }};
  } else if (step.act == Act::kRestrict) {
    change = {.action = "key.policy_restrict",
              .tell = KeyChange::Tell::kRestricted,
              .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
                detail["policy"] = policy;
                key.notice =
                    PolicyNotice{.policy = policy,
                                 .since = key.notice.value_or(PolicyNotice{.since = now}).since,
                                 .restricted_since = now};
                return key;
              }};
    const auto restricted = change_key(id, system, version, change);
    return restricted ? Result<void>() : std::unexpected(restricted.error());
  } else if (step.act == Act::kNothing) {
    return {};
  }
  // Nobody waits for a notice to be in force.
  const auto stored = store_change(id, system, version, change);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  if (stored->event) {
    events_->announce(*stored->event);
  }
  return {};
}

}  // namespace counterfoil
