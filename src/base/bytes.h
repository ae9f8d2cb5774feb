#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace counterfoil {

// ByteView is a borrowed run of bytes: whoever made it owns them.
using ByteView = std::span<const std::uint8_t>;

// as_bytes views text as bytes, as_text bytes as text. Neither copies.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace counterfoil
