#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace counterfoil {

// Inside the room: which encodings of points and numbers Ed25519 takes here (controls S-27, S-28).

using Ed25519Bytes = std::span<const std::uint8_t, 32>;

// is_canonical_scalar: S < L, so that nobody can turn one valid signature into a second.
[[nodiscard]] bool is_canonical_scalar(Ed25519Bytes scalar);

// is_canonical_point: y < p, and the sign bit is clear where x is 0 (y = 1, y = p - 1). Says
// nothing about the curve.
[[nodiscard]] bool is_canonical_point(Ed25519Bytes point);

// is_small_order: one of the eight points whose order divides 8, in a canonical encoding.
[[nodiscard]] bool is_small_order(Ed25519Bytes point);

// is_prime_order: on the curve, canonical, and [L]A is the identity while A is not. Costs two
// scalar multiplications: for import, not for requests.
[[nodiscard]] bool is_prime_order(Ed25519Bytes point);

}  // namespace counterfoil
