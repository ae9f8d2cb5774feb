#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "authority/key_trouble.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "policy/permission_rule.h"

namespace counterfoil {

// The ways out of troubles, with their words (authority/key_troubles.h). Pure.

[[nodiscard]] KeyRemedy suspend_remedy();
[[nodiscard]] KeyRemedy resume_remedy();
// renew_remedy gives the key kRenewal more, from `now` on.
[[nodiscard]] KeyRemedy renew_remedy(Timestamp now);
[[nodiscard]] KeyRemedy allow_remedy(const IpAddress& address);
// tick_remedy gives the key a permission. One that wants an allow-list, which the key has not, is
// not one step: then the way out is to edit the key.
[[nodiscard]] KeyRemedy tick_remedy(const PermissionRule& permission, const ApiKey& key);
[[nodiscard]] KeyRemedy rotate_remedy(std::string_view text);
[[nodiscard]] KeyRemedy edit_remedy(std::string_view text);
[[nodiscard]] KeyRemedy client_remedy(std::string_view text);

// remedies_of_cause gives the ways out of a cause of docs/causes.md, whose own fix is `fix`.
[[nodiscard]] std::vector<KeyRemedy> remedies_of_cause(std::string_view cause, std::string_view fix,
                                                       const ApiKey& key, Timestamp now);

}  // namespace counterfoil
