#include "base/base64.h"

#include <string.h>

#include <algorithm>
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

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kNotInAlphabet = 64;

constexpr auto kValue = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotInAlphabet);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

std::size_t padding_of(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  return padding;
}

std::uint32_t value_of(char c) { return kValue[static_cast<std::uint8_t>(c)]; }

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
    group |= left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8U : 0U;
    group |= left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0U;
    text.push_back(kAlphabet[group >> 18U]);
    text.push_back(kAlphabet[(group >> 12U) & 63U]);
    text.push_back(left > 1 ? kAlphabet[(group >> 6U) & 63U] : '=');
    text.push_back(left > 2 ? kAlphabet[group & 63U] : '=');
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::vector<std::uint8_t> bytes((text.size() / 4 * 3) - padding_of(text));
  if (!from_base64_into(text, bytes)) {
    return std::nullopt;
  }
  return bytes;
}

bool from_base64_into(std::string_view text, std::span<std::uint8_t> out) {
  const std::size_t padding = padding_of(text);
  if (text.size() != (out.size() + 2) / 3 * 4 || padding != (3 - (out.size() % 3)) % 3) {
    return false;
  }
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::uint32_t value = k < digits ? value_of(text[i + k]) : 0;
      if (value == kNotInAlphabet) {
        return false;
      }
      group = (group << 6U) | value;
    }
    const std::size_t whole_bytes = digits - 1;
    const std::uint32_t unused_bits = group & ((1U << (8U * (3U - whole_bytes))) - 1U);
    if (unused_bits != 0) {
      return false;
    }
    for (std::size_t k = 0; k < whole_bytes; ++k) {
      out[written] = static_cast<std::uint8_t>(group >> (16U - (8U * k)));
      ++written;
    }
  }
  return true;
}

std::string to_base64url(ByteView bytes) {
  std::string text = to_base64(bytes);
  text.resize(text.size() - padding_of(text));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  standard.append((4 - (standard.size() % 4)) % 4, '=');
  auto bytes = from_base64(standard);
  ::explicit_bzero(standard.data(), standard.size());
  return bytes;
}

}  // namespace counterfoil
