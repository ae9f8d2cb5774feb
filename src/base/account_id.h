#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// AccountId names one account for its whole life: 1 to 32 characters of [a-z0-9-], beginning with a
// letter or digit. It is what the upstream sees as X-Counterfoil-Account.
class AccountId {
 public:
  static constexpr std::size_t kSizeMax = 32;

  [[nodiscard]] static std::optional<AccountId> parse(std::string_view text) {
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (text.empty() || text.size() > kSizeMax || text.front() == '-' ||
        !std::ranges::all_of(text, allowed)) {
      return std::nullopt;
    }
    return AccountId(text);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const AccountId&) const = default;

 private:
  explicit AccountId(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace counterfoil
