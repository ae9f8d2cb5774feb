#pragma once

#include <string>
#include <vector>

#include "keys/permission.h"

namespace counterfoil {

// PermissionRule is one permission of the profile: row n describes PermissionTable's n-th name.
struct PermissionRule {
  std::string name;
  std::string label;  // what people read: "Spot and margin trading"
  std::string risk;   // one sentence: what a thief of the key could do with it
  std::string group;  // "read", "stream", "trade", "fix", "withdraw", ...: pages list by it
  std::vector<std::string> api_restrictions;  // fields of the answer of authority.api_restrictions
  std::string sub_account_field;              // "canTrade", or empty
  bool needs_allow_list = false;  // a key may hold it only with an IP allow-list (control S-39)
  bool is_default = false;        // a new key holds it unless its maker says otherwise
  bool operator==(const PermissionRule&) const = default;
};

// ApiRestrictionField is one boolean of the answer of authority.api_restrictions: true when the key
// holds any of the permissions.
struct ApiRestrictionField {
  std::string name;
  PermissionSet any_of;
  bool operator==(const ApiRestrictionField&) const = default;
};

}  // namespace counterfoil
