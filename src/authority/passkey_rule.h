#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "accounts/person.h"
#include "authority/problem.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

// PasskeyRule says who needs a passkey (control S-53): owners and operators, and whoever holds, in
// their account or its sub-accounts, an API key with a `grave` permission: one that withdraws, say.
// For them a code of an app is no second factor once they have a passkey. Safe to call from any
// thread; blocks on the store.
class PasskeyRule {
 public:
  // Of must outlive the rule.
  struct Of {
    const Registry& registry;
    const PermissionTable& permissions;
    PermissionSet grave;
  };
  PasskeyRule() = default;  // nobody needs one
  explicit PasskeyRule(const Of& of) : of_(of) {}

  // need_of: an API key that cannot be read may hold anything. Problem: of the store.
  [[nodiscard]] std::expected<PasskeyNeed, Problem> need_of(const Person& person) const;

 private:
  [[nodiscard]] std::expected<bool, Problem> holds_grave_key(std::string_view account) const;

  std::optional<Of> of_;
};

}  // namespace counterfoil
