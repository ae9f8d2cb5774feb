#pragma once

#include <string>
#include <string_view>

namespace counterfoil {

// shell_quoted writes a text as one word of a POSIX shell.
[[nodiscard]] inline std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace counterfoil
