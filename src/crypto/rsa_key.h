#pragma once

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

struct rsa_st;

namespace counterfoil {

// Inside the room: RSA by the library's RSA_* functions. They are deprecated in favour of EVP, but
// a verification through EVP needs a context made for it, which costs a sixth of the whole with
// 2048 bits and cannot be shared between threads; and EVP leaves copies of private keys in the
// heap.

struct FreeRsa {
  void operator()(rsa_st* rsa) const;
};
using RsaHandle = std::unique_ptr<rsa_st, FreeRsa>;

// RsaVerifier checks PKCS#1 v1.5 signatures with SHA-256. Safe to call from many threads.
class RsaVerifier {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<RsaVerifier>, CryptoError> create(
      const PublicKey& key);

  [[nodiscard]] std::size_t signature_bytes() const { return signature_bytes_; }
  // verify: see VerificationKey::verify.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const noexcept;
  // recover gives the padded block that the signature was made from, as long as the modulus.
  // nullopt: another length, or s >= n.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> recover(ByteView signature) const;

 private:
  RsaVerifier(RsaHandle rsa, std::size_t signature_bytes)
      : rsa_(std::move(rsa)), signature_bytes_(signature_bytes) {}

  RsaHandle rsa_;
  std::size_t signature_bytes_;
};

// make_rsa gives a new private key of `bits` bits with the exponent 65537; null if the library
// failed.
[[nodiscard]] RsaHandle make_rsa(std::size_t bits);
// read_rsa reads an RSAPrivateKey (PKCS#1, DER, two primes). null: it is not one, or the library
// failed.
[[nodiscard]] RsaHandle read_rsa(ByteView der);
// is_sound tells whether the numbers of a private key belong together, by arithmetic and by a
// signature that verifies. One wrong number can give the primes away with the first signature.
[[nodiscard]] bool is_sound(rsa_st& rsa);
// rsa_der_bytes is how long write_rsa's output is; 0 if the library failed.
[[nodiscard]] std::size_t rsa_der_bytes(const rsa_st& rsa);
// write_rsa writes the RSAPrivateKey to `out`, which has rsa_der_bytes() places.
[[nodiscard]] bool write_rsa(const rsa_st& rsa, std::span<std::uint8_t> out);
// rsa_public_numbers gives modulus and exponent, big-endian.
struct RsaPublicNumbers {
  std::vector<std::uint8_t> modulus;
  std::vector<std::uint8_t> exponent;
};
[[nodiscard]] RsaPublicNumbers rsa_public_numbers(const rsa_st& rsa);
// sign_rsa signs PKCS#1 v1.5 with SHA-256.
[[nodiscard]] std::expected<std::vector<std::uint8_t>, CryptoError> sign_rsa(rsa_st& rsa,
                                                                             ByteView message);

}  // namespace counterfoil
