#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keys/permission.h"

namespace counterfoil {

// SubAccountGift says whether the calls that manage the API keys of sub-accounts may give a
// permission. Whatever it says, none is given that the calling key lacks.
enum class SubAccountGift : std::uint8_t {
  kNotGiven,
  kAsked,    // where the call's sub_account_field is true
  kEd25519,  // so too, but to Ed25519 keys alone; version 1 of the call to create a key lacks it
  kAlways,   // each key made so holds it
};

// PermissionRule is one permission of the profile: row n describes PermissionTable's n-th name.
struct PermissionRule {
  std::string name;
  std::string label;  // what people read: "Spot and margin trading"
  std::string risk;   // one sentence: what a thief of the key could do with it
  std::string group;  // "read", "stream", "trade", "fix", "withdraw", ...: pages list by it
  std::vector<std::string> api_restrictions;  // fields of the answer of authority.api_restrictions
  SubAccountGift sub_account = SubAccountGift::kNotGiven;
  std::string sub_account_field;  // "canTrade"; not empty exactly with kAsked and kEd25519
  bool needs_allow_list = false;  // a key may hold it only with an IP allow-list (control S-39)
  bool always_needs_allow_list = false;  // even where the operator loosens that
  bool is_default = false;               // a new key holds it unless its maker says otherwise
  // It opens the handlers that manage the API keys of sub-accounts. It always needs an allow-list,
  // and only people can give it.
  bool manages_keys = false;
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
