#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace counterfoil {

// Digest is a SHA-256 hash, or an HMAC-SHA-256 tag. Compare tags with constant_time_equal.
using Digest = std::array<std::uint8_t, 32>;

// sha256 hashes `message`, which may be empty. Does not allocate. Source: FIPS 180-4.
[[nodiscard]] Digest sha256(ByteView message);

// Sha256 hashes a message that comes in parts. One thread at a time; a copy goes on from where the
// original stood. The state is wiped on destruction, for a message may be secret.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;
  Sha256(Sha256&&) = default;
  Sha256& operator=(Sha256&&) = default;
  ~Sha256();

  void update(ByteView part);
  // finish gives the hash and begins a new, empty message.
  [[nodiscard]] Digest finish();

 private:
  static constexpr std::size_t kStateBytes = 112;
  alignas(8) std::array<std::uint8_t, kStateBytes> state_;  // the library's SHA256_CTX
};

}  // namespace counterfoil
