#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// PublicKeyError says why an offered public key is refused (control S-28). describe() tells the
// person who offered it what to do instead.
enum class PublicKeyError : std::uint8_t {
  // The text.
  kEmpty,
  kTextTooLong,
  kPrivateKeyGiven,  // plain, encrypted or OpenSSH; nothing of it is kept
  kCertificateGiven,
  kPkcs1Given,     // BEGIN RSA PUBLIC KEY
  kSshKeyGiven,    // ssh-ed25519 AAAA...
  kOtherPemGiven,  // any other BEGIN line
  kSeveralBlocks,
  kTextAroundBlock,
  kPemBroken,  // cut, or BEGIN and END do not match
  kBase64Broken,
  // The structure.
  kDerBroken,  // not strict DER of a SubjectPublicKeyInfo
  kTrailingBytes,
  kAlgorithmNotSupported,
  // RSA.
  kRsaTooSmall,
  kRsaTooLarge,
  kRsaExponentRefused,
  kRsaModulusEven,
  kRsaSmallFactor,
  kRsaModulusPrime,
  kRsaModulusSquare,
  kRsaCloseFactors,  // Fermat's method finds them
  kRsaRoca,          // CVE-2017-15361
  // Ed25519.
  kEd25519LengthWrong,
  kEd25519NotCanonical,
  kEd25519PointRefused,  // not on the curve, or not of prime order
  // Ours.
  kLibraryFailure,  // out of memory; nothing was decided
};

// describe gives one or two sentences for the person who offered the key: what is wrong and what to
// do. Never holds a byte of what was offered.
[[nodiscard]] std::string_view describe(PublicKeyError error);

// PublicKey is an RSA or Ed25519 public key that passed every check of control S-28. A value:
// copied and compared by its bytes.
class PublicKey {
 public:
  static constexpr std::size_t kTextBytesMax = 16UL * 1024;
  static constexpr std::size_t kRsaBitsMin = 2048;
  static constexpr std::size_t kRsaBitsMax = 4096;
  static constexpr std::size_t kRsaExponentBitsMax = 256;

  // import_text reads what a person pasted: one PEM block "BEGIN PUBLIC KEY" (LF or CRLF), or the
  // bare base64 of the SubjectPublicKeyInfo on one line; white space before and after is ignored.
  // All checks are made; up to about 30 ms of CPU for RSA with 4096 bits.
  [[nodiscard]] static std::expected<PublicKey, PublicKeyError> import_text(std::string_view text);

  // import_der makes the same checks on the DER of a SubjectPublicKeyInfo.
  [[nodiscard]] static std::expected<PublicKey, PublicKeyError> import_der(ByteView der);

  // from_rsa_numbers and from_ed25519_point make the same checks on bare numbers, big-endian
  // without leading zeros, and on a bare point.
  [[nodiscard]] static std::expected<PublicKey, PublicKeyError> from_rsa_numbers(ByteView modulus,
                                                                                 ByteView exponent);
  [[nodiscard]] static std::expected<PublicKey, PublicKeyError> from_ed25519_point(ByteView point);

  // from_stored reads back spki_der() of a key that was imported before. Structure and lengths are
  // checked, the arithmetic is not: below a microsecond.
  [[nodiscard]] static std::expected<PublicKey, PublicKeyError> from_stored(ByteView der);

  [[nodiscard]] Scheme scheme() const { return scheme_; }
  // spki_der is the stored form: the SubjectPublicKeyInfo, encoded anew (RFC 5280 section 4.1).
  [[nodiscard]] const std::vector<std::uint8_t>& spki_der() const { return spki_der_; }
  // pem is the text form, lines of 64 characters, LF.
  [[nodiscard]] std::string pem() const;
  // fingerprint is SHA-256 of spki_der(); its text is "SHA256:" and base64 without padding.
  [[nodiscard]] Digest fingerprint() const;
  [[nodiscard]] std::string fingerprint_text() const;
  // rsa_bits is the length of the modulus; 0 for Ed25519.
  [[nodiscard]] std::size_t rsa_bits() const;

  // The numbers, big-endian without leading zeros, and the point. Views into this object; empty for
  // the other scheme.
  [[nodiscard]] ByteView rsa_modulus() const;
  [[nodiscard]] ByteView rsa_exponent() const;
  [[nodiscard]] ByteView ed25519_point() const;

  bool operator==(const PublicKey&) const = default;

 private:
  PublicKey() = default;

  Scheme scheme_{};
  std::vector<std::uint8_t> spki_der_;
  // Where in spki_der_: the modulus or the point, and the exponent.
  std::uint16_t number_offset_ = 0;
  std::uint16_t number_bytes_ = 0;
  std::uint16_t exponent_offset_ = 0;
  std::uint16_t exponent_bytes_ = 0;
};

}  // namespace counterfoil
