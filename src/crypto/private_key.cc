#include "crypto/private_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 4096;

struct LibraryFree {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, LibraryFree>;

// no_passphrase makes libcrypto fail on an encrypted key rather than ask at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

}  // namespace

std::string_view describe(PrivateKeyError error) {
  switch (error) {
    case PrivateKeyError::kNotPem:
      return "this is not a PKCS#8 private key; it must begin with -----BEGIN PRIVATE KEY----- "
             "(openssl pkcs8 -topk8 -nocrypt converts others)";
    case PrivateKeyError::kEncrypted:
      return "this private key is encrypted; decrypt it into a file only you can read (openssl "
             "pkey -in FILE -out PLAIN)";
    case PrivateKeyError::kUnsupported:
      return "only Ed25519 keys and RSA keys of 2048 to 4096 bits are supported";
    case PrivateKeyError::kPublicGiven:
      return "this is a public key; the private key is needed to sign";
  }
  std::unreachable();
}

void PrivateKey::Free::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

std::expected<PrivateKey, CryptoError> PrivateKey::generate(Scheme scheme) {
  EVP_PKEY* const key = scheme == Scheme::kEd25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                                   : EVP_RSA_gen(kRsaBits);
  if (key == nullptr || scheme == Scheme::kHmacSha256) {
    EVP_PKEY_free(key);
    return std::unexpected(CryptoError::kLibrary);
  }
  return PrivateKey(scheme, key);
}

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_pem(ByteView pem) {
  const std::string_view text = as_text(pem);
  if (text.contains("ENCRYPTED")) {
    return std::unexpected(PrivateKeyError::kEncrypted);
  }
  if (text.contains("BEGIN PUBLIC KEY") || text.contains("BEGIN CERTIFICATE") ||
      text.contains("BEGIN RSA PUBLIC KEY")) {
    return std::unexpected(PrivateKeyError::kPublicGiven);
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  ERR_clear_error();
  if (key == nullptr) {
    return std::unexpected(PrivateKeyError::kNotPem);
  }
  const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kRsaBitsMin &&
                      EVP_PKEY_get_bits(key) <= kRsaBitsMax;
  if (!is_rsa && EVP_PKEY_is_a(key, "ED25519") != 1) {
    EVP_PKEY_free(key);
    return std::unexpected(PrivateKeyError::kUnsupported);
  }
  return PrivateKey(is_rsa ? Scheme::kRsaPkcs1Sha256 : Scheme::kEd25519, key);
}

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_pem(const SecretBytes& pem) {
  return from_pem(pem.reveal(SecretAccess{}));
}

std::expected<SecretBytes, CryptoError> PrivateKey::to_pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    return std::unexpected(CryptoError::kLibrary);
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return SecretBytes::copy_of(as_bytes(std::string_view(data, static_cast<std::size_t>(size))));
}

std::string PrivateKey::public_key_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) {
    return {};
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::expected<std::vector<std::uint8_t>, CryptoError> PrivateKey::sign(ByteView message) const {
  const std::unique_ptr<EVP_MD_CTX, LibraryFree> context(EVP_MD_CTX_new());
  const EVP_MD* const digest = scheme_ == Scheme::kEd25519 ? nullptr : EVP_sha256();
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1) {
    ERR_clear_error();
    return std::unexpected(CryptoError::kLibrary);
  }
  std::vector<std::uint8_t> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    ERR_clear_error();
    return std::unexpected(CryptoError::kLibrary);
  }
  signature.resize(size);
  return signature;
}

}  // namespace counterfoil
