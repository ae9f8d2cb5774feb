#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

// ManagementScope says what a permission lets an API key do over the management API. Of several
// that a key holds, the last in this order counts.
enum class ManagementScope : std::uint8_t {
  kNone,
  kReadOwn,    // reads what belongs to its account and that one's sub-accounts
  kManageOwn,  // and suspends, revokes and narrows their API keys, as a holder does
  kReadAll,    // reads everything and changes nothing, as an auditor does
  kManageAll,  // reads everything and suspends and revokes anybody's API keys, as an operator does
};
// management_word is "none", "read_own", "manage_own", "read_all" or "manage_all".
[[nodiscard]] std::string_view management_word(ManagementScope scope);
// is_beyond_account: the key acts beyond its account, so only while somebody may who holds that.
[[nodiscard]] constexpr bool is_beyond_account(ManagementScope scope) {
  return scope >= ManagementScope::kReadAll;
}

// ManagementPermissions are the permissions that open the management API.
struct ManagementPermissions {
  PermissionSet opening;       // any of them
  PermissionSet reading_all;   // kReadAll
  PermissionSet managing_all;  // kManageAll
  bool operator==(const ManagementPermissions&) const = default;
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
  // It opens the management API. Never a default, and only people can give it; kManageOwn needs an
  // allow-list, those beyond the account always do.
  ManagementScope management = ManagementScope::kNone;
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
