#include "base/base32.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint32_t kBitsPerCharacter = 5;

}  // namespace

std::string to_base32(ByteView bytes) {
  std::string text;
  text.reserve(((bytes.size() * 8) + kBitsPerCharacter - 1) / kBitsPerCharacter);
  std::uint32_t held = 0;
  std::uint32_t bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U) | byte;
    bits += 8;
    while (bits >= kBitsPerCharacter) {
      bits -= kBitsPerCharacter;
      text.push_back(kAlphabet[(held >> bits) & 31U]);
    }
    held &= (1U << bits) - 1U;
  }
  if (bits > 0) {
    text.push_back(kAlphabet[(held << (kBitsPerCharacter - bits)) & 31U]);
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base32(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * kBitsPerCharacter / 8);
  std::uint32_t held = 0;
  std::uint32_t bits = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    held = (held << kBitsPerCharacter) | static_cast<std::uint32_t>(value);
    bits += kBitsPerCharacter;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(held >> bits));
      held &= (1U << bits) - 1U;
    }
  }
  if (bits >= kBitsPerCharacter || held != 0) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace counterfoil
