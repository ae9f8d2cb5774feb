#pragma once

#include <string>
#include <vector>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "policy/route_table.h"

namespace counterfoil {

// Profile::Contents is what a profile holds. Only the files that make and read profiles see it.
struct Profile::Contents {
  std::string name;
  std::string title;
  SigningRules signing;
  PermissionTable permissions;
  std::vector<PermissionRule> permission_rules;
  PermissionSet default_permissions;
  PermissionSet permissions_needing_allow_list;
  PermissionSet permissions_always_needing_allow_list;
  PermissionSet permissions_managing_keys;
  ManagementPermissions management_permissions;
  std::vector<ApiRestrictionField> api_restriction_fields;
  LimitRules limits;
  Answers answers;
  std::vector<Route> routes;
  RouteTable route_table;
};

}  // namespace counterfoil
