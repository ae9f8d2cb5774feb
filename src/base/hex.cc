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

#if defined(__SSE2__)
#include <immintrin.h>
#endif

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

#if defined(__SSE2__)
constexpr std::size_t kBlock = sizeof(__m128i);

__m128i load(const void* bytes) { return _mm_loadu_si128(static_cast<const __m128i*>(bytes)); }

// within tells of each byte whether it is at most `most`.
__m128i within(__m128i bytes, char most) {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(most)), bytes);
}

// read_block reads 16 digits. false: not all are digits.
bool read_block(std::string_view hex, std::span<std::uint8_t> out) {
  const __m128i text = load(hex.data());
  const __m128i number = _mm_sub_epi8(text, _mm_set1_epi8('0'));
  const __m128i letter = _mm_sub_epi8(_mm_or_si128(text, _mm_set1_epi8(' ')), _mm_set1_epi8('a'));
  const __m128i is_number = within(number, 9);
  const __m128i is_letter = within(letter, 5);
  const __m128i digits =
      _mm_or_si128(_mm_and_si128(is_number, number),
                   _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
  // Of each pair the first, in the lower byte, is worth sixteen times the second.
  const __m128i pairs = _mm_and_si128(
      _mm_or_si128(_mm_slli_epi16(digits, 4), _mm_srli_epi16(digits, 8)), _mm_set1_epi16(0xff));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out.data()), _mm_packus_epi16(pairs, pairs));
  return _mm_movemask_epi8(_mm_or_si128(is_number, is_letter)) == 0xffff;
}

// write_block writes 16 bytes as 32 digits.
void write_block(ByteView bytes, std::span<char> out) {
  const auto digits = [](__m128i values) {
    const __m128i is_letter = _mm_cmpgt_epi8(values, _mm_set1_epi8(9));
    const __m128i gap = _mm_and_si128(is_letter, _mm_set1_epi8('a' - '0' - 10));
    return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('0')), gap);
  };
  const __m128i values = load(bytes.data());
  const __m128i low_four = _mm_set1_epi8(0x0f);
  const __m128i first = digits(_mm_and_si128(_mm_srli_epi16(values, 4), low_four));
  const __m128i second = digits(_mm_and_si128(values, low_four));
  auto* const place = reinterpret_cast<__m128i*>(out.data());
  _mm_storeu_si128(place, _mm_unpacklo_epi8(first, second));
  _mm_storeu_si128(place + 1, _mm_unpackhi_epi8(first, second));
}
#endif

}  // namespace

void append_hex(ByteView bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t before = out.size();
  out.resize(before + (bytes.size() * 2));
  std::span<char> place = std::span(out).subspan(before);
#if defined(__SSE2__)
  for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) {
    write_block(bytes, place);
    place = place.subspan(2 * kBlock);
  }
#endif
  auto at = place.begin();
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
#if defined(__SSE2__)
  for (; hex.size() >= kBlock; hex.remove_prefix(kBlock)) {
    if (!read_block(hex, out)) {
      bad = kNotADigit;
    }
    out = out.subspan(kBlock / 2);
  }
#endif
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
