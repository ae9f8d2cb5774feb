#include "crypto/keyed_hash.h"

#include <expected>
#include <utility>

#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

std::expected<KeyedHash, CryptoError> KeyedHash::from_pepper(const SecretBytes& pepper) {
  auto key = HmacKey::from_secret(pepper);
  if (!key) {
    return std::unexpected(key.error());
  }
  return KeyedHash(std::move(*key));
}

Digest KeyedHash::hash(const SecretBytes& secret) const {
  return key_.mac(secret.reveal(SecretAccess()));
}

}  // namespace counterfoil
