#include "crypto/private_key.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/public_key.h"
#include "crypto/secret_peek.h"
#include "crypto/signature_scheme.h"
#include "crypto/vector_files.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;
using enum PrivateKeyError;

static_assert(!std::is_copy_constructible_v<PrivateKey> && !std::is_copy_assignable_v<PrivateKey>);
static_assert(std::is_nothrow_move_constructible_v<PrivateKey>);

class BrokenRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
};

json openssl_keys() {
  return vectors::read_json(vectors::source_folder() / "testdata" / "vectors" /
                            "openssl_test_keys.json");
}
std::string private_pem(std::string_view name) {
  return openssl_keys()["private_keys"][std::string(name)];
}
std::string pem_of(const PrivateKey& key) {
  return std::string(as_text(SecretPeek::at(*key.to_pkcs8_pem())));
}

PrivateKeyError error_of(const std::expected<PrivateKey, PrivateKeyError>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? PrivateKeyError{} : result.error();
}

TEST(PrivateKey, ReadsAndWritesWhatOpensslWrites) {
  for (const std::string_view name : {"ed25519", "rsa-2048"}) {
    const auto key = PrivateKey::from_pkcs8_pem(private_pem(name));
    ASSERT_TRUE(key.has_value()) << name;
    EXPECT_EQ(pem_of(*key), private_pem(name));
  }
  EXPECT_EQ(PrivateKey::from_pkcs8_pem(private_pem("ed25519"))->public_key().pem(),
            openssl_keys()["ed25519_public"].get<std::string>());
  EXPECT_EQ(PrivateKey::from_pkcs8_pem(private_pem("rsa-2048"))->public_key().pem(),
            openssl_keys()["rsa_public"].get<std::string>());
}

// Both schemes sign deterministically, so openssl's signature is ours.
TEST(PrivateKey, SignsAsOpensslDoes) {
  const json keys = openssl_keys();
  const std::string message = keys["message"];
  EXPECT_EQ(to_base64(*PrivateKey::from_pkcs8_pem(private_pem("ed25519"))->sign(as_bytes(message))),
            keys["ed25519_signature_base64"].get<std::string>());
  EXPECT_EQ(
      to_base64(*PrivateKey::from_pkcs8_pem(private_pem("rsa-2048"))->sign(as_bytes(message))),
      keys["rsa_signature_base64"].get<std::string>());
}

TEST(PrivateKey, AGeneratedKeySignsAndComesBackFromItsText) {
  SystemRandom random;
  for (const Scheme scheme : {Scheme::kEd25519, Scheme::kRsaPkcs1Sha256}) {
    const auto key = PrivateKey::generate(scheme, random, 2048);
    ASSERT_TRUE(key.has_value());
    const auto again = PrivateKey::from_pkcs8_pem(pem_of(*key));
    ASSERT_TRUE(again.has_value());
    const auto verifier = VerificationKey::from_public_key(key->public_key());

    EXPECT_EQ(key->scheme(), scheme);
    EXPECT_EQ(again->public_key(), key->public_key());
    EXPECT_EQ(PublicKey::import_text(key->public_key().pem()), key->public_key());
    EXPECT_TRUE(verifier->verify(as_bytes("m"), *again->sign(as_bytes("m"))));
    EXPECT_FALSE(verifier->verify(as_bytes("n"), *again->sign(as_bytes("m"))));
  }
}

TEST(PrivateKey, GenerateKeepsToItsLimits) {
  SystemRandom random;
  BrokenRandom broken;
  EXPECT_EQ(PrivateKey::generate(Scheme::kHmacSha256, random).error(), CryptoError::kWrongScheme);
  EXPECT_EQ(PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2040).error(),
            CryptoError::kWrongScheme);
  EXPECT_EQ(PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 4104).error(),
            CryptoError::kWrongScheme);
  EXPECT_EQ(PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2049).error(),
            CryptoError::kWrongScheme);
  EXPECT_EQ(PrivateKey::generate(Scheme::kEd25519, broken).error(), CryptoError::kNoRandomness);
  EXPECT_EQ(PrivateKey::generate(Scheme::kRsaPkcs1Sha256, broken).error(),
            CryptoError::kNoRandomness);
}

struct TextCase {
  std::string_view name;
  std::string text;
  PrivateKeyError error;
};
std::vector<TextCase> text_cases() {
  const json keys = openssl_keys();
  const std::string good = private_pem("ed25519");
  return {
      {"nothing", "", kEmpty},
      {"too_long", std::string(PrivateKey::kTextBytesMax + 1, 'A'), kTextTooLong},
      {"encrypted", private_pem("ed25519-encrypted"), kEncrypted},
      {"pkcs1_encrypted", private_pem("rsa-pkcs1-encrypted"), kEncrypted},
      {"pkcs1", private_pem("rsa-pkcs1"), kPkcs1Given},
      {"sec1", private_pem("ec-sec1"), kOtherPemGiven},
      {"public_key", keys["ed25519_public"], kPublicKeyGiven},
      {"certificate", keys["certificate"], kPublicKeyGiven},
      {"two_blocks", good + good, kSeveralBlocks},
      {"cut", good.substr(0, 70), kPemBroken},
      {"words", "hello", kPemBroken},
      {"not_base64", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----", kPemBroken},
      {"not_der", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", kDerBroken},
      {"empty_block", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", kDerBroken},
      {"p256", private_pem("ec-p256"), kAlgorithmNotSupported},
      {"x25519", private_pem("x25519"), kAlgorithmNotSupported},
      {"rsa_pss", private_pem("rsa-pss"), kAlgorithmNotSupported},
      {"rsa_1024", private_pem("rsa-1024"), kKeyRefused},
      {"rsa_exponent_3", private_pem("rsa-2048-exponent-3"), kKeyRefused},
  };
}
class PrivateKeyTextCase : public testing::TestWithParam<TextCase> {};
TEST_P(PrivateKeyTextCase, IsRefusedWithItsOwnError) {
  const auto key = PrivateKey::from_pkcs8_pem(GetParam().text);
  EXPECT_EQ(error_of(key), GetParam().error);
  EXPECT_GT(describe(GetParam().error).size(), 20U);
}
INSTANTIATE_TEST_SUITE_P(Texts, PrivateKeyTextCase, testing::ValuesIn(text_cases()),
                         [](const auto& row) { return std::string(row.param.name); });

std::string pem_around(const Bytes& der) {
  return "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n";
}
Bytes der_of(const std::string& pem) {
  const std::size_t begin = pem.find('\n') + 1;
  std::string body = pem.substr(begin, pem.rfind("-----END") - begin);
  std::erase(body, '\n');
  return *from_base64(body);
}

// RFC 5958: version 2 carries the public key, which must be the one of the private key.
TEST(PrivateKey, Version2WithTheRightPublicKeyIsTaken) {
  const auto key = PrivateKey::from_pkcs8_pem(private_pem("ed25519"));
  Bytes der = der_of(private_pem("ed25519"));
  der[1] = static_cast<std::uint8_t>(der[1] + 35);
  der[4] = 1;
  der.insert(der.end(), {0x81, 33, 0});
  const ByteView point = key->public_key().ed25519_point();
  der.insert(der.end(), point.begin(), point.end());
  const auto taken = PrivateKey::from_pkcs8_pem(pem_around(der));
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->public_key(), key->public_key());

  der.back() ^= 1U;
  EXPECT_EQ(error_of(PrivateKey::from_pkcs8_pem(pem_around(der))), kKeyRefused);
  der.back() ^= 1U;
  der[4] = 0;  // Version 1 has no public key.
  EXPECT_EQ(error_of(PrivateKey::from_pkcs8_pem(pem_around(der))), kDerBroken);
}

TEST(PrivateKey, EveryCutOfTheDerIsRefused) {
  const Bytes der = der_of(private_pem("rsa-2048"));
  for (std::size_t size = 0; size < der.size(); size += 7) {
    EXPECT_FALSE(PrivateKey::from_pkcs8_pem(
                     pem_around({der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size)}))
                     .has_value());
  }
}

// A key whose numbers do not belong together could leak its primes with the first signature.
TEST(PrivateKey, RsaNumbersThatDoNotBelongTogetherAreRefused) {
  const Bytes der = der_of(private_pem("rsa-2048"));
  for (const std::size_t at : {100U, 400U, 600U, 750U, 900U, 1050U, 1180U}) {
    Bytes changed = der;
    changed[at] ^= 0x10U;
    EXPECT_FALSE(PrivateKey::from_pkcs8_pem(pem_around(changed)).has_value()) << at;
  }
}

}  // namespace
}  // namespace counterfoil
