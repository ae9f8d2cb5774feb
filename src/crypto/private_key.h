#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// PrivateKeyError says why a private key file cannot be used.
enum class PrivateKeyError : std::uint8_t {
  kEmpty,
  kTextTooLong,
  kEncrypted,  // needs a passphrase: decrypt it first
  kPublicKeyGiven,
  kPkcs1Given,     // BEGIN RSA PRIVATE KEY: convert it
  kOtherPemGiven,  // BEGIN EC PRIVATE KEY, OPENSSH PRIVATE KEY, ...
  kSeveralBlocks,
  kPemBroken,
  kDerBroken,  // not strict DER of an unencrypted PKCS#8 PrivateKeyInfo
  kAlgorithmNotSupported,
  kKeyRefused,  // the public half does not pass PublicKey's checks, or the halves do not match
  kNoSecretMemory,
  kLibraryFailure,
};
[[nodiscard]] std::string_view describe(PrivateKeyError error);

// PrivateKey signs: the audit log's checkpoints, the command `sign`, tests. The gateway never holds
// a customer's private key. Rests in the locked arena; an RSA operation works on a copy in the
// library's memory, which is wiped when the operation ends. Move-only; the const functions are safe
// to call from many threads.
class PrivateKey {
 public:
  static constexpr std::size_t kTextBytesMax = 16UL * 1024;
  static constexpr std::size_t kRsaBitsDefault = 3072;

  // generate makes a new key pair. kWrongScheme for HMAC. `rsa_bits` (2048 to 4096, a multiple of
  // 8) matters for RSA alone, whose primes come from the library's generator, stirred with
  // `random`. RSA takes from a tenth of a second to some seconds.
  [[nodiscard]] static std::expected<PrivateKey, CryptoError> generate(
      Scheme scheme, RandomSource& random, std::size_t rsa_bits = kRsaBitsDefault);

  // from_pkcs8_pem reads one unencrypted block "BEGIN PRIVATE KEY" (RFC 5958). The caller wipes
  // `text`.
  [[nodiscard]] static std::expected<PrivateKey, PrivateKeyError> from_pkcs8_pem(
      std::string_view text);

  // to_pkcs8_pem writes that form, lines of 64 characters, LF.
  [[nodiscard]] std::expected<SecretBytes, CryptoError> to_pkcs8_pem() const;

  [[nodiscard]] Scheme scheme() const { return public_key_.scheme(); }
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }

  // sign gives the decoded signature: 64 bytes, or as many as the modulus has.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, CryptoError> sign(ByteView message) const;

 private:
  [[nodiscard]] static std::expected<PrivateKey, CryptoError> generate_ed25519(
      RandomSource& random);
  [[nodiscard]] static std::expected<PrivateKey, CryptoError> generate_rsa(RandomSource& random,
                                                                           std::size_t bits);
  [[nodiscard]] static std::expected<PrivateKey, PrivateKeyError> from_pkcs8(ByteView der);
  [[nodiscard]] static std::expected<PrivateKey, PrivateKeyError> from_seed(ByteView seed,
                                                                            ByteView public_point);
  [[nodiscard]] static std::expected<PrivateKey, PrivateKeyError> from_rsa(ByteView der);
  [[nodiscard]] std::expected<SecretBytes, CryptoError> to_pkcs8() const;

  PrivateKey(PublicKey public_key, SecretBytes secret)
      : public_key_(std::move(public_key)), secret_(std::move(secret)) {}

  PublicKey public_key_;
  SecretBytes secret_;  // Ed25519: seed and public key, 64 bytes. RSA: RSAPrivateKey, DER
};

}  // namespace counterfoil
