#include "crypto/p256_verifier.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/types.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.h"

namespace counterfoil {
namespace {

// The SubjectPublicKeyInfo of every uncompressed P-256 point begins so (RFC 5480 section 2).
constexpr std::array<std::uint8_t, 27> kSpkiHead{
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
struct FreeBytes {
  void operator()(std::uint8_t* bytes) const { OPENSSL_free(bytes); }
};

// MarkedErrors takes back what the library notes about a failure: a wrong signature is an answer.
class MarkedErrors {
 public:
  MarkedErrors() { ERR_set_mark(); }
  MarkedErrors(const MarkedErrors&) = delete;
  MarkedErrors& operator=(const MarkedErrors&) = delete;
  MarkedErrors(MarkedErrors&&) = delete;
  MarkedErrors& operator=(MarkedErrors&&) = delete;
  ~MarkedErrors() { ERR_pop_to_mark(); }
};

// to_der writes r and s as the library reads them: ECDSA-Sig-Value (RFC 3279 section 2.2.3).
std::unique_ptr<std::uint8_t, FreeBytes> to_der(ByteView signature, int& size) {
  const std::unique_ptr<ECDSA_SIG, FreeSignature> pair(ECDSA_SIG_new());
  constexpr int kHalf = static_cast<int>(P256Verifier::kCoordinateBytes);
  BIGNUM* const r = BN_bin2bn(signature.data(), kHalf, nullptr);
  BIGNUM* const s = BN_bin2bn(signature.subspan(kHalf).data(), kHalf, nullptr);
  if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {  // it owns them once it has taken them
    BN_free(r);
    BN_free(s);
    return nullptr;
  }
  std::uint8_t* written = nullptr;
  size = i2d_ECDSA_SIG(pair.get(), &written);
  return std::unique_ptr<std::uint8_t, FreeBytes>(size > 0 ? written : nullptr);
}

}  // namespace

void P256Verifier::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

std::unique_ptr<P256Verifier> P256Verifier::create(ByteView x, ByteView y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) {
    return nullptr;
  }
  const MarkedErrors quiet;
  std::array<std::uint8_t, kSpkiHead.size() + 2 * kCoordinateBytes> spki{};
  std::ranges::copy(kSpkiHead, spki.begin());
  std::ranges::copy(x, spki.begin() + kSpkiHead.size());
  std::ranges::copy(y, spki.begin() + kSpkiHead.size() + kCoordinateBytes);
  const std::uint8_t* bytes = spki.data();
  Key key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(spki.size())));
  if (!key) {
    return nullptr;
  }
  const std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) {
    return nullptr;
  }
  return std::unique_ptr<P256Verifier>(new P256Verifier(std::move(key)));
}

bool P256Verifier::verify(ByteView message, ByteView signature) const noexcept {
  if (signature.size() != kSignatureBytes) {
    return false;
  }
  const MarkedErrors quiet;
  int der_bytes = 0;
  const auto der = to_der(signature, der_bytes);
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  return der && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), der.get(), static_cast<std::size_t>(der_bytes),
                          message.data(), message.size()) == 1;
}

}  // namespace counterfoil
