#pragma once

#include <string>

namespace counterfoil::autopsy {

// describe_causes writes docs/causes.md from the table of causes.
[[nodiscard]] std::string describe_causes();

}  // namespace counterfoil::autopsy
