#pragma once

#include <algorithm>

#include "authority/activity.h"
#include "doors/management/json.h"
#include "doors/management/time_text.h"

namespace counterfoil {

// last_used_json is when an API key was last used; null: never.
[[nodiscard]] inline Json last_used_json(const KeyActivity& uses) {
  const auto latest = std::ranges::max_element(uses.pairs, {}, &ActivityPair::last);
  return latest == uses.pairs.end() ? Json(nullptr) : Json(time_text(latest->last));
}

}  // namespace counterfoil
