// The low-level SHA256_* calls are deprecated in OpenSSL 3 but hash a short message without the
// allocations of EVP, which this does for every request.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/digest.h"

#include <openssl/sha.h>

#include <new>

#include "base/bytes.h"

namespace counterfoil {
namespace {

SHA256_CTX* context(std::byte* state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state)); }

}  // namespace

Digest sha256(ByteView bytes) {
  Digest digest{};
  SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

Sha256::Sha256() {
  static_assert(sizeof(SHA256_CTX) == kStateBytes);
  SHA256_Init(new (state_.data()) SHA256_CTX);
}

void Sha256::update(ByteView bytes) {
  SHA256_Update(context(state_.data()), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
  Digest digest{};
  SHA256_Final(digest.data(), context(state_.data()));
  return digest;
}

}  // namespace counterfoil
