#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace counterfoil {

// Inside the room: HMAC-SHA-256 from the states that SHA-256 has after the padded key, one block.
// An HMAC over a short message then takes two blocks instead of four.

inline constexpr std::size_t kHmacMidstateBytes = 64;  // inner state (32), outer state (32)

// write_hmac_midstates fills `midstates` for `key` of any length; an empty one is the caller's
// business. What it needed in between is wiped.
void write_hmac_midstates(ByteView key, std::span<std::uint8_t, kHmacMidstateBytes> midstates);

// hmac_from_midstates gives the tag over `parts`, taken as one message. Does not allocate.
[[nodiscard]] Digest hmac_from_midstates(
    std::span<const std::uint8_t, kHmacMidstateBytes> midstates, std::span<const ByteView> parts);

}  // namespace counterfoil
