#include "crypto/private_key.h"

#include <openssl/rand.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/trim.h"
#include "crypto/base64_span.h"
#include "crypto/crypto_error.h"
#include "crypto/der.h"
#include "crypto/pem.h"
#include "crypto/public_key.h"
#include "crypto/rsa_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

struct Row {
  PrivateKeyError error;
  std::string_view text;
};
constexpr Row kRows[] = {
    {PrivateKeyError::kEmpty, "the private key file is empty"},
    {PrivateKeyError::kTextTooLong, "this is far longer than a private key"},
    {PrivateKeyError::kEncrypted,
     "the private key is encrypted with a passphrase; decrypt it into a file of mode 0600 first "
     "(openssl pkey -in key.pem -out plain.pem)"},
    {PrivateKeyError::kPublicKeyGiven, "this is a public key; the private one is needed to sign"},
    {PrivateKeyError::kPkcs1Given,
     "this is an RSA private key in the older PKCS#1 form; convert it (openssl pkcs8 -topk8 "
     "-nocrypt "
     "-in key.pem -out new.pem)"},
    {PrivateKeyError::kOtherPemGiven,
     "this PEM block is not a private key in PKCS#8 form; its first line must be "
     "-----BEGIN PRIVATE KEY-----"},
    {PrivateKeyError::kSeveralBlocks,
     "there is more than one PEM block; the file must hold one private key"},
    {PrivateKeyError::kPemBroken,
     "the PEM block is incomplete or has text around it; it must go from -----BEGIN PRIVATE "
     "KEY----- "
     "to -----END PRIVATE KEY-----"},
    {PrivateKeyError::kDerBroken, "the content of the private key is damaged"},
    {PrivateKeyError::kAlgorithmNotSupported,
     "only Ed25519 and plain RSA private keys can be used"},
    {PrivateKeyError::kKeyRefused,
     "the private key is not sound: its public half is one that is refused, or its numbers do not "
     "belong together; make a new key pair"},
    {PrivateKeyError::kNoSecretMemory,
     "no locked memory is left for the private key; raise the limit (ulimit -l), or permit "
     "unlocked "
     "memory"},
    {PrivateKeyError::kLibraryFailure, "the crypto library failed, most likely for want of memory"},
};
static_assert(std::size(kRows) == std::to_underlying(PrivateKeyError::kLibraryFailure) + 1U);
static_assert(std::ranges::all_of(kRows, [](const Row& row) {
  return &row - kRows == std::to_underlying(row.error);  // Row n describes enumerator n.
}));

constexpr std::size_t kSeedBytes = crypto_sign_ed25519_SEEDBYTES;
constexpr std::size_t kPointBytes = crypto_sign_ed25519_PUBLICKEYBYTES;
constexpr std::size_t kSignatureBytes = crypto_sign_ed25519_BYTES;
static_assert(crypto_sign_ed25519_SECRETKEYBYTES == kSeedBytes + kPointBytes);

using enum DerTag;

std::expected<std::string_view, PrivateKeyError> find_body(std::string_view text) {
  const auto block = read_pem(text);
  if (!block) {
    return std::unexpected(block.error() == PemError::kSeveralBlocks
                               ? PrivateKeyError::kSeveralBlocks
                               : PrivateKeyError::kPemBroken);
  }
  // The older form says in its second line that it is encrypted.
  if (block->label == "ENCRYPTED PRIVATE KEY" || block->body.contains("ENCRYPTED")) {
    return std::unexpected(PrivateKeyError::kEncrypted);
  }
  if (block->label == "RSA PRIVATE KEY") {
    return std::unexpected(PrivateKeyError::kPkcs1Given);
  }
  if (block->label.ends_with("PUBLIC KEY") || block->label.ends_with("CERTIFICATE")) {
    return std::unexpected(PrivateKeyError::kPublicKeyGiven);
  }
  if (block->label != "PRIVATE KEY") {
    return std::unexpected(PrivateKeyError::kOtherPemGiven);
  }
  return block->body;
}

PrivateKeyError error_of(CryptoError error) {
  return error == CryptoError::kLibraryFailure ? PrivateKeyError::kLibraryFailure
                                               : PrivateKeyError::kNoSecretMemory;
}

// "OneAsymmetricKey ::= SEQUENCE { version, privateKeyAlgorithm, privateKey, attributes [0]
// OPTIONAL, publicKey [1] OPTIONAL }", RFC 5958 section 2.
struct Pkcs8 {
  ByteView algorithm;
  ByteView key;
  ByteView public_bits;  // empty when absent
};

std::optional<Pkcs8> parse_pkcs8(ByteView der) {
  constexpr std::uint8_t kVersion1 = 0;
  constexpr std::uint8_t kVersion2 = 1;  // "version SHALL be set to v2 if publicKey is present"
  DerReader outer(der);
  const auto content = outer.read(kSequence);
  if (!content || !outer.at_end()) {
    return std::nullopt;
  }
  DerReader fields(*content);
  const auto version = fields.read_unsigned();
  const auto algorithm = version ? fields.read(kSequence) : std::nullopt;
  const auto key = algorithm ? fields.read(kOctetString) : std::nullopt;
  if (!key || version->size() != 1 || version->front() > kVersion2) {
    return std::nullopt;
  }
  if (fields.next_is(kContext0) && !fields.read(kContext0)) {
    return std::nullopt;
  }
  Pkcs8 parsed{.algorithm = *algorithm, .key = *key, .public_bits = {}};
  if (fields.next_is(kContext1Primitive)) {
    const auto bits = fields.read(kContext1Primitive);
    if (!bits || bits->size() < 2 || bits->front() != 0 || version->front() == kVersion1) {
      return std::nullopt;
    }
    parsed.public_bits = bits->subspan(1);
  }
  return fields.at_end() ? std::optional(parsed) : std::nullopt;
}

// What stands before the secret bytes of a PKCS#8 structure; nothing in it is secret. The secret
// ends the structure.
std::vector<std::uint8_t> pkcs8_head(Scheme scheme, std::size_t secret_bytes) {
  const bool is_rsa = scheme == Scheme::kRsaPkcs1Sha256;
  // "The privateKey field ... is a CurvePrivateKey ::= OCTET STRING", RFC 8410 section 7: twice
  // wrapped.
  const std::vector<std::uint8_t> inner =
      is_rsa ? std::vector<std::uint8_t>() : der_header(kOctetString, secret_bytes);
  const std::vector<std::uint8_t> octets = der_header(kOctetString, inner.size() + secret_bytes);
  const ByteView algorithm = is_rsa ? ByteView(kRsaAlgorithm) : ByteView(kEd25519Algorithm);

  std::vector<std::uint8_t> fields = der_element(kInteger, std::array<std::uint8_t, 1>{0});
  append(fields, der_element(kSequence, algorithm));
  append(fields, octets);
  append(fields, inner);
  std::vector<std::uint8_t> head = der_header(kSequence, fields.size() + secret_bytes);
  append(head, fields);
  return head;
}

}  // namespace

std::string_view describe(PrivateKeyError error) { return kRows[std::to_underlying(error)].text; }

// ---- making

std::expected<PrivateKey, CryptoError> PrivateKey::generate_ed25519(RandomSource& random) {
  const auto seed = SecretBytes::random(kSeedBytes, random);
  if (!seed) {
    return std::unexpected(seed.error());
  }
  auto made = from_seed(seed->reveal(SecretAccess()), {});
  if (!made) {
    return std::unexpected(made.error() == PrivateKeyError::kNoSecretMemory
                               ? CryptoError::kNoSecretMemory
                               : CryptoError::kLibraryFailure);
  }
  return std::move(*made);
}

std::expected<PrivateKey, CryptoError> PrivateKey::generate_rsa(RandomSource& random,
                                                                std::size_t bits) {
  // The library's generator seeds itself from the kernel. The source given is stirred in, so that
  // one that fails ends the operation here as everywhere (control S-06).
  std::array<std::uint8_t, 48> stirred{};
  if (!random.fill(stirred)) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  RAND_add(stirred.data(), static_cast<int>(stirred.size()), 0.0);
  wipe(stirred);
  const RsaHandle rsa = make_rsa(bits);
  if (!rsa) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  const RsaPublicNumbers numbers = rsa_public_numbers(*rsa);
  auto public_key = PublicKey::from_rsa_numbers(numbers.modulus, numbers.exponent);
  auto secret = SecretBytes::create(rsa_der_bytes(*rsa));
  if (!secret) {
    return std::unexpected(secret.error());
  }
  if (!public_key || !write_rsa(*rsa, secret->writable(SecretAccess()))) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  return PrivateKey(std::move(*public_key), std::move(*secret));
}

std::expected<PrivateKey, CryptoError> PrivateKey::generate(Scheme scheme, RandomSource& random,
                                                            std::size_t rsa_bits) {
  switch (scheme) {
    case Scheme::kEd25519:
      return generate_ed25519(random);
    case Scheme::kRsaPkcs1Sha256:
      if (rsa_bits < PublicKey::kRsaBitsMin || rsa_bits > PublicKey::kRsaBitsMax ||
          rsa_bits % 8 != 0) {
        return std::unexpected(CryptoError::kWrongScheme);
      }
      return generate_rsa(random, rsa_bits);
    case Scheme::kHmacSha256:
      return std::unexpected(CryptoError::kWrongScheme);
  }
  std::unreachable();
}

// ---- reading

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_seed(ByteView seed,
                                                                 ByteView public_point) {
  auto secret = SecretBytes::create(kSeedBytes + kPointBytes);
  if (!secret) {
    return std::unexpected(PrivateKeyError::kNoSecretMemory);
  }
  std::array<std::uint8_t, kPointBytes> point{};
  if (crypto_sign_ed25519_seed_keypair(point.data(), secret->writable(SecretAccess()).data(),
                                       seed.data()) != 0) {
    return std::unexpected(PrivateKeyError::kLibraryFailure);
  }
  auto public_key = PublicKey::from_ed25519_point(point);
  if (!public_key || (!public_point.empty() && !std::ranges::equal(public_point, point))) {
    return std::unexpected(PrivateKeyError::kKeyRefused);
  }
  return PrivateKey(std::move(*public_key), std::move(*secret));
}

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_rsa(ByteView der) {
  const RsaHandle rsa = read_rsa(der);
  if (!rsa) {
    return std::unexpected(PrivateKeyError::kDerBroken);
  }
  // The public half first: its rules bound the lengths that the arithmetic works with.
  const RsaPublicNumbers numbers = rsa_public_numbers(*rsa);
  auto public_key = PublicKey::from_rsa_numbers(numbers.modulus, numbers.exponent);
  if (!public_key || !is_sound(*rsa)) {
    return std::unexpected(PrivateKeyError::kKeyRefused);
  }
  // Written anew: what is kept has one form, whatever the file's was.
  auto secret = SecretBytes::create(rsa_der_bytes(*rsa));
  if (!secret) {
    return std::unexpected(error_of(secret.error()));
  }
  if (!write_rsa(*rsa, secret->writable(SecretAccess()))) {
    return std::unexpected(PrivateKeyError::kLibraryFailure);
  }
  return PrivateKey(std::move(*public_key), std::move(*secret));
}

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_pkcs8(ByteView der) {
  const auto parsed = parse_pkcs8(der);
  if (!parsed) {
    return std::unexpected(PrivateKeyError::kDerBroken);
  }
  if (std::ranges::equal(parsed->algorithm, kRsaAlgorithm)) {
    return from_rsa(parsed->key);
  }
  if (!std::ranges::equal(parsed->algorithm, kEd25519Algorithm)) {
    return std::unexpected(PrivateKeyError::kAlgorithmNotSupported);
  }
  DerReader curve_key(parsed->key);
  const auto seed = curve_key.read(kOctetString);
  if (!seed || seed->size() != kSeedBytes || !curve_key.at_end()) {
    return std::unexpected(PrivateKeyError::kDerBroken);
  }
  return from_seed(*seed, parsed->public_bits);
}

std::expected<PrivateKey, PrivateKeyError> PrivateKey::from_pkcs8_pem(std::string_view text) {
  text = trim(text);
  if (text.empty()) {
    return std::unexpected(PrivateKeyError::kEmpty);
  }
  if (text.size() > kTextBytesMax) {
    return std::unexpected(PrivateKeyError::kTextTooLong);
  }
  const auto body = find_body(text);
  if (!body) {
    return std::unexpected(body.error());
  }
  auto der = SecretBytes::create(base64_bytes_max(body->size()));
  if (!der) {
    return std::unexpected(error_of(der.error()));
  }
  const auto bytes = der->writable(SecretAccess());
  const auto size = decode_base64(*body, LineEnds::kSkipped, bytes);
  if (!size) {
    return std::unexpected(PrivateKeyError::kPemBroken);
  }
  return from_pkcs8(bytes.first(*size));
}

// ---- writing and signing

std::expected<SecretBytes, CryptoError> PrivateKey::to_pkcs8() const {
  // libsodium keeps the public key behind the seed; PKCS#8 holds the seed alone.
  const ByteView kept = secret_.reveal(SecretAccess());
  const ByteView secret = scheme() == Scheme::kEd25519 ? kept.first(kSeedBytes) : kept;
  const std::vector<std::uint8_t> head = pkcs8_head(scheme(), secret.size());
  auto der = SecretBytes::create(head.size() + secret.size());
  if (der) {
    const auto out = der->writable(SecretAccess());
    std::ranges::copy(head, out.begin());
    std::ranges::copy(secret, out.begin() + static_cast<std::ptrdiff_t>(head.size()));
  }
  return der;
}

std::expected<SecretBytes, CryptoError> PrivateKey::to_pkcs8_pem() const {
  constexpr std::string_view kFirstLine = "-----BEGIN PRIVATE KEY-----\n";
  constexpr std::string_view kLastLine = "-----END PRIVATE KEY-----\n";
  constexpr std::size_t kLineBytes = 48;  // give 64 characters
  const auto der = to_pkcs8();
  if (!der) {
    return std::unexpected(der.error());
  }
  const std::size_t lines = (der->size() + kLineBytes - 1) / kLineBytes;
  auto pem = SecretBytes::create(kFirstLine.size() + base64_characters(der->size()) + lines +
                                 kLastLine.size());
  if (!pem) {
    return pem;
  }
  std::span<std::uint8_t> out = pem->writable(SecretAccess());
  const auto put = [&out](ByteView bytes) {
    std::ranges::copy(bytes, out.begin());
    out = out.subspan(bytes.size());
  };
  put(as_bytes(kFirstLine));
  const ByteView bytes = der->reveal(SecretAccess());
  for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
    const ByteView line = bytes.subspan(at, std::min(kLineBytes, bytes.size() - at));
    const std::size_t characters = base64_characters(line.size());
    encode_base64(line, out.first(characters));
    out = out.subspan(characters);
    put(as_bytes("\n"));
  }
  put(as_bytes(kLastLine));
  return pem;
}

std::expected<std::vector<std::uint8_t>, CryptoError> PrivateKey::sign(ByteView message) const {
  const ByteView secret = secret_.reveal(SecretAccess());
  if (scheme() == Scheme::kRsaPkcs1Sha256) {
    const RsaHandle rsa = read_rsa(secret);
    return rsa ? sign_rsa(*rsa, message) : std::unexpected(CryptoError::kLibraryFailure);
  }
  std::vector<std::uint8_t> signature(kSignatureBytes);
  if (crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                                   secret.data()) != 0) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  return signature;
}

}  // namespace counterfoil
