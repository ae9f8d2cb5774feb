#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace counterfoil {

// Base64 from and to memory the caller gives, for the path of every request and for secrets, which
// must not pass through the heap. The rules are those of base/base64.h.

// LineEnds says whether LF and CR LF may stand between the characters.
enum class LineEnds : std::uint8_t { kRefused, kSkipped };

// base64_bytes_max is an upper bound of what `characters` characters decode to.
[[nodiscard]] constexpr std::size_t base64_bytes_max(std::size_t characters) {
  return (characters / 4 * 3) + 3;
}
// base64_characters is how many characters `bytes` bytes take, padding included.
[[nodiscard]] constexpr std::size_t base64_characters(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// decode_base64 writes to the start of `out` and gives the number of bytes. nullopt: not strict
// base64, or `out` is too small; `out` is then unspecified.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text, LineEnds line_ends,
                                                       std::span<std::uint8_t> out);

// encode_base64 fills `out`, which must have base64_characters(bytes.size()) places.
void encode_base64(ByteView bytes, std::span<std::uint8_t> out);

}  // namespace counterfoil
