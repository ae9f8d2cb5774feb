#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "base/random.h"

namespace counterfoil {

// PersonId names one person for their whole life: 16 random bytes, written as 32 lower-case hex
// digits. An e-mail may change; nobody gets the id of somebody who is gone.
class PersonId {
 public:
  static constexpr std::size_t kSizeBytes = 16;

  [[nodiscard]] static std::optional<PersonId> parse(std::string_view text) {
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.size() != 2 * kSizeBytes || !std::ranges::all_of(text, allowed)) {
      return std::nullopt;
    }
    return PersonId(text);
  }
  // generate: nullopt when the random source failed.
  [[nodiscard]] static std::optional<PersonId> generate(RandomSource& random) {
    std::array<std::uint8_t, kSizeBytes> bytes{};
    return random.fill(bytes) ? std::optional(PersonId(to_hex(bytes))) : std::nullopt;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const PersonId&) const = default;

 private:
  explicit PersonId(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace counterfoil
