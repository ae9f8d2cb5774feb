#pragma once

#include "base/bytes.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// SecretPeek lets tests look at secrets. For *_test.cc, fuzz/ and bench/ only: no program includes
// it.
class SecretPeek {
 public:
  [[nodiscard]] static ByteView at(const SecretBytes& secret) {
    return secret.reveal(SecretAccess());
  }
};

}  // namespace counterfoil
