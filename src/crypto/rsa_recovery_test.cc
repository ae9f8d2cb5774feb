#include "crypto/rsa_recovery.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

// Made with the openssl program: genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048, then
// dgst -sha512 -sign, and dgst -sha256 -sign with -sigopt rsa_padding_mode:pss, over "the text".
constexpr std::string_view kPublicKey =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlSWdayVYGkyHKJ6f0lNo/oYENLOC1IkDMBI0"
    "80S29cMgZowZQq8LfaE5DJMEI6MEJfu/r/dbIQV/BbugMPF0esh847YjHbWpoEwdHxIk6Amy+WcyWfIM"
    "7KB477oCAkL+PrTJpfxmUYa+sXfcDrcjrjGVZ1LpBwlT+4hTIupZ8YOo5juDf1j9Ohq6ZvNcfZHxaxEs"
    "0AEyYmxXTIZpuOFliQfHwaOJJHwnH9ywUETJa93yrOlHUByEGHbNnedc18joMaFqBcmITmYjEqgPs4fU"
    "JosicGhofCs4H9JBQsE1J72/MKltz81VV3dEDDJUOy6e+ZJcf1+dHFiZYBc5+YiqOQIDAQAB";
constexpr std::string_view kSha512Signature =
    "PbQmsKAcgomjYLe61HnnEWhlIhuSNrs6QoCya66p1tWcWMMUmOpaMLosuW7d0XgKO1uUALdTTxXuZs5E"
    "svwGbC/HECxFBf67wKdF/x+oZGLxxJR1N6z6uuKK+Y5JEEQ8pqJfQIAQCLRvpF6eQVtYXPNzTnjhEK9y"
    "f5tW0QyLYTAoKoSlgjPDwzLRmg1rJxZwidQ/+ohOdGTnRD7tZApvInApU2bEtMlTSqW0gCBITbLN2quK"
    "AvMpgtznv8rJZ4MOYy7o9WT5UqDBbScylc9AJqrXLcRbwRqFhqSKCf+IHPV7WCi2OWvmN+XLIQX6Ncu3"
    "53j2V4l2T7wWK8Voxuz+9Q==";
constexpr std::string_view kPssSignature =
    "Ru+rhf875lRBsJ5twGHs1KSWxgWJ/HX8kFgG9pXqoH03QjdwRnkA6CMDYAQNw5Cr5j6Avss0wEjzCwT9"
    "GZhKMQMfh15ZUxffBCOHgiu+HGM1KgqUCTv/kG/v4PZZ9+a4atQwTxGoQImNR6aak0i7KgkOLQzyqvOJ"
    "eVWGtPBZg0CYc0mxvl1ZYNpJ8bSO0j43JKCMnYcZzu5E94zQu4cl9oVl42exzVePzw8ouJW9GKVJ28mC"
    "WhQxW1SLcQCkFm6dgkHm0oM1TSMlI0K09mKxgaMPcpUpi8Vfsjn8Q5P9cNiNHtlknGm0VhJuwxxE0YP2"
    "F8s8hu7hKs6fs5E9gUY8KQ==";

PublicKey public_key() { return PublicKey::from_stored(from_base64(kPublicKey).value()).value(); }

TEST(RecoveredRsa, NamesTheHash) {
  const auto found = RecoveredRsa::recover(public_key(), from_base64(kSha512Signature).value());

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->padding(), RecoveredRsa::Padding::kPkcs1);
  EXPECT_EQ(found->hash(), HashName::kSha512);
  EXPECT_TRUE(found->covers(as_bytes("the text")));
  EXPECT_FALSE(found->covers(as_bytes("the text.")));
}

TEST(RecoveredRsa, KnowsPss) {
  const auto found = RecoveredRsa::recover(public_key(), from_base64(kPssSignature).value());

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->padding(), RecoveredRsa::Padding::kPss);
  EXPECT_EQ(found->hash(), HashName::kSha256);
  EXPECT_TRUE(found->covers(as_bytes("the text")));
  EXPECT_FALSE(found->covers(as_bytes("another")));
}

TEST(RecoveredRsa, RecoversWhatOurOwnKeysSign) {
  SystemRandom random;
  const auto key = PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2048).value();
  auto signature = key.sign(as_bytes("payload")).value();

  const auto found = RecoveredRsa::recover(key.public_key(), signature);

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->hash(), HashName::kSha256);
  EXPECT_TRUE(found->covers(as_bytes("payload")));
  signature[7] ^= 1;
  EXPECT_FALSE(RecoveredRsa::recover(key.public_key(), signature).has_value());
  EXPECT_FALSE(RecoveredRsa::recover(public_key(), signature).has_value());
}

TEST(RecoveredRsa, RefusesAnotherLengthAndNumbersBeyondTheModulus) {
  EXPECT_FALSE(RecoveredRsa::recover(public_key(), {}).has_value());
  EXPECT_FALSE(RecoveredRsa::recover(public_key(), std::vector<std::uint8_t>(255, 1)).has_value());
  EXPECT_FALSE(
      RecoveredRsa::recover(public_key(), std::vector<std::uint8_t>(256, 0xff)).has_value());
}

}  // namespace
}  // namespace counterfoil
