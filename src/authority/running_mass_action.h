#pragma once

#include <cstdint>
#include <optional>

#include "authority/mass_action.h"
#include "authority/mass_actions.h"
#include "authority/selected_keys.h"

namespace counterfoil {

struct MassActions::Running {
  MassAction action;
  std::uint64_t version = 0;  // of its record; 0: read it anew
  std::optional<SelectedKeys> keys;
  bool changed_starter = false;  // the API key that started it was one of those selected
};

}  // namespace counterfoil
