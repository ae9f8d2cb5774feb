#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/rsa_key_rules.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTextBytesMax = 8192;
constexpr std::size_t kEd25519Bytes = 32;
// SubjectPublicKeyInfo of Ed25519 (RFC 8410): this prefix and the 32 bytes.
constexpr std::array<std::uint8_t, 12> kEd25519Prefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct PkeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyFree>;
using Bn = std::unique_ptr<BIGNUM, PkeyFree>;

std::string without_white_space(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      kept.push_back(c);
    }
  }
  return kept;
}

// pem_body gives the base64 between the one pair of lines a public key has.
std::expected<std::string, PublicKeyError> pem_body(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
  constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
  if (text.contains("PRIVATE KEY")) {
    return std::unexpected(PublicKeyError::kPrivateKeyGiven);
  }
  if (text.contains("BEGIN CERTIFICATE") || text.contains("BEGIN TRUSTED CERTIFICATE")) {
    return std::unexpected(PublicKeyError::kCertificateGiven);
  }
  const std::size_t first = text.find("-----BEGIN");
  if (text.find("-----BEGIN", first + 1) != std::string_view::npos) {
    return std::unexpected(PublicKeyError::kSeveralBlocks);
  }
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return std::unexpected(PublicKeyError::kWrongBlock);
  }
  const std::string outside = without_white_space(text.substr(0, begin)) +
                              without_white_space(text.substr(end + kEnd.size()));
  if (!outside.empty()) {
    return std::unexpected(PublicKeyError::kWrongBlock);
  }
  return without_white_space(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
}

Pkey parse_spki(ByteView der) {
  const std::uint8_t* at = der.data();
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return key && at == der.data() + der.size() ? std::move(key) : nullptr;
}

// encoded_again is the strict DER of what was parsed: anything else in the input shows as a
// difference.
std::vector<std::uint8_t> encoded_again(const EVP_PKEY* key) {
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PUBKEY(key, &encoded);
  std::vector<std::uint8_t> der;
  if (size > 0) {
    der.assign(encoded, encoded + size);
  }
  OPENSSL_free(encoded);
  ERR_clear_error();
  return der;
}

Bn number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return Bn(number);
}

// is_canonical: y below 2^255 - 19. libsodium's check of points covers it too; this one does not
// depend on its version.
bool is_canonical(ByteView point) {
  if ((point[31] & 0x7fU) != 0x7fU || point[0] < 0xed) {
    return true;
  }
  return std::ranges::any_of(point.subspan(1, 30), [](std::uint8_t byte) { return byte != 0xff; });
}

bool is_good_point(ByteView point) {
  return is_canonical(point) && crypto_core_ed25519_is_valid_point(point.data()) == 1;
}

enum class Depth : std::uint8_t { kForm, kFull };

std::expected<std::pair<Scheme, std::size_t>, PublicKeyError> check_ed25519(ByteView der,
                                                                            Depth depth) {
  if (der.size() != kEd25519Prefix.size() + kEd25519Bytes) {
    return std::unexpected(PublicKeyError::kNotDer);
  }
  if (depth == Depth::kFull && !is_good_point(der.subspan(kEd25519Prefix.size()))) {
    return std::unexpected(PublicKeyError::kEd25519Point);
  }
  return std::pair(Scheme::kEd25519, std::size_t{0});
}

std::expected<std::pair<Scheme, std::size_t>, PublicKeyError> check_der(ByteView der, Depth depth) {
  if (der.size() >= kEd25519Prefix.size() &&
      std::ranges::equal(kEd25519Prefix, der.first(kEd25519Prefix.size()))) {
    return check_ed25519(der, depth);
  }
  const Pkey key = parse_spki(der);
  if (!key) {
    return std::unexpected(PublicKeyError::kNotDer);
  }
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return std::unexpected(PublicKeyError::kUnsupportedType);
  }
  if (!std::ranges::equal(encoded_again(key.get()), der)) {
    return std::unexpected(PublicKeyError::kNotDer);
  }
  const Bn n = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N);
  const Bn e = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e) {
    return std::unexpected(PublicKeyError::kNotDer);
  }
  if (depth == Depth::kFull) {
    if (const auto weak = check_rsa_numbers(n.get(), e.get())) {
      return std::unexpected(*weak);
    }
  }
  return std::pair(Scheme::kRsaPkcs1Sha256, static_cast<std::size_t>(BN_num_bits(n.get())));
}

}  // namespace

std::string_view describe(PublicKeyError error) {
  switch (error) {
    case PublicKeyError::kEmpty:
      return "no public key was given; paste the text that begins with -----BEGIN PUBLIC KEY-----";
    case PublicKeyError::kPrivateKeyGiven:
      return "this is a PRIVATE key: keep it to yourself. It was not stored. Paste the public key "
             "(openssl pkey -in FILE -pubout)";
    case PublicKeyError::kCertificateGiven:
      return "this is a certificate; paste its public key (openssl x509 -in FILE -noout -pubkey)";
    case PublicKeyError::kSeveralBlocks:
      return "there is more than one PEM block; paste one public key alone";
    case PublicKeyError::kWrongBlock:
      return "this is not a block \"PUBLIC KEY\"; convert the key (openssl pkey -pubin -in FILE "
             "-pubout, or ssh-keygen -e -m PKCS8)";
    case PublicKeyError::kNotBase64:
      return "the text between the lines is not base64; copy the key again, whole";
    case PublicKeyError::kNotDer:
      return "the key is damaged or followed by other bytes; export it again (openssl pkey "
             "-pubout)";
    case PublicKeyError::kUnsupportedType:
      return "only Ed25519 and RSA keys are supported; make one with `openssl genpkey -algorithm "
             "ed25519`";
    case PublicKeyError::kRsaSize:
      return "an RSA key must have 2048 to 4096 bits; make a new key";
    case PublicKeyError::kRsaExponent:
      return "the RSA exponent must be odd and at least 65537; make a new key with the usual "
             "exponent";
    case PublicKeyError::kRsaModulus:
      return "the RSA modulus is weak: it can be factored; make a new key with a current tool";
    case PublicKeyError::kEd25519Point:
      return "this is not a sound Ed25519 public key; make a new key with a current tool";
  }
  std::unreachable();
}

std::expected<PublicKey, PublicKeyError> PublicKey::import_text(std::string_view text) {
  const std::string bare = text.size() <= kTextBytesMax ? without_white_space(text) : std::string();
  if (bare.empty()) {
    return std::unexpected(text.empty() ? PublicKeyError::kEmpty : PublicKeyError::kNotDer);
  }
  const auto base64 = text.contains("-----BEGIN")
                          ? pem_body(text)
                          : std::expected<std::string, PublicKeyError>(bare);
  if (!base64) {
    return std::unexpected(base64.error());
  }
  const auto der = from_base64(*base64);
  if (!der) {
    return std::unexpected(PublicKeyError::kNotBase64);
  }
  return import_der(*der);
}

std::expected<PublicKey, PublicKeyError> PublicKey::import_der(ByteView der) {
  const auto checked = check_der(der, Depth::kFull);
  if (!checked) {
    return std::unexpected(checked.error());
  }
  return PublicKey(checked->first, {der.begin(), der.end()}, checked->second);
}

std::expected<PublicKey, PublicKeyError> PublicKey::from_stored(ByteView der) {
  const auto checked = check_der(der, Depth::kForm);
  if (!checked) {
    return std::unexpected(checked.error());
  }
  return PublicKey(checked->first, {der.begin(), der.end()}, checked->second);
}

std::string PublicKey::pem() const {
  constexpr std::size_t kLine = 64;
  const std::string base64 = to_base64(der_);
  std::string text = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kLine) {
    text += base64.substr(at, kLine) + "\n";
  }
  return text + "-----END PUBLIC KEY-----\n";
}

std::string fingerprint_text(const Digest& fingerprint) {
  std::string text = "SHA256:" + to_base64(fingerprint);
  while (text.ends_with('=')) {
    text.pop_back();
  }
  return text;
}

}  // namespace counterfoil
