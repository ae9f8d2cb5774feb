#include "base/hex.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {
namespace {

constexpr std::uint8_t kNotADigit = 0xff;

constexpr auto kDigitValue = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotADigit);
  for (std::uint8_t i = 0; i < 10; ++i) {
    table[static_cast<std::size_t>('0') + i] = i;
  }
  for (std::uint8_t i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(10 + i);
    table[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}();

}  // namespace

void append_hex(ByteView bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t before = out.size();
  out.resize(before + (bytes.size() * 2));
  auto at = out.begin() + static_cast<std::ptrdiff_t>(before);
  for (const std::uint8_t byte : bytes) {
    *at++ = kDigits[byte >> 4U];
    *at++ = kDigits[byte & 0x0fU];
  }
}

std::string to_hex(ByteView bytes) {
  std::string hex;
  append_hex(bytes, hex);
  return hex;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  if (!from_hex_into(hex, bytes)) {
    return std::nullopt;
  }
  return bytes;
}

bool from_hex_into(std::string_view hex, std::span<std::uint8_t> out) {
  if (hex.size() != out.size() * 2) {
    return false;
  }
  std::uint8_t bad = 0;
  const auto* digit = hex.begin();
  for (std::uint8_t& byte : out) {
    const std::uint8_t high = kDigitValue[static_cast<std::uint8_t>(*digit++)];
    const std::uint8_t low = kDigitValue[static_cast<std::uint8_t>(*digit++)];
    bad |= static_cast<std::uint8_t>((high | low) & 0xf0U);
    byte = static_cast<std::uint8_t>((unsigned{high} << 4U) | (low & 0x0fU));
  }
  return bad == 0;
}

}  // namespace counterfoil
