#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace counterfoil {

// Inside the room: Ed25519 verification by the rules of control S-27. Immutable; safe to call from
// many threads.
class Ed25519Verifier {
 public:
  static constexpr std::size_t kPointBytes = 32;
  static constexpr std::size_t kSignatureBytes = 64;

  explicit Ed25519Verifier(std::span<const std::uint8_t, kPointBytes> point) {
    std::ranges::copy(point, point_.begin());
  }

  // verify: see VerificationKey::verify.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const noexcept;

 private:
  std::array<std::uint8_t, kPointBytes> point_{};
};

}  // namespace counterfoil
