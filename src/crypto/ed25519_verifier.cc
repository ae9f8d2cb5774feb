#include "crypto/ed25519_verifier.h"

#include <sodium.h>

#include "base/bytes.h"
#include "crypto/ed25519_rules.h"

namespace counterfoil {

bool Ed25519Verifier::verify(ByteView message, ByteView signature) const noexcept {
  if (signature.size() != kSignatureBytes) {
    return false;
  }
  const Ed25519Bytes commitment = signature.first<kPointBytes>();
  const Ed25519Bytes scalar = signature.last<kPointBytes>();
  // Some builds of libsodium leave these checks out (ED25519_COMPAT), so they are made here, where
  // a reader and a test can see them. They cost nothing beside the curve.
  if (!is_canonical_scalar(scalar) || !is_canonical_point(commitment) ||
      is_small_order(commitment) || !is_canonical_point(point_) || is_small_order(point_)) {
    return false;
  }
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                             point_.data()) == 0;
}

}  // namespace counterfoil
