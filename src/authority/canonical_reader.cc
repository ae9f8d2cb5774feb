#include "authority/canonical_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// The characters that have a short escape, in RFC 8785 section 3.2.2.2.
struct ShortEscape {
  char letter;
  char meaning;
};
constexpr auto kShortEscapes = std::to_array<ShortEscape>(
    {{'b', '\b'}, {'t', '\t'}, {'n', '\n'}, {'f', '\f'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}});
constexpr std::string_view kLongEscape = "\\u00";
constexpr std::size_t kLongEscapeBytes = 6;

// The value of a lower-case hex digit; 16: none.
unsigned digit_value(char digit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return static_cast<unsigned>(std::min(kDigits.find(digit), kDigits.size()));
}

// The length of the escape that `text` begins with; 0: none, or not the shortest one.
std::size_t escape_bytes(std::string_view text) {
  if (text.size() < 2) {
    return 0;
  }
  if (std::ranges::any_of(kShortEscapes,
                          [&](const ShortEscape& row) { return row.letter == text[1]; })) {
    return 2;
  }
  if (text.size() < kLongEscapeBytes || !text.starts_with(kLongEscape)) {
    return 0;
  }
  const unsigned high = digit_value(text[4]);
  const unsigned low = digit_value(text[5]);
  if (high > 1 || low > 15) {
    return 0;  // Only control characters are escaped.
  }
  const char meaning = static_cast<char>((high << 4U) | low);
  const bool has_short_form = std::ranges::any_of(
      kShortEscapes, [&](const ShortEscape& row) { return row.meaning == meaning; });
  return has_short_form ? 0 : kLongEscapeBytes;
}

// What may follow the first byte of a character, RFC 3629 section 4.
struct CharacterForm {
  std::uint8_t first_from;
  std::uint8_t first_to;
  std::uint8_t second_from;
  std::uint8_t second_to;
  std::size_t bytes;
};
constexpr auto kCharacterForms = std::to_array<CharacterForm>({{0xc2, 0xdf, 0x80, 0xbf, 2},
                                                               {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                                               {0xe1, 0xec, 0x80, 0xbf, 3},
                                                               {0xed, 0xed, 0x80, 0x9f, 3},
                                                               {0xee, 0xef, 0x80, 0xbf, 3},
                                                               {0xf0, 0xf0, 0x90, 0xbf, 4},
                                                               {0xf1, 0xf3, 0x80, 0xbf, 4},
                                                               {0xf4, 0xf4, 0x80, 0x8f, 4}});

bool is_within(std::uint8_t byte, std::uint8_t from, std::uint8_t to) {
  return byte >= from && byte <= to;
}

// The length of the character beyond ASCII that `text` begins with; 0: not valid UTF-8.
std::size_t character_bytes(std::string_view text) {
  const auto form = std::ranges::find_if(kCharacterForms, [&](const CharacterForm& row) {
    return is_within(byte_at(text, 0), row.first_from, row.first_to);
  });
  if (form == kCharacterForms.end() || text.size() < form->bytes ||
      !is_within(byte_at(text, 1), form->second_from, form->second_to)) {
    return 0;
  }
  for (std::size_t i = 2; i < form->bytes; ++i) {
    if (!is_within(byte_at(text, i), 0x80, 0xbf)) {
      return 0;
    }
  }
  return form->bytes;
}

// Most characters stand for themselves, and a log is long.
bool is_plain(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '\\';
}

// The length of whatever stands for one character of a string; 0: nothing that may stand there.
std::size_t step_bytes(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  if (first == '\\') {
    return escape_bytes(text);
  }
  if (first >= 0x80) {
    return character_bytes(text);
  }
  return first < 0x20 ? 0 : 1;
}

}  // namespace

CanonicalReader& CanonicalReader::literal(std::string_view expected) {
  if (!starts_with(expected)) {
    fail();
    return *this;
  }
  rest_.remove_prefix(expected.size());
  return *this;
}

std::string_view CanonicalReader::string() {
  literal("\"");
  std::size_t size = 0;
  while (!failed_ && size < rest_.size() && rest_[size] != '"') {
    const std::size_t step = is_plain(rest_[size]) ? 1 : step_bytes(rest_.substr(size));
    failed_ = step == 0;
    size += step;
  }
  if (failed_ || size >= rest_.size()) {
    fail();
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size + 1);
  return text;
}

std::uint64_t CanonicalReader::number() {
  const std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  std::uint64_t value = 0;
  for (const char digit : failed_ ? std::string_view() : rest_.substr(0, size)) {
    const auto unit = static_cast<std::uint64_t>(digit - '0');
    failed_ = failed_ || value > (UINT64_MAX - unit) / 10;
    value = (value * 10) + unit;
  }
  if (failed_ || size == 0 || (size > 1 && rest_.front() == '0')) {
    fail();
    return 0;
  }
  rest_.remove_prefix(size);
  return value;
}

std::string unescape_json(std::string_view escaped) {
  std::string text;
  while (!escaped.empty()) {
    if (escaped.front() != '\\' || escaped.size() < 2) {
      text += escaped.front();
      escaped.remove_prefix(1);
      continue;
    }
    const auto* const row = std::ranges::find(kShortEscapes, escaped[1], &ShortEscape::letter);
    if (row != kShortEscapes.end()) {
      text += row->meaning;
      escaped.remove_prefix(2);
    } else {
      const std::string_view digits =
          escaped.substr(std::min(escaped.size(), kLongEscape.size()), 2);
      text += digits.size() == 2
                  ? static_cast<char>((digit_value(digits[0]) << 4U) | digit_value(digits[1]))
                  : '\\';
      escaped.remove_prefix(std::min(escaped.size(), kLongEscapeBytes));
    }
  }
  return text;
}

}  // namespace counterfoil
