#include "crypto/hmac.h"

#include <openssl/crypto.h>

#include <cstdint>
#include <cstdlib>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/sha256_midstate.h"

namespace counterfoil {

std::expected<HmacKey, CryptoError> HmacKey::from_secret(ByteView secret) {
  if (secret.empty()) {
    return std::unexpected(CryptoError::kSecretEmpty);
  }
  const auto slot = SecretArena::allocate(kHmacMidstateBytes);
  if (!slot) {
    return std::unexpected(slot.error());
  }
  write_hmac_midstates(secret,
                       std::span<std::uint8_t, kHmacMidstateBytes>(*slot, kHmacMidstateBytes));
  return HmacKey(*slot);
}

std::expected<HmacKey, CryptoError> HmacKey::from_secret(const SecretBytes& secret) {
  return from_secret(secret.reveal(SecretAccess()));
}

HmacKey& HmacKey::operator=(HmacKey&& other) noexcept {
  if (this != &other) {
    SecretArena::release(midstates_);
    midstates_ = std::exchange(other.midstates_, nullptr);
  }
  return *this;
}

HmacKey::~HmacKey() { SecretArena::release(midstates_); }

Digest HmacKey::mac(ByteView message) const { return mac(std::span(&message, 1)); }

Digest HmacKey::mac(std::span<const ByteView> parts) const {
  if (midstates_ == nullptr || SecretArena::is_forked_copy()) {
    // A tag under a key of zeros would look like a tag and protect nothing.
    std::abort();
  }
  return hmac_from_midstates(
      std::span<const std::uint8_t, kHmacMidstateBytes>(midstates_, kHmacMidstateBytes), parts);
}

bool HmacKey::verify(ByteView message, std::span<const std::uint8_t, 32> tag) const noexcept {
  if (midstates_ == nullptr || SecretArena::is_forked_copy()) {
    return false;
  }
  const Digest expected = mac(message);
  return CRYPTO_memcmp(expected.data(), tag.data(), tag.size()) == 0;
}

}  // namespace counterfoil
