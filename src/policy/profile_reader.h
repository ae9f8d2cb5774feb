#pragma once

#include <vector>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {

// The readers of a profile's tables. Each reports the first thing wrong and then answers with
// something that must not be used.

[[nodiscard]] SigningRules read_signing(const TomlValue& table, FirstFault& fault);
[[nodiscard]] std::vector<PermissionRule> read_permission_rules(const TomlValue& table,
                                                                FirstFault& fault);
[[nodiscard]] LimitRules read_limits(const TomlValue& table, FirstFault& fault);
[[nodiscard]] Answers read_answers(const TomlValue& table, FirstFault& fault);

// RouteContext is what the rows of [routes] refer to. Borrowed.
struct RouteContext {
  const SigningRules* signing;
  const PermissionTable* permissions;
  PermissionSet manages_keys;
  const LimitRules* limits;
};
[[nodiscard]] std::vector<Route> read_routes(const TomlValue& table, const RouteContext& context,
                                             FirstFault& fault);

}  // namespace counterfoil
