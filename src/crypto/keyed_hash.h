#pragma once

#include <expected>
#include <utility>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// KeyedHash finds a secret again without storing it in the clear: HMAC-SHA-256 under a pepper that
// is itself sealed. A thief of the store alone cannot test guesses against the hashes. Safe to call
// from many threads.
class KeyedHash {
 public:
  static constexpr std::size_t kPepperBytes = 32;

  [[nodiscard]] static std::expected<KeyedHash, CryptoError> from_pepper(const SecretBytes& pepper);

  [[nodiscard]] Digest hash(ByteView secret) const { return key_.mac(secret); }
  [[nodiscard]] Digest hash(const SecretBytes& secret) const;

 private:
  explicit KeyedHash(HmacKey key) : key_(std::move(key)) {}
  HmacKey key_;
};

}  // namespace counterfoil
