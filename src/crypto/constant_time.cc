#include "crypto/constant_time.h"

#include <openssl/crypto.h>

#include "base/bytes.h"

namespace counterfoil {

bool constant_time_equal(ByteView left, ByteView right) {
  return left.size() == right.size() &&
         (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace counterfoil
