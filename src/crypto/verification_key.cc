#include "crypto/verification_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// Rsa keeps the parsed key and its size; a verification duplicates a prepared context, which is
// cheaper than a new one.
struct VerificationKey::Rsa {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* prepared = nullptr;
  std::size_t modulus_bytes = 0;
};

void VerificationKey::RsaFree::operator()(Rsa* key) const noexcept {
  EVP_PKEY_CTX_free(key->prepared);
  EVP_PKEY_free(key->key);
  delete key;
}

namespace {

constexpr std::size_t kEd25519SignatureBytes = 64;
constexpr std::size_t kEd25519KeyBytes = 32;
constexpr std::size_t kSpkiPrefixBytes = 12;

struct ContextFree {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

bool verify_rsa(const VerificationKey::Rsa& rsa, ByteView message, ByteView signature) {
  const std::unique_ptr<EVP_PKEY_CTX, ContextFree> context(EVP_PKEY_CTX_dup(rsa.prepared));
  const Digest digest = sha256(message);
  const bool valid =
      context != nullptr && EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                            digest.data(), digest.size()) == 1;
  if (!valid) {
    ERR_clear_error();
  }
  return valid;
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

std::expected<VerificationKey, CryptoError> VerificationKey::from_hmac_secret(ByteView secret) {
  auto key = HmacKey::from_secret(secret);
  if (!key) {
    return std::unexpected(key.error());
  }
  return VerificationKey(Material(std::move(*key)));
}

std::expected<VerificationKey, CryptoError> VerificationKey::from_public_key(const PublicKey& key) {
  if (key.scheme() == Scheme::kEd25519) {
    auto point = std::make_unique<Ed25519>();
    std::ranges::copy(key.spki_der().subspan(kSpkiPrefixBytes, kEd25519KeyBytes), point->begin());
    return VerificationKey(Material(std::move(point)));
  }
  std::unique_ptr<Rsa, RsaFree> rsa(new Rsa);
  const std::uint8_t* at = key.spki_der().data();
  rsa->key = d2i_PUBKEY(nullptr, &at, static_cast<long>(key.spki_der().size()));
  rsa->prepared = rsa->key == nullptr ? nullptr : EVP_PKEY_CTX_new(rsa->key, nullptr);
  if (rsa->prepared == nullptr || EVP_PKEY_verify_init(rsa->prepared) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(rsa->prepared, RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(rsa->prepared, EVP_sha256()) != 1) {
    ERR_clear_error();
    return std::unexpected(CryptoError::kLibrary);
  }
  rsa->modulus_bytes = (key.rsa_bits() + 7) / 8;
  return VerificationKey(Material(std::move(rsa)));
}

Scheme VerificationKey::scheme() const {
  constexpr std::array<Scheme, 3> kByIndex = {Scheme::kHmacSha256, Scheme::kRsaPkcs1Sha256,
                                              Scheme::kEd25519};
  return kByIndex[material_.index()];
}

std::size_t VerificationKey::signature_bytes() const {
  return std::visit(
      Overloaded{[](const HmacKey&) { return Digest{}.size(); },
                 [](const std::unique_ptr<Rsa, RsaFree>& rsa) { return rsa->modulus_bytes; },
                 [](const std::unique_ptr<Ed25519>&) { return kEd25519SignatureBytes; }},
      material_);
}

bool VerificationKey::verify(ByteView message, ByteView signature) const noexcept {
  if (signature.size() != signature_bytes()) {
    return false;
  }
  return std::visit(
      Overloaded{[&](const HmacKey& key) { return key.verify(message, signature.first<32>()); },
                 [&](const std::unique_ptr<Rsa, RsaFree>& rsa) {
                   return verify_rsa(*rsa, message, signature);
                 },
                 [&](const std::unique_ptr<Ed25519>& point) {
                   return crypto_sign_verify_detached(signature.data(), message.data(),
                                                      message.size(), point->data()) == 0;
                 }},
      material_);
}

bool VerificationKey::fits(std::string_view signature_text) const noexcept {
  std::array<std::uint8_t, kSignatureBytesMax> bytes;
  const std::span<std::uint8_t> exact(bytes.data(), signature_bytes());
  return describe(scheme()).encoding == SignatureEncoding::kHex
             ? from_hex_into(signature_text, exact)
             : from_base64_into(signature_text, exact);
}

bool VerificationKey::verify_text(ByteView message,
                                  std::string_view signature_text) const noexcept {
  std::array<std::uint8_t, kSignatureBytesMax> bytes;
  const std::span<std::uint8_t> exact(bytes.data(), signature_bytes());
  const bool decoded = describe(scheme()).encoding == SignatureEncoding::kHex
                           ? from_hex_into(signature_text, exact)
                           : from_base64_into(signature_text, exact);
  return decoded && verify(message, exact);
}

}  // namespace counterfoil
