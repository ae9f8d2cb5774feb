#include "crypto/ed25519_rules.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace counterfoil {
namespace {

using Encoding = std::array<std::uint8_t, 32>;

// L = 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032 section 5.1).
constexpr Encoding kGroupOrder{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                               0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                               0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

constexpr Encoding filled(std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
  Encoding bytes{};
  bytes.fill(middle);
  bytes.front() = first;
  bytes.back() = last;
  return bytes;
}
constexpr Encoding kFieldPrime = filled(0xed, 0xff, 0x7f);  // p = 2^255 - 19

// The y of the points of small order; x and -x share one.
constexpr std::array<Encoding, 5> kSmallOrderY{
    filled(0x00, 0x00, 0x00),  // order 4
    filled(0x01, 0x00, 0x00),  // the identity
    filled(0xec, 0xff, 0x7f),  // order 2: y = p - 1
    Encoding{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
             0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
             0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},  // order 8
    Encoding{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
             0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
             0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},  // order 8
};
constexpr std::size_t kIdentity = 1;
constexpr std::size_t kOrderTwo = 2;

constexpr std::uint8_t kSignBit = 0x80;

// below compares two little-endian numbers. The values are public: no need for constant time.
bool below(Ed25519Bytes number, const Encoding& limit) {
  return std::lexicographical_compare(number.rbegin(), number.rend(), limit.rbegin(), limit.rend());
}

Encoding without_sign(Ed25519Bytes point) {
  Encoding y{};
  std::ranges::copy(point, y.begin());
  y.back() &= static_cast<std::uint8_t>(~kSignBit);
  return y;
}

}  // namespace

bool is_canonical_scalar(Ed25519Bytes scalar) { return below(scalar, kGroupOrder); }

bool is_canonical_point(Ed25519Bytes point) {
  const Encoding y = without_sign(point);
  const bool negative = (point.back() & kSignBit) != 0;
  const bool x_is_zero = y == kSmallOrderY[kIdentity] || y == kSmallOrderY[kOrderTwo];
  return below(y, kFieldPrime) && !(negative && x_is_zero);
}

bool is_small_order(Ed25519Bytes point) {
  return std::ranges::find(kSmallOrderY, without_sign(point)) != kSmallOrderY.end();
}

bool is_prime_order(Ed25519Bytes point) {
  if (!is_canonical_point(point) || is_small_order(point) ||
      crypto_core_ed25519_is_valid_point(point.data()) != 1) {
    return false;
  }
  // libsodium 1.0.18 as first published lets points with a part of order 2 pass that check
  // (CVE-2025-69277). [L-1]A = -A holds for points of prime order only, so that is asked too.
  Encoding order_less_one = kGroupOrder;
  order_less_one.front() -= 1;
  Encoding product{};
  if (crypto_scalarmult_ed25519_noclamp(product.data(), order_less_one.data(), point.data()) != 0) {
    return false;
  }
  product.back() ^= kSignBit;
  return std::ranges::equal(product, point);
}

}  // namespace counterfoil
