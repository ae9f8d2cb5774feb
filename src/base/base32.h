#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {

// to_base32 writes RFC 4648 section 6 (A-Z, 2-7) without padding. It is for people: what they type
// off a screen.
[[nodiscard]] std::string to_base32(ByteView bytes);

// from_base32 reads it back. nullopt: another character (lower case too), padding, a length that no
// bytes give, or unused bits that are not zero.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base32(std::string_view text);

}  // namespace counterfoil
