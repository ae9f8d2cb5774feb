#pragma once

#include <span>
#include <string_view>

#include "autopsy/finding.h"

namespace counterfoil::autopsy {

// difference_of marks where two texts differ. Every occurrence of a text of `secrets` is left out.
[[nodiscard]] TextDifference difference_of(std::string_view verified,
                                           std::string_view client_signed,
                                           std::span<const std::string_view> secrets);

}  // namespace counterfoil::autopsy
