#include "wire/http/byte_scan.h"

#include <bit>
#include <cstddef>
#include <string_view>

#include "wire/http/byte_classes.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace counterfoil::http {
namespace {

constexpr bool spoils_query(char c) { return is_blank(c) || c == '#' || c == '\\'; }

#if defined(__SSE2__)
constexpr std::size_t kBlock = sizeof(__m128i);

__m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

unsigned spoiling_bits(__m128i bytes) {
  const __m128i blank = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
  const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(blank, marks)));
}
#endif

// Control is a control byte other than HTAB. Bit n of bits() is set when byte n is one.
struct Control {
  static constexpr bool holds(char c) { return is_control(c) && c != '\t'; }
#if defined(__SSE2__)
  static unsigned bits(__m128i bytes) {
    const __m128i below_blank = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below_blank), del)));
  }
#endif
};

// Gap is a control byte or a blank.
struct Gap {
  static constexpr bool holds(char c) { return is_control(c) || c == ' '; }
#if defined(__SSE2__)
  static unsigned bits(__m128i bytes) {
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, del)));
  }
#endif
};

// find_first gives the position of the first byte of a class in text[from, to), or `to`.
template <typename Class>
std::size_t find_first(std::string_view text, std::size_t from, std::size_t to) {
  std::size_t at = from;
#if defined(__SSE2__)
  for (; to - at >= kBlock; at += kBlock) {
    const unsigned bits = Class::bits(load(text.data() + at));
    if (bits != 0) {
      return at + static_cast<std::size_t>(std::countr_zero(bits));
    }
  }
#endif
  while (at < to && !Class::holds(text[at])) {
    ++at;
  }
  return at;
}

}  // namespace

std::size_t find_control(std::string_view text, std::size_t from, std::size_t to) {
  return find_first<Control>(text, from, to);
}

std::size_t find_gap(std::string_view text) { return find_first<Gap>(text, 0, text.size()); }

QueryScan scan_query(std::string_view query) {
  QueryScan seen{.acceptable = true, .high_bytes = false};
  std::size_t at = 0;
#if defined(__SSE2__)
  for (; query.size() - at >= kBlock; at += kBlock) {
    const __m128i bytes = load(query.data() + at);
    seen.acceptable = seen.acceptable && spoiling_bits(bytes) == 0;
    seen.high_bytes = seen.high_bytes || _mm_movemask_epi8(bytes) != 0;
  }
#endif
  for (; at < query.size(); ++at) {
    seen.acceptable = seen.acceptable && !spoils_query(query[at]);
    seen.high_bytes = seen.high_bytes || byte_index(query[at]) >= 0x80;
  }
  return seen;
}

bool has_broken_escape(std::string_view query) {
  for (std::size_t at = query.find('%'); at != std::string_view::npos; at = query.find('%', at)) {
    ++at;
    if (query.size() - at < 2 || hex_value(query[at]) < 0 || hex_value(query[at + 1]) < 0) {
      return true;
    }
  }
  return false;
}

}  // namespace counterfoil::http
