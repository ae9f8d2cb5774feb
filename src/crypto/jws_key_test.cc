#include "crypto/jws_key.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes decoded(std::string_view text) { return from_base64url(text).value(); }

// "A.3. Example JWS Using ECDSA P-256 SHA-256", RFC 7515.
constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kSigned =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS"
    "9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST(JwsKey, VerifiesTheEs256ExampleOfTheRfcAndNothingElse) {
  const auto key = JwsKey::from_p256(decoded(kX), decoded(kY));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), JwsAlgorithm::kEs256);
  const Bytes signature = decoded(kSignature);
  EXPECT_TRUE(key->verify(as_bytes(kSigned), signature));

  for (std::size_t at = 0; at < signature.size(); ++at) {
    Bytes tampered = signature;
    tampered[at] ^= 1U;
    EXPECT_FALSE(key->verify(as_bytes(kSigned), tampered)) << at;
  }
  EXPECT_FALSE(key->verify(as_bytes(kSigned.substr(1)), signature));
  EXPECT_FALSE(key->verify(as_bytes(kSigned), ByteView(signature).first(63)));
  EXPECT_FALSE(key->verify(as_bytes(kSigned), {}));
}

TEST(JwsKey, TakesNoPointThatIsNotOnTheCurve) {
  Bytes y = decoded(kY);
  y.back() ^= 1U;
  EXPECT_FALSE(JwsKey::from_p256(decoded(kX), y));
  EXPECT_FALSE(JwsKey::from_p256(Bytes(32), Bytes(32)));
  EXPECT_FALSE(JwsKey::from_p256(ByteView(y).first(31), decoded(kX)));
  EXPECT_FALSE(JwsKey::from_p256({}, {}));
}

// "A.4. Ed25519 Signing", RFC 8037.
TEST(JwsKey, VerifiesTheEdDsaExampleOfTheRfc) {
  const auto key = JwsKey::from_ed25519(decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), JwsAlgorithm::kEdDsa);
  constexpr std::string_view kText = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const Bytes signature = decoded(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_TRUE(key->verify(as_bytes(kText), signature));
  EXPECT_FALSE(key->verify(as_bytes(kText.substr(1)), signature));
}

TEST(JwsKey, VerifiesRsaFromTheNumbersOfAJwk) {
  SystemRandom random;
  const auto pair = PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2048);
  ASSERT_TRUE(pair);
  const PublicKey& half = pair->public_key();
  Bytes padded{0};  // some write the sign's byte, though RFC 7518 section 6.3.1.1 forbids it
  padded.insert(padded.end(), half.rsa_modulus().begin(), half.rsa_modulus().end());
  const auto key = JwsKey::from_rsa(padded, half.rsa_exponent());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), JwsAlgorithm::kRs256);
  const auto signature = pair->sign(as_bytes("a.b"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key->verify(as_bytes("a.b"), *signature));
  EXPECT_FALSE(key->verify(as_bytes("a.c"), *signature));

  EXPECT_FALSE(JwsKey::from_rsa(half.rsa_modulus().first(128), half.rsa_exponent()));  // 1024 bits
  EXPECT_FALSE(JwsKey::from_rsa({}, {}));
}

TEST(JwsAlgorithm, OnlyThoseOfTheTableHaveAName) {
  EXPECT_EQ(parse_jws_algorithm("RS256"), JwsAlgorithm::kRs256);
  EXPECT_EQ(parse_jws_algorithm("ES256"), JwsAlgorithm::kEs256);
  EXPECT_EQ(parse_jws_algorithm("EdDSA"), JwsAlgorithm::kEdDsa);
  for (const std::string_view other :
       {"none", "None", "NONE", "", "HS256", "HS512", "rs256", "RS512", "PS256", "ES384"}) {
    EXPECT_FALSE(parse_jws_algorithm(other)) << other;
  }
}

}  // namespace
}  // namespace counterfoil
