#pragma once

#include <cstddef>

#include "authority/issuer.h"
#include "base/time.h"
#include "doors/management/json.h"
#include "doors/management/node_status.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "policy/profile.h"

namespace counterfoil {

// How things are written in answers. Nothing here can write a secret: the values hold none but
// sealed ones, which are left out.

[[nodiscard]] Json to_json(const Account& account);
// to_json of an API key: its state is that of `now`.
[[nodiscard]] Json to_json(const ApiKey& key, const PermissionTable& permissions, Timestamp now);
[[nodiscard]] Json to_json(const Profile& profile);
[[nodiscard]] Json to_json(const NodeStatus& status);
[[nodiscard]] Json to_json(const ClockFacts& clock);

}  // namespace counterfoil
