#include "accounts/common_passwords.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace counterfoil {
namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return lines;
}

}  // namespace

bool is_common_password(std::string_view word) {
  static const std::vector<std::string_view> kWords = split_lines(common_password_lines());
  return std::ranges::binary_search(kWords, word);
}

}  // namespace counterfoil
