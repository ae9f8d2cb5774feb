#pragma once

#include <algorithm>
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

// shell_word is shell_quoted where a shell would not take the text as it is.
[[nodiscard]] inline std::string shell_word(std::string_view text) {
  const bool is_plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+,").contains(c);
  });
  return is_plain ? std::string(text) : shell_quoted(text);
}

}  // namespace counterfoil
