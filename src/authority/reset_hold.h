#pragma once

#include <expected>
#include <functional>
#include <mutex>
#include <optional>

#include "accounts/person.h"
#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

// Whoever resets a password may have stolen the link and the second factor. So a reset may hold the
// account for kResetHold (control S-59): its API keys that may act only read and cancel, which
// leaves positions closable, and no key of it gets such a permission. Its people are told at once,
// and have the time to revoke what is not theirs. The hold ends by itself.

// reset_hold_of says until when a reset holds the API keys of `account`: one of somebody who holds
// it, or the master account that it is a sub-account of. nullopt: nothing holds them at `now`.
[[nodiscard]] std::expected<std::optional<Timestamp>, Problem> reset_hold_of(
    const Registry& registry, const AccountId& account, Timestamp now);

// ResetHolds puts the holds on API keys and takes them off again. PolicyMode::kWarn: the keys get a
// notice, and go on. One thread calls look(); wake() is for any.
class ResetHolds {
 public:
  // All must outlive it. `held`: the permissions that act, those that need an IP allow-list.
  struct Parts {
    const Registry& registry;
    Issuer& issuer;
    PermissionSet held;
    const Clock& clock;
  };
  ResetHolds(const Parts& parts, PolicyMode mode) : parts_(parts), mode_(mode) {}

  // look goes through everybody whose password was reset within the last two days. Call it after
  // each wake and about every minute. After a Problem the next call does what this one left.
  [[nodiscard]] std::expected<void, Problem> look();

  // wake_with sets what wake() calls: it must have look() called soon.
  void wake_with(std::function<void()> wake);
  void wake();

 private:
  [[nodiscard]] std::expected<void, Problem> look_at(const Person& person);
  [[nodiscard]] std::expected<void, Problem> look_at(const AccountId& account, Timestamp reset);
  // step_for decides about one key of somebody whose password was reset then. Pure.
  [[nodiscard]] PolicyStep step_for(const ApiKey& key, Timestamp reset, Timestamp now) const;

  Parts parts_;
  PolicyMode mode_;
  std::mutex mutex_;
  std::function<void()> wake_ = [] {};  // under mutex_
};

}  // namespace counterfoil
