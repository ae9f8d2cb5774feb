#include "autopsy/unicode.h"

#include <iconv.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::autopsy {
namespace {

// converter_to gives the system's converter, or -1. Opening one maps a library into memory, which
// costs more than a whole search for a mistake: a thread keeps those that it used.
iconv_t converter_to(const std::string& charset) {
  struct Close {
    void operator()(void* handle) const { iconv_close(handle); }
  };
  thread_local std::map<std::string, std::unique_ptr<void, Close>> opened;
  auto found = opened.find(charset);
  if (found == opened.end()) {
    iconv_t const made = iconv_open(charset.c_str(), "UTF-8");
    if (std::bit_cast<std::intptr_t>(made) == -1) {
      return made;
    }
    found = opened.emplace(charset, made).first;
  }
  return found->second.get();
}

}  // namespace

std::optional<std::vector<char32_t>> code_points(std::string_view text) {
  std::vector<char32_t> points;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    const int length = std::countl_one(lead);
    if (length == 1 || length > 4) {
      return std::nullopt;
    }
    char32_t point = length == 0 ? lead : lead & (0x7fU >> static_cast<unsigned>(length));
    for (int more = 1; more < length; ++more, ++at) {
      if (at == text.size() || (static_cast<std::uint8_t>(text[at]) & 0xc0U) != 0x80) {
        return std::nullopt;
      }
      point = (point << 6U) | (static_cast<std::uint8_t>(text[at]) & 0x3fU);
    }
    points.push_back(point);
  }
  return points;
}

std::optional<std::vector<std::uint16_t>> utf16_units(std::string_view text) {
  const auto points = code_points(text);
  if (!points) {
    return std::nullopt;
  }
  std::vector<std::uint16_t> units;
  for (const char32_t point : *points) {
    if (point < 0x10000) {
      units.push_back(static_cast<std::uint16_t>(point));
    } else {
      units.push_back(static_cast<std::uint16_t>(0xd800 + ((point - 0x10000) >> 10U)));
      units.push_back(static_cast<std::uint16_t>(0xdc00 + ((point - 0x10000) & 0x3ffU)));
    }
  }
  return units;
}

std::optional<std::string> in_charset(std::string_view text, const char* charset) {
  iconv_t const converter = converter_to(charset);
  if (std::bit_cast<std::intptr_t>(converter) == -1) {
    return std::nullopt;
  }
  iconv(converter, nullptr, nullptr, nullptr, nullptr);  // forgets a text that broke off
  std::string source(text);
  std::string out((source.size() * 4) + 8, '\0');
  char* from = source.data();
  char* to = out.data();
  std::size_t from_left = source.size();
  std::size_t to_left = out.size();
  // Anything but 0 says that a character was replaced or refused.
  if (iconv(converter, &from, &from_left, &to, &to_left) != 0) {
    return std::nullopt;
  }
  out.resize(out.size() - to_left);
  return out;
}

}  // namespace counterfoil::autopsy
