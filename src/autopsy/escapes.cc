#include "autopsy/escapes.h"

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace counterfoil::autopsy {

std::string escaped(std::string_view text, std::string_view kept, Blank blank, HexCase hex) {
  const std::string_view digits = hex == HexCase::kUpper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || kept.contains(c)) {
      out += c;
    } else if (c == ' ' && blank == Blank::kPlus) {
      out += '+';
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    }
  }
  return out;
}

std::string with_escapes_in(std::string_view text, HexCase hex) {
  std::string out(text);
  for (std::size_t at = out.find('%'); at != std::string::npos && at + 2 < out.size();
       at = out.find('%', at + 1)) {
    for (const std::size_t digit : {at + 1, at + 2}) {
      const auto byte = static_cast<unsigned char>(out[digit]);
      if (std::isxdigit(byte) != 0) {
        out[digit] =
            static_cast<char>(hex == HexCase::kUpper ? std::toupper(byte) : std::tolower(byte));
      }
    }
  }
  return out;
}

}  // namespace counterfoil::autopsy
