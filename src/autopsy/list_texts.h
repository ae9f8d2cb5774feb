#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::autopsy {

// list_texts gives the ways in which programs write the list or object that `value` (decoded) is:
// compact or spaced JSON, the printed form of Python, a comma list. Empty: it is none.
[[nodiscard]] std::vector<std::string> list_texts(std::string_view value);

// list_elements gives the elements of a flat list, as texts; empty: it is none.
[[nodiscard]] std::vector<std::string> list_elements(std::string_view value);

}  // namespace counterfoil::autopsy
