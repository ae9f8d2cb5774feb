#include "crypto/hmac_sha1.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

HmacSha1::Tag HmacSha1::mac(const SecretBytes& key, ByteView message) {
  const ByteView bytes = key.reveal(SecretAccess());
  Tag tag{};
  unsigned int size = 0;
  // A null key would mean "the key of the call before" to the library.
  const std::uint8_t none = 0;
  const void* const start = bytes.empty() ? &none : bytes.data();
  if (HMAC(EVP_sha1(), start, static_cast<int>(bytes.size()), message.data(), message.size(),
           tag.data(), &size) == nullptr ||
      size != tag.size()) {
    // It fails for want of memory alone, and a tag of zeros would be a code that everybody knows.
    std::abort();
  }
  return tag;
}

}  // namespace counterfoil
