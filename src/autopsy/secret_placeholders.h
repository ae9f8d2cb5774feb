#pragma once

#include <span>
#include <string_view>

namespace counterfoil::autopsy {

// secret_placeholders gives sample texts that stand where a secret was to be filled in; first those
// of a variable that is not set.
[[nodiscard]] std::span<const std::string_view> secret_placeholders();

}  // namespace counterfoil::autopsy
