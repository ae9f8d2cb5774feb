#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace counterfoil::http {

// Look-up tables of the room, one entry a byte. Index them with byte_index(): a char may be
// negative.
template <typename T>
using ByteTable = std::array<T, 256>;

[[nodiscard]] constexpr std::size_t byte_index(char byte) {
  return static_cast<unsigned char>(byte);
}

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
// is_blank: SP or HTAB, the "optional white space" of RFC 9110 section 5.6.3.
[[nodiscard]] constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
// is_control: C0 and DEL, HTAB among them.
[[nodiscard]] constexpr bool is_control(char c) { return byte_index(c) < 0x20 || c == 0x7f; }

// trim_blanks takes SP and HTAB off both ends.
[[nodiscard]] constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// kLowerCase maps ASCII capitals to small letters and all else to itself; kNameFold, on top of
// that, '_' to '-'.
inline constexpr ByteTable<char> kLowerCase = [] {
  ByteTable<char> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return table;
}();
inline constexpr ByteTable<char> kNameFold = [] {
  ByteTable<char> table = kLowerCase;
  table['_'] = '-';
  return table;
}();

// kTokenByte: bit 0 is set for tchar of RFC 9110 section 5.6.2, bit 1 too for '_'. So the bits of a
// whole name, or-ed, say whether it holds an underscore.
inline constexpr std::uint8_t kIsTokenByte = 1;
inline constexpr std::uint8_t kIsUnderscore = 2;
inline constexpr ByteTable<std::uint8_t> kTokenByte = [] {
  ByteTable<std::uint8_t> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    if (is_letter(c) || is_digit(c)) {
      table[i] = kIsTokenByte;
    }
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[byte_index(c)] = kIsTokenByte;
  }
  table['_'] = kIsTokenByte | kIsUnderscore;
  return table;
}();

// hex_value is 0 to 15, or -1 for what is no hex digit.
[[nodiscard]] constexpr int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char low = kLowerCase[byte_index(c)];
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

}  // namespace counterfoil::http
