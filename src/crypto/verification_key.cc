#include "crypto/verification_key.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/base64_span.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/ed25519_verifier.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"
#include "crypto/rsa_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTagBytes = std::tuple_size_v<Digest>;
constexpr std::size_t kSignatureBytesMax = PublicKey::kRsaBitsMax / 8;

// decode_base64_exactly fills `out`; false: not strict base64 of just so many bytes. The length is
// asked first, so that a text of any size costs nothing.
bool decode_base64_exactly(std::string_view text, std::span<std::uint8_t> out) {
  return text.size() == base64_characters(out.size()) &&
         decode_base64(text, LineEnds::kRefused, out) == out.size();
}

}  // namespace

VerificationKey::VerificationKey(Key key) : key_(std::move(key)) {}
VerificationKey::VerificationKey(VerificationKey&& other) noexcept = default;
VerificationKey& VerificationKey::operator=(VerificationKey&& other) noexcept = default;
VerificationKey::~VerificationKey() = default;

std::expected<VerificationKey, CryptoError> VerificationKey::from_hmac_secret(ByteView secret) {
  auto key = HmacKey::from_secret(secret);
  if (!key) {
    return std::unexpected(key.error());
  }
  return VerificationKey(std::move(*key));
}

std::expected<VerificationKey, CryptoError> VerificationKey::from_hmac_secret(
    const SecretBytes& secret) {
  auto key = HmacKey::from_secret(secret);
  if (!key) {
    return std::unexpected(key.error());
  }
  return VerificationKey(std::move(*key));
}

std::expected<VerificationKey, CryptoError> VerificationKey::from_public_key(const PublicKey& key) {
  switch (key.scheme()) {
    case Scheme::kRsaPkcs1Sha256: {
      auto verifier = RsaVerifier::create(key);
      if (!verifier) {
        return std::unexpected(verifier.error());
      }
      return VerificationKey(std::move(*verifier));
    }
    case Scheme::kEd25519:
      return VerificationKey(std::make_unique<Ed25519Verifier>(
          key.ed25519_point().first<Ed25519Verifier::kPointBytes>()));
    case Scheme::kHmacSha256:
      return std::unexpected(CryptoError::kWrongScheme);
  }
  std::unreachable();
}

Scheme VerificationKey::scheme() const { return kSchemes[key_.index()].scheme; }

std::size_t VerificationKey::signature_bytes() const {
  const auto* const rsa = std::get_if<std::unique_ptr<RsaVerifier>>(&key_);
  if (rsa == nullptr) {
    return describe(scheme()).signature_bytes;
  }
  return *rsa != nullptr ? (*rsa)->signature_bytes() : 0;  // null: moved from
}

bool VerificationKey::verify(ByteView message, ByteView signature) const noexcept {
  if (const auto* const hmac = std::get_if<HmacKey>(&key_)) {
    return signature.size() == kTagBytes && hmac->verify(message, signature.first<kTagBytes>());
  }
  if (const auto* const rsa = std::get_if<std::unique_ptr<RsaVerifier>>(&key_)) {
    return *rsa != nullptr && (*rsa)->verify(message, signature);
  }
  const auto* const ed25519 = std::get_if<std::unique_ptr<Ed25519Verifier>>(&key_);
  return *ed25519 != nullptr && (*ed25519)->verify(message, signature);
}

template <typename Judge>
bool VerificationKey::with_decoded(std::string_view signature_text, Judge judge) const {
  switch (describe(scheme()).signature_text) {
    case SignatureText::kHex: {
      Digest tag;
      return from_hex_into(signature_text, tag) && judge(ByteView(tag));
    }
    case SignatureText::kBase64: {
      std::array<std::uint8_t, kSignatureBytesMax> buffer;
      const std::span<std::uint8_t> signature(buffer.data(), signature_bytes());
      return decode_base64_exactly(signature_text, signature) && judge(ByteView(signature));
    }
  }
  std::unreachable();
}

bool VerificationKey::fits(std::string_view signature_text) const {
  return with_decoded(signature_text, [](ByteView signature) { return !signature.empty(); });
}

bool VerificationKey::verify_text(ByteView message,
                                  std::string_view signature_text) const noexcept {
  return with_decoded(signature_text,
                      [&](ByteView signature) { return verify(message, signature); });
}

}  // namespace counterfoil
