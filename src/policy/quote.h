#pragma once

#include <string>
#include <string_view>

namespace counterfoil {

// quote writes text without control characters as a string of JSON or TOML: in both, '"' and '\\'
// are all that needs a '\\' then.
[[nodiscard]] inline std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace counterfoil
