#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "autopsy/form.h"

namespace counterfoil::autopsy {

// documented_names gives the names of parameters in the order in which the vendor's documents list
// them: the order in which programs put them together that do not sort.
[[nodiscard]] std::span<const std::string_view> documented_names();

// documented_order sorts fields so; unknown names come after the known ones, and the time last.
[[nodiscard]] std::vector<Field> documented_order(std::vector<Field> fields);

}  // namespace counterfoil::autopsy
