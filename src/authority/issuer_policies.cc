#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/reset_hold.h"
#include "base/account_id.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

// "2026-03-01T12:00:01Z": the first whole second that is not before `time`.
std::string to_the_second(Timestamp time) {
  constexpr std::size_t kUpToSeconds = 19;
  return audit_time_text(std::chrono::ceil<std::chrono::seconds>(time)).substr(0, kUpToSeconds) +
         "Z";
}

}  // namespace

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
    change = {
        .action = "key.policy_restrict",
        .tell = KeyChange::Tell::kRestricted,
        .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
          detail["policy"] = policy;
          const bool was_told = key.notice && key.notice->policy == policy;
          const Timestamp since = was_told && policy != kResetPolicy ? key.notice->since : now;
          key.notice = PolicyNotice{.policy = policy, .since = since, .restricted_since = now};
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

Issuer::Result<std::optional<Timestamp>> Issuer::held_until(const AccountId& account) const {
  if (rules_.held_after_reset.empty()) {
    return std::nullopt;
  }
  return reset_hold_of(registry_.read(), account, clock_.now());
}

Issuer::Result<void> Issuer::check_hold(const AccountId& account, const PermissionSet& gift) const {
  if (!gift.intersects(rules_.held_after_reset)) {
    return {};
  }
  const auto until = held_until(account);
  if (!until) {
    return std::unexpected(until.error());
  }
  return *until ? problem(Problem::Kind::kNotAllowed, "password_was_reset",
                          "the password of somebody who holds this account was reset: until " +
                              to_the_second(**until) +
                              " no API key of it is given a permission to act; leave those out, or "
                              "come back then")
                : Result<void>();
}

}  // namespace counterfoil
