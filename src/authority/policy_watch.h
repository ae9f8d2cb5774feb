#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/problem.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/permission.h"

namespace counterfoil {

// PolicyWatch goes through all API keys again and again, and has the automatic policies applied to
// each. One thread.
class PolicyWatch {
 public:
  static constexpr std::size_t kKeysAtATime = 2'000;
  static constexpr std::chrono::minutes kPause{60};  // between two rounds

  // All must outlive it. `usage_is_told`: as QuietWatch's.
  struct Parts {
    Issuer& issuer;
    const Journal& journal;
    PermissionSet needs_allow_list;
    const Clock& clock;
    std::function<bool()> usage_is_told;
  };
  PolicyWatch(Parts parts, const KeyPolicies& policies)
      : parts_(std::move(parts)), policies_(policies) {}

  // look goes on with the next keys, or does nothing while the pause lasts. Call it about every
  // minute. After a Problem the next call begins where this one did.
  [[nodiscard]] std::expected<void, Problem> look();

 private:
  [[nodiscard]] std::expected<void, Problem> look_at(const VersionedKey& stored);
  [[nodiscard]] std::expected<KeyUse, Problem> use_of(const ApiKey& key) const;

  Parts parts_;
  KeyPolicies policies_;
  std::string after_;                   // where the round is
  std::optional<BootTime> next_round_;  // set: the pause lasts until then
};

}  // namespace counterfoil
