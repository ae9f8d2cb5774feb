#pragma once

#include <algorithm>
#include <string_view>

namespace counterfoil {

// kWhiteSpace is what surrounds a text that was pasted or read from a file.
inline constexpr std::string_view kWhiteSpace = " \t\r\n";

// trim takes the characters of `around` off both ends; the rest is borrowed from `text`.
[[nodiscard]] constexpr std::string_view trim(std::string_view text,
                                              std::string_view around = kWhiteSpace) {
  text.remove_prefix(std::min(text.find_first_not_of(around), text.size()));
  return text.substr(0, text.find_last_not_of(around) + 1);
}

}  // namespace counterfoil
