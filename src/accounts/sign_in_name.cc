#include "accounts/sign_in_name.h"

#include <stdlib.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/trim.h"

namespace counterfoil {
namespace {

// What is typed is at most so long: NFKC makes some characters eighteen times as long.
constexpr std::size_t kTypedBytesMax = 4 * kNormalEmailBytesMax;

constexpr auto kNormalForm = static_cast<utf8proc_option_t>(
    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);

struct Free {
  void operator()(utf8proc_uint8_t* memory) const { ::free(memory); }
};

std::optional<std::string> normal_form(std::string_view text) {
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made, kNormalForm);
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(made);
  if (size < 0) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
}

bool is_blank_or_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte <= 0x20 || byte == 0x7f;
}

// The two-byte forms of U+0080 to U+009F.
bool has_late_controls(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<std::uint8_t>(text[i]) == 0xc2 &&
        static_cast<std::uint8_t>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string> normal_email(std::string_view typed) {
  if (typed.size() > kTypedBytesMax) {
    return std::nullopt;
  }
  // Composing may bring letters together that fold once more, so it is done until nothing changes.
  std::string text(typed);
  for (int round = 0; round < 4; ++round) {
    auto next = normal_form(text);
    if (!next) {
      return std::nullopt;
    }
    if (*next == text) {
      break;
    }
    text = std::move(*next);
  }
  const std::string_view email = trim(text);
  const std::size_t at = email.find('@');
  if (email.size() > kNormalEmailBytesMax || at == std::string_view::npos || at == 0 ||
      at + 1 == email.size() || email.find('@', at + 1) != std::string_view::npos ||
      std::ranges::any_of(email, is_blank_or_control) || has_late_controls(email)) {
    return std::nullopt;
  }
  return std::string(email);
}

}  // namespace counterfoil
