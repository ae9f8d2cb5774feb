#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// HmacSha1 is HMAC-SHA-1 (RFC 2104), for one-time codes and nothing else: RFC 6238 builds on it and
// authenticator apps know no other. What broke SHA-1, collisions, does not touch HMAC.
class HmacSha1 {
 public:
  static constexpr std::size_t kTagBytes = 20;
  using Tag = std::array<std::uint8_t, kTagBytes>;

  // mac takes a key and a message of any length. Vectors: RFC 2202.
  [[nodiscard]] static Tag mac(const SecretBytes& key, ByteView message);
};

}  // namespace counterfoil
