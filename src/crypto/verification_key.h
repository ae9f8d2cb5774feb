#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

class Ed25519Verifier;
class RsaVerifier;

// VerificationKey is what a gateway holds to check the signatures of one key pair: HMAC midstates
// in the locked arena, or a public key made ready. The scheme is fixed when it is made; no request
// can choose another (control S-22). Move-only, 16 bytes. The const functions are safe to call from
// many threads at once, do not throw and do not allocate on our side.
class VerificationKey {
 public:
  [[nodiscard]] static std::expected<VerificationKey, CryptoError> from_hmac_secret(
      ByteView secret);
  [[nodiscard]] static std::expected<VerificationKey, CryptoError> from_hmac_secret(
      const SecretBytes& secret);
  [[nodiscard]] static std::expected<VerificationKey, CryptoError> from_public_key(
      const PublicKey& key);

  VerificationKey(const VerificationKey&) = delete;
  VerificationKey& operator=(const VerificationKey&) = delete;
  VerificationKey(VerificationKey&& other) noexcept;
  VerificationKey& operator=(VerificationKey&& other) noexcept;
  ~VerificationKey();

  [[nodiscard]] Scheme scheme() const;
  // signature_bytes is the decoded length of every signature of this key: 32, 64 or the modulus.
  [[nodiscard]] std::size_t signature_bytes() const;

  // verify decides whether `signature`, decoded, was made over `message` by the holder of the key.
  //
  //   HMAC      32 bytes, compared in constant time (control S-20)
  //   RSA       as long as the modulus, s < n, PKCS#1 v1.5 with SHA-256; a DigestInfo without NULL
  //             is refused (control S-26)
  //   Ed25519   64 bytes, S < L, R and A canonical and not of small order, cofactorless equation
  //             (control S-27)
  //
  // Every other length is false before any public-key operation.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const noexcept;

  // fits tells whether `signature_text`, percent-decoded, has the one form that this key's
  // signatures have (control S-25): 64 hex digits, or strict base64 of exactly signature_bytes().
  [[nodiscard]] bool fits(std::string_view signature_text) const;

  // verify_text decodes and verifies; false when the text does not fit.
  [[nodiscard]] bool verify_text(ByteView message, std::string_view signature_text) const noexcept;

 private:
  using Key = std::variant<HmacKey, std::unique_ptr<RsaVerifier>, std::unique_ptr<Ed25519Verifier>>;
  explicit VerificationKey(Key key);
  // with_decoded decodes onto the stack and asks `judge`; false when the text does not fit.
  template <typename Judge>
  [[nodiscard]] bool with_decoded(std::string_view signature_text, Judge judge) const;

  Key key_;  // The alternatives stand in the order of the scheme numbers.
};

}  // namespace counterfoil
