#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace counterfoil::rest_test {

// header_field gives the value of a line of a head as it came over the wire, found without regard
// to case; "<none>" if absent.
inline std::string header_field(const std::string& head, std::string_view name) {
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return text;
  };
  const std::string key = "\r\n" + lower(std::string(name)) + ": ";
  const std::size_t at = lower(head).find(key);
  if (at == std::string::npos) {
    return "<none>";
  }
  const std::size_t begin = at + key.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace counterfoil::rest_test
