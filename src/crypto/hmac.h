#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// HmacKey computes and checks HMAC-SHA-256 (RFC 2104) under one secret. It does not keep the secret
// but the two SHA-256 states after the padded key: 64 bytes in the locked arena. They forge as well
// as the secret does, so they are as secret; but they do not give the secret back.
// Move-only, one pointer large. The const functions are safe to call from many threads at once.
class HmacKey {
 public:
  // from_secret takes a secret of any length but 0 (kSecretEmpty). One above 64 bytes is hashed
  // first, as RFC 2104 section 2 says. kNoSecretMemory, kForked: see crypto/secret_arena.h.
  [[nodiscard]] static std::expected<HmacKey, CryptoError> from_secret(ByteView secret);
  [[nodiscard]] static std::expected<HmacKey, CryptoError> from_secret(const SecretBytes& secret);

  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  HmacKey(HmacKey&& other) noexcept : midstates_(std::exchange(other.midstates_, nullptr)) {}
  HmacKey& operator=(HmacKey&& other) noexcept;
  ~HmacKey();

  // mac gives the 32-byte tag. Does not allocate. Ends the process in a forked child and on a
  // moved-from key.
  [[nodiscard]] Digest mac(ByteView message) const;
  // mac over `parts` in order, as if they were one message.
  [[nodiscard]] Digest mac(std::span<const ByteView> parts) const;

  // verify compares in constant time (control S-20). false in a forked child, and on a moved-from
  // key.
  [[nodiscard]] bool verify(ByteView message, std::span<const std::uint8_t, 32> tag) const noexcept;

 private:
  explicit HmacKey(std::uint8_t* midstates) : midstates_(midstates) {}

  std::uint8_t* midstates_;  // inner state (32 bytes), outer state (32 bytes); arena slot, owned
};

}  // namespace counterfoil
