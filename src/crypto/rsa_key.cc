// Why the deprecated functions: see rsa_key.h. RSA_* is called in this file only.
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT(bugprone-macro-parentheses)

#include "crypto/rsa_key.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>
#include <openssl/types.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"

namespace counterfoil {
namespace {

// "DigestInfo ... SHA-256: (0x)30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20 || H",
// RFC 8017 section 9.2, note 1. With NULL: the form without is refused (control S-26).
constexpr std::array<std::uint8_t, 19> kDigestInfo{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                                   0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                                   0x01, 0x05, 0x00, 0x04, 0x20};

constexpr int kLongModulusBits = 3072;
constexpr int kLongExponentBits = 64;
constexpr std::size_t kModulusBytesMax = PublicKey::kRsaBitsMax / 8;

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }  // It may be secret.
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};

// QuietErrors takes back what the library notes about a failure: a wrong signature is an answer,
// and a full error queue would confuse whoever uses TLS on this thread.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  QuietErrors(QuietErrors&&) = delete;
  QuietErrors& operator=(QuietErrors&&) = delete;
  ~QuietErrors() { ERR_pop_to_mark(); }
};

Number number(ByteView bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

// "EM = 0x00 || 0x01 || PS || 0x00 || T", RFC 8017 section 9.2.
void write_padded(const Digest& digest, std::span<std::uint8_t> padded) {
  const auto tail = padded.last(kDigestInfo.size() + digest.size());
  std::ranges::fill(padded, 0xff);
  padded[0] = 0x00;
  padded[1] = 0x01;
  padded[padded.size() - tail.size() - 1] = 0x00;
  std::ranges::copy(kDigestInfo, tail.begin());
  std::ranges::copy(digest, tail.begin() + kDigestInfo.size());
}

// The library refuses exponents above 64 bits together with moduli above 3072 bits, to save time.
// Such a key passes the rules of import (control S-28), so it has to verify too.
bool verify_long_exponent(const RSA& rsa, const Digest& digest, ByteView signature) {
  const BIGNUM* modulus = RSA_get0_n(&rsa);
  const std::unique_ptr<BN_CTX, FreeContext> context(BN_CTX_new());
  const Number value = number(signature);
  const Number power(BN_new());
  if (!context || !value || !power || BN_cmp(value.get(), modulus) >= 0 ||
      BN_mod_exp_mont(power.get(), value.get(), RSA_get0_e(&rsa), modulus, context.get(),
                      nullptr) != 1) {
    return false;
  }
  std::array<std::uint8_t, kModulusBytesMax> wanted{};
  std::array<std::uint8_t, kModulusBytesMax> got{};
  write_padded(digest, std::span(wanted).first(signature.size()));
  return BN_bn2binpad(power.get(), got.data(), static_cast<int>(signature.size())) >= 0 &&
         wanted == got;
}

std::vector<std::uint8_t> bytes_of(const BIGNUM* number) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

// Arithmetic on the numbers of a private key; all that it leaves behind is wiped.
class KeyArithmetic {
 public:
  explicit KeyArithmetic(const RSA& rsa)
      : rsa_(rsa), context_(BN_CTX_secure_new()), left_(BN_secure_new()), right_(BN_secure_new()) {}

  [[nodiscard]] bool belongs_together() {
    const BIGNUM* p = RSA_get0_p(&rsa_);
    const BIGNUM* q = RSA_get0_q(&rsa_);
    if (!context_ || !left_ || !right_ || p == nullptr || q == nullptr ||
        RSA_get0_iqmp(&rsa_) == nullptr) {
      return false;
    }
    const bool product = BN_mul(left_.get(), p, q, context_.get()) == 1 &&
                         BN_cmp(left_.get(), RSA_get0_n(&rsa_)) == 0;
    return product && exponent_fits(p, RSA_get0_dmp1(&rsa_)) &&
           exponent_fits(q, RSA_get0_dmq1(&rsa_)) && is_inverse(RSA_get0_iqmp(&rsa_), q, p);
  }

 private:
  // "e * dP == 1 (mod (p-1))", RFC 8017 section 3.2, and dP is d reduced.
  bool exponent_fits(const BIGNUM* prime, const BIGNUM* reduced) {
    const Number less_one(BN_dup(prime));
    return less_one && reduced != nullptr && BN_cmp(prime, BN_value_one()) > 0 &&
           BN_sub_word(less_one.get(), 1) == 1 && !BN_is_zero(less_one.get()) &&
           BN_nnmod(left_.get(), RSA_get0_d(&rsa_), less_one.get(), context_.get()) == 1 &&
           BN_cmp(left_.get(), reduced) == 0 &&
           is_inverse(RSA_get0_e(&rsa_), reduced, less_one.get());
  }
  bool is_inverse(const BIGNUM* one, const BIGNUM* other, const BIGNUM* modulus) {
    return BN_mod_mul(right_.get(), one, other, modulus, context_.get()) == 1 &&
           BN_is_one(right_.get()) == 1;
  }

  const RSA& rsa_;
  std::unique_ptr<BN_CTX, FreeContext> context_;
  Number left_;
  Number right_;
};

bool signs_and_verifies(RSA& rsa) {
  const ByteView probe = as_bytes("counterfoil: do these numbers belong together?");
  const auto signature = sign_rsa(rsa, probe);
  const Digest digest = sha256(probe);
  return signature && RSA_verify(NID_sha256, digest.data(), digest.size(), signature->data(),
                                 static_cast<unsigned>(signature->size()), &rsa) == 1;
}

}  // namespace

void FreeRsa::operator()(rsa_st* rsa) const { RSA_free(rsa); }

std::expected<std::unique_ptr<RsaVerifier>, CryptoError> RsaVerifier::create(const PublicKey& key) {
  RsaHandle rsa(RSA_new());
  Number modulus = number(key.rsa_modulus());
  Number exponent = number(key.rsa_exponent());
  if (!rsa || !modulus || !exponent ||
      RSA_set0_key(rsa.get(), modulus.get(), exponent.get(), nullptr) != 1) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  static_cast<void>(modulus.release());  // They belong to `rsa` now.
  static_cast<void>(exponent.release());
  return std::unique_ptr<RsaVerifier>(new RsaVerifier(std::move(rsa), key.rsa_modulus().size()));
}

bool RsaVerifier::verify(ByteView message, ByteView signature) const noexcept {
  if (signature.size() != signature_bytes_) {
    return false;
  }
  const Digest digest = sha256(message);
  const QuietErrors quiet;
  if (RSA_bits(rsa_.get()) > kLongModulusBits &&
      BN_num_bits(RSA_get0_e(rsa_.get())) > kLongExponentBits) {
    return verify_long_exponent(*rsa_, digest, signature);
  }
  // Refuses s >= n, and compares the whole padded block with the one it builds itself.
  return RSA_verify(NID_sha256, digest.data(), digest.size(), signature.data(),
                    static_cast<unsigned>(signature.size()), rsa_.get()) == 1;
}

std::optional<std::vector<std::uint8_t>> RsaVerifier::recover(ByteView signature) const {
  if (signature.size() != signature_bytes_) {
    return std::nullopt;
  }
  const std::unique_ptr<BN_CTX, FreeContext> context(BN_CTX_new());
  const Number value = number(signature);
  const Number power(BN_new());
  std::vector<std::uint8_t> block(signature_bytes_);
  if (!context || !value || !power || BN_cmp(value.get(), RSA_get0_n(rsa_.get())) >= 0 ||
      BN_mod_exp_mont(power.get(), value.get(), RSA_get0_e(rsa_.get()), RSA_get0_n(rsa_.get()),
                      context.get(), nullptr) != 1 ||
      BN_bn2binpad(power.get(), block.data(), static_cast<int>(block.size())) < 0) {
    return std::nullopt;
  }
  return block;
}

RsaHandle make_rsa(std::size_t bits) {
  RsaHandle rsa(RSA_new());
  const Number exponent(BN_new());
  if (!rsa || !exponent || BN_set_word(exponent.get(), RSA_F4) != 1 ||
      RSA_generate_key_ex(rsa.get(), static_cast<int>(bits), exponent.get(), nullptr) != 1) {
    return nullptr;
  }
  return rsa;
}

RsaHandle read_rsa(ByteView der) {
  const QuietErrors quiet;
  const std::uint8_t* next = der.data();
  RsaHandle rsa(d2i_RSAPrivateKey(nullptr, &next, static_cast<long>(der.size())));
  const bool whole = rsa && next == der.data() + der.size();
  // More than two primes: nobody makes such keys, and few programs check them.
  return whole && RSA_get_multi_prime_extra_count(rsa.get()) == 0 ? std::move(rsa) : nullptr;
}

bool is_sound(rsa_st& rsa) {
  const QuietErrors quiet;
  return KeyArithmetic(rsa).belongs_together() && signs_and_verifies(rsa);
}

std::size_t rsa_der_bytes(const rsa_st& rsa) {
  const int size = i2d_RSAPrivateKey(&rsa, nullptr);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

bool write_rsa(const rsa_st& rsa, std::span<std::uint8_t> out) {
  std::uint8_t* next = out.data();
  return out.size() >= rsa_der_bytes(rsa) && i2d_RSAPrivateKey(&rsa, &next) > 0;
}

RsaPublicNumbers rsa_public_numbers(const rsa_st& rsa) {
  return {.modulus = bytes_of(RSA_get0_n(&rsa)), .exponent = bytes_of(RSA_get0_e(&rsa))};
}

std::expected<std::vector<std::uint8_t>, CryptoError> sign_rsa(rsa_st& rsa, ByteView message) {
  const Digest digest = sha256(message);
  std::vector<std::uint8_t> signature(static_cast<std::size_t>(RSA_size(&rsa)));
  unsigned size = 0;
  if (RSA_sign(NID_sha256, digest.data(), digest.size(), signature.data(), &size, &rsa) != 1 ||
      size != signature.size()) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  return signature;
}

}  // namespace counterfoil
