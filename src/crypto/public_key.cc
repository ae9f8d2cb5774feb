#include "crypto/public_key.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/trim.h"
#include "crypto/base64_span.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/ed25519_rules.h"
#include "crypto/pem.h"
#include "crypto/rsa_rules.h"
#include "crypto/signature_scheme.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

constexpr std::size_t kEd25519PointBytes = 32;
// Above this, from_stored would have to keep offsets in more than 16 bits; nothing we accept is
// near.
constexpr std::size_t kDerBytesMax = 12UL * 1024;

// ---- text

PublicKeyError error_of(PemError error) {
  switch (error) {
    case PemError::kNone:
    case PemError::kBroken:
      return PublicKeyError::kPemBroken;
    case PemError::kSeveralBlocks:
      return PublicKeyError::kSeveralBlocks;
    case PemError::kTextAround:
      return PublicKeyError::kTextAroundBlock;
  }
  std::unreachable();
}

std::optional<PublicKeyError> refuse_label(std::string_view label) {
  if (label == "PUBLIC KEY") {
    return std::nullopt;
  }
  if (label == "RSA PUBLIC KEY") {
    return PublicKeyError::kPkcs1Given;
  }
  if (label.ends_with("CERTIFICATE") || label.ends_with("CERTIFICATE REQUEST")) {
    return PublicKeyError::kCertificateGiven;
  }
  return PublicKeyError::kOtherPemGiven;
}

bool is_ssh_key(std::string_view text) {
  return text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") || text.starts_with("sk-ssh-");
}

// What the text is, before it is decoded.
struct Encoded {
  std::string_view base64;
  LineEnds line_ends;
};

std::expected<Encoded, PublicKeyError> find_base64(std::string_view text) {
  // First of all, so that a private key is named as one however the rest is broken.
  if (text.contains("PRIVATE KEY-----")) {
    return std::unexpected(PublicKeyError::kPrivateKeyGiven);
  }
  if (is_ssh_key(text)) {
    return std::unexpected(PublicKeyError::kSshKeyGiven);
  }
  if (!text.contains("-----")) {
    return Encoded{.base64 = text, .line_ends = LineEnds::kRefused};
  }
  const auto block = read_pem(text);
  if (!block) {
    return std::unexpected(error_of(block.error()));
  }
  if (const auto refused = refuse_label(block->label)) {
    return std::unexpected(*refused);
  }
  return Encoded{.base64 = block->body, .line_ends = LineEnds::kSkipped};
}

// ---- structure

// What can be told of DER that is not a SubjectPublicKeyInfo. A look at the beginning is enough:
// the answer only chooses the words of a refusal.
PublicKeyError name_other_der(ByteView der) {
  DerReader outer(der);
  const auto content = outer.read(DerTag::kSequence);
  if (!content) {
    return PublicKeyError::kDerBroken;
  }
  DerReader inner(*content);
  if (const auto number = inner.read_unsigned()) {
    // A version comes first in private keys, the modulus in a PKCS#1 public key.
    return number->size() == 1 ? PublicKeyError::kPrivateKeyGiven : PublicKeyError::kPkcs1Given;
  }
  const auto first = inner.read(DerTag::kSequence);
  if (!first) {
    return PublicKeyError::kDerBroken;
  }
  if (inner.next_is(DerTag::kOctetString)) {
    return PublicKeyError::kPrivateKeyGiven;  // EncryptedPrivateKeyInfo
  }
  if (inner.next_is(DerTag::kSequence)) {
    return PublicKeyError::kCertificateGiven;
  }
  return PublicKeyError::kDerBroken;
}

struct Parsed {
  Scheme scheme{};
  ByteView number;    // modulus or point
  ByteView exponent;  // RSA only
};

std::expected<Parsed, PublicKeyError> parse_rsa(ByteView key) {
  DerReader outer(key);
  const auto content = outer.read(DerTag::kSequence);
  if (!content) {
    return std::unexpected(PublicKeyError::kDerBroken);
  }
  DerReader numbers(*content);
  const auto modulus = numbers.read_unsigned();
  const auto exponent = modulus ? numbers.read_unsigned() : std::nullopt;
  if (!exponent) {
    return std::unexpected(PublicKeyError::kDerBroken);
  }
  if (!numbers.at_end() || !outer.at_end()) {
    return std::unexpected(PublicKeyError::kTrailingBytes);
  }
  return Parsed{.scheme = Scheme::kRsaPkcs1Sha256, .number = *modulus, .exponent = *exponent};
}

std::expected<Parsed, PublicKeyError> parse_key(ByteView algorithm, ByteView key) {
  if (std::ranges::equal(algorithm, kRsaAlgorithm)) {
    return parse_rsa(key);
  }
  if (!std::ranges::equal(algorithm, kEd25519Algorithm)) {
    return std::unexpected(PublicKeyError::kAlgorithmNotSupported);
  }
  if (key.size() != kEd25519PointBytes) {
    return std::unexpected(PublicKeyError::kEd25519LengthWrong);
  }
  return Parsed{.scheme = Scheme::kEd25519, .number = key, .exponent = {}};
}

// "SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING
// }", RFC 5280 section 4.1.
std::expected<Parsed, PublicKeyError> parse_spki(ByteView der) {
  if (der.empty()) {
    return std::unexpected(PublicKeyError::kEmpty);
  }
  if (der.size() > kDerBytesMax) {
    return std::unexpected(PublicKeyError::kTextTooLong);
  }
  DerReader outer(der);
  const auto content = outer.read(DerTag::kSequence);
  if (!content) {
    return std::unexpected(PublicKeyError::kDerBroken);
  }
  DerReader fields(*content);
  const auto algorithm = fields.read(DerTag::kSequence);
  const auto key = algorithm ? fields.read_whole_bytes() : std::nullopt;
  if (!key) {
    return std::unexpected(name_other_der(der));
  }
  if (!fields.at_end() || !outer.at_end()) {
    return std::unexpected(PublicKeyError::kTrailingBytes);
  }
  return parse_key(*algorithm, *key);
}

std::vector<std::uint8_t> encode_spki(const Parsed& parsed) {
  std::vector<std::uint8_t> key{0};  // no unused bits
  ByteView algorithm = kEd25519Algorithm;
  if (parsed.scheme == Scheme::kRsaPkcs1Sha256) {
    algorithm = kRsaAlgorithm;
    std::vector<std::uint8_t> numbers = der_unsigned(parsed.number);
    append(numbers, der_unsigned(parsed.exponent));
    append(key, der_element(DerTag::kSequence, numbers));
  } else {
    append(key, parsed.number);
  }
  std::vector<std::uint8_t> fields = der_element(DerTag::kSequence, algorithm);
  append(fields, der_element(DerTag::kBitString, key));
  return der_element(DerTag::kSequence, fields);
}

std::optional<PublicKeyError> check(const Parsed& parsed) {
  if (parsed.scheme == Scheme::kRsaPkcs1Sha256) {
    return check_rsa(parsed.number, parsed.exponent);
  }
  const Ed25519Bytes point = parsed.number.first<kEd25519PointBytes>();
  if (!is_canonical_point(point)) {
    return PublicKeyError::kEd25519NotCanonical;
  }
  return is_prime_order(point) ? std::nullopt : std::optional(PublicKeyError::kEd25519PointRefused);
}

// check_stored keeps what later code builds on: lengths. The arithmetic was checked at import.
bool has_stored_lengths(const Parsed& parsed) {
  if (parsed.scheme == Scheme::kEd25519) {
    return true;
  }
  const std::size_t bits = (parsed.number.size() * 8) -
                           static_cast<std::size_t>(std::countl_zero(parsed.number.front()));
  return bits >= PublicKey::kRsaBitsMin && bits <= PublicKey::kRsaBitsMax &&
         parsed.exponent.size() <= PublicKey::kRsaExponentBitsMax / 8;
}

}  // namespace

std::expected<PublicKey, PublicKeyError> PublicKey::import_text(std::string_view text) {
  text = trim(text);
  if (text.empty()) {
    return std::unexpected(PublicKeyError::kEmpty);
  }
  if (text.size() > kTextBytesMax) {
    return std::unexpected(PublicKeyError::kTextTooLong);
  }
  const auto encoded = find_base64(text);
  if (!encoded) {
    return std::unexpected(encoded.error());
  }
  std::vector<std::uint8_t> der(base64_bytes_max(encoded->base64.size()));
  const auto size = decode_base64(encoded->base64, encoded->line_ends, der);
  auto imported = size ? import_der(ByteView(der).first(*size))
                       : std::unexpected(PublicKeyError::kBase64Broken);
  if (!imported) {
    wipe(der);  // It may have been a private key.
  }
  return imported;
}

std::expected<PublicKey, PublicKeyError> PublicKey::import_der(ByteView der) {
  const auto parsed = parse_spki(der);
  if (!parsed) {
    return std::unexpected(parsed.error());
  }
  if (const auto refused = check(*parsed)) {
    return std::unexpected(*refused);
  }
  return from_stored(encode_spki(*parsed));
}

std::expected<PublicKey, PublicKeyError> PublicKey::from_rsa_numbers(ByteView modulus,
                                                                     ByteView exponent) {
  return import_der(
      encode_spki({.scheme = Scheme::kRsaPkcs1Sha256, .number = modulus, .exponent = exponent}));
}

std::expected<PublicKey, PublicKeyError> PublicKey::from_ed25519_point(ByteView point) {
  return import_der(encode_spki({.scheme = Scheme::kEd25519, .number = point, .exponent = {}}));
}

std::expected<PublicKey, PublicKeyError> PublicKey::from_stored(ByteView der) {
  PublicKey key;
  key.spki_der_.assign(der.begin(), der.end());
  const auto parsed = parse_spki(key.spki_der_);
  if (!parsed) {
    return std::unexpected(parsed.error());
  }
  if (!has_stored_lengths(*parsed)) {
    return std::unexpected(PublicKeyError::kDerBroken);
  }
  const auto offset_of = [&](ByteView part) {
    return static_cast<std::uint16_t>(part.empty() ? 0 : part.data() - key.spki_der_.data());
  };
  key.scheme_ = parsed->scheme;
  key.number_offset_ = offset_of(parsed->number);
  key.number_bytes_ = static_cast<std::uint16_t>(parsed->number.size());
  key.exponent_offset_ = offset_of(parsed->exponent);
  key.exponent_bytes_ = static_cast<std::uint16_t>(parsed->exponent.size());
  return key;
}

std::string PublicKey::pem() const {
  constexpr std::size_t kLineCharacters = 64;
  const std::string base64 = to_base64(spki_der_);
  std::string text = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kLineCharacters) {
    text.append(base64, at, kLineCharacters).push_back('\n');
  }
  text += "-----END PUBLIC KEY-----\n";
  return text;
}

Digest PublicKey::fingerprint() const { return sha256(spki_der_); }

std::string PublicKey::fingerprint_text() const {
  std::string base64 = to_base64(fingerprint());
  base64.erase(base64.find_last_not_of('=') + 1);
  return "SHA256:" + base64;
}

std::size_t PublicKey::rsa_bits() const {
  const ByteView modulus = rsa_modulus();
  return modulus.empty()
             ? 0
             : (modulus.size() * 8) - static_cast<std::size_t>(std::countl_zero(modulus.front()));
}

ByteView PublicKey::rsa_modulus() const {
  return scheme_ == Scheme::kRsaPkcs1Sha256
             ? ByteView(spki_der_).subspan(number_offset_, number_bytes_)
             : ByteView();
}

ByteView PublicKey::rsa_exponent() const {
  return ByteView(spki_der_).subspan(exponent_offset_, exponent_bytes_);
}

ByteView PublicKey::ed25519_point() const {
  return scheme_ == Scheme::kEd25519 ? ByteView(spki_der_).subspan(number_offset_, number_bytes_)
                                     : ByteView();
}

}  // namespace counterfoil
