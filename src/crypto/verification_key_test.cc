#include "crypto/verification_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/vector_files.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

static_assert(!std::is_copy_constructible_v<VerificationKey>);
static_assert(std::is_nothrow_move_constructible_v<VerificationKey>);
static_assert(std::is_nothrow_move_assignable_v<VerificationKey>);
static_assert(sizeof(VerificationKey) == 16);

json own_file(std::string_view name) {
  return vectors::read_json(vectors::source_folder() / "testdata" / "vectors" / name);
}

// One key of each scheme, the message, and a good signature of it, as text.
struct Example {
  VerificationKey key;
  std::string message;
  std::string signature;
};

constexpr std::string_view kSecret = "a secret for tests";

Example example(Scheme scheme) {
  const json openssl = own_file("openssl_test_keys.json");
  const std::string message = openssl["message"];
  switch (scheme) {
    case Scheme::kHmacSha256:
      return {*VerificationKey::from_hmac_secret(as_bytes(kSecret)), message,
              to_hex(HmacKey::from_secret(as_bytes(kSecret))->mac(as_bytes(message)))};
    case Scheme::kRsaPkcs1Sha256:
      return {*VerificationKey::from_public_key(
                  *PublicKey::import_text(openssl["rsa_public"].get<std::string>())),
              message, openssl["rsa_signature_base64"]};
    case Scheme::kEd25519:
      return {*VerificationKey::from_public_key(
                  *PublicKey::import_text(openssl["ed25519_public"].get<std::string>())),
              message, openssl["ed25519_signature_base64"]};
  }
  std::unreachable();
}

Bytes decoded(const Example& example) {
  return example.key.scheme() == Scheme::kHmacSha256 ? *from_hex(example.signature)
                                                     : *from_base64(example.signature);
}

class EveryScheme : public testing::TestWithParam<Scheme> {};
INSTANTIATE_TEST_SUITE_P(Schemes, EveryScheme,
                         testing::Values(Scheme::kHmacSha256, Scheme::kRsaPkcs1Sha256,
                                         Scheme::kEd25519),
                         [](const auto& row) {
                           std::string name(describe(row.param).name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(EveryScheme, AcceptsWhatOthersSigned) {
  const Example good = example(GetParam());

  EXPECT_EQ(good.key.scheme(), GetParam());
  EXPECT_TRUE(good.key.fits(good.signature));
  EXPECT_TRUE(good.key.verify_text(as_bytes(good.message), good.signature));
  EXPECT_TRUE(good.key.verify(as_bytes(good.message), decoded(good)));
  EXPECT_EQ(decoded(good).size(), good.key.signature_bytes());
}

TEST_P(EveryScheme, RefusesEveryChangedByteOfMessageAndSignature) {
  const Example good = example(GetParam());
  Bytes signature = decoded(good);
  for (std::uint8_t& byte : signature) {
    byte ^= 1U;
    EXPECT_FALSE(good.key.verify(as_bytes(good.message), signature));
    byte ^= 1U;
  }
  std::string message = good.message;
  for (char& character : message) {
    character = static_cast<char>(character ^ 1);
    EXPECT_FALSE(good.key.verify_text(as_bytes(message), good.signature));
    character = static_cast<char>(character ^ 1);
  }
  EXPECT_FALSE(
      good.key.verify_text(as_bytes(good.message).first(good.message.size() - 1), good.signature));
}

TEST_P(EveryScheme, RefusesOtherLengths) {
  const Example good = example(GetParam());
  const Bytes signature = decoded(good);
  Bytes longer = signature;
  longer.push_back(0);
  Bytes zero_first = signature;
  zero_first.insert(zero_first.begin(), 0);

  EXPECT_FALSE(
      good.key.verify(as_bytes(good.message), ByteView(signature).first(signature.size() - 1)));
  EXPECT_FALSE(good.key.verify(as_bytes(good.message), longer));
  EXPECT_FALSE(good.key.verify(as_bytes(good.message), zero_first));
  EXPECT_FALSE(good.key.verify(as_bytes(good.message), {}));
  EXPECT_FALSE(good.key.verify(as_bytes(good.message), Bytes(64UL * 1024)));
}

TEST_P(EveryScheme, RefusesTheSignaturesOfOtherSchemes) {
  const Example mine = example(GetParam());
  for (const SchemeRow& row : kSchemes) {
    if (row.scheme != GetParam()) {
      const Example other = example(row.scheme);
      EXPECT_FALSE(mine.key.fits(other.signature));
      EXPECT_FALSE(mine.key.verify_text(as_bytes(mine.message), other.signature));
    }
  }
}

// The encodings of control S-25: each of these means the same bytes somewhere, and none is taken.
TEST_P(EveryScheme, TakesOneTextFormOnly) {
  const Example good = example(GetParam());
  std::vector<std::string> texts{"",
                                 " ",
                                 good.signature + " ",
                                 " " + good.signature,
                                 good.signature + "\n",
                                 good.signature + "=",
                                 good.signature.substr(1),
                                 good.signature + good.signature,
                                 good.signature.substr(0, 8) + "\n" + good.signature.substr(8),
                                 "0x" + good.signature,
                                 std::string(64UL * 1024, 'A'),
                                 std::string(good.signature.size(), '='),
                                 good.signature + std::string(1, '\0')};
  if (describe(GetParam()).signature_text == SignatureText::kBase64) {
    std::string url_safe = good.signature;
    std::ranges::replace(url_safe, '+', '-');
    std::ranges::replace(url_safe, '/', '_');
    texts.push_back(url_safe == good.signature ? "-" + url_safe.substr(1) : url_safe);
    texts.push_back(good.signature.substr(0, good.signature.find('=')));
    std::string unused_bits = good.signature;  // "...w==" and "...x==" decode to the same bytes.
    char& last_digit = unused_bits[unused_bits.find('=') - 1];
    last_digit = static_cast<char>(last_digit + 1);
    texts.push_back(unused_bits);
    texts.push_back(to_hex(decoded(good)));
  } else {
    texts.push_back(to_base64(decoded(good)));
    texts.push_back(good.signature.substr(0, 63) + "g");
  }
  for (const std::string& text : texts) {
    EXPECT_FALSE(good.key.fits(text)) << text.substr(0, 100);
    EXPECT_FALSE(good.key.verify_text(as_bytes(good.message), text)) << text.substr(0, 100);
  }
}

TEST(VerificationKey, HexIsTakenInEitherCase) {
  const Example good = example(Scheme::kHmacSha256);
  std::string upper = good.signature;
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  ASSERT_NE(upper, good.signature);

  EXPECT_TRUE(good.key.verify_text(as_bytes(good.message), upper));
}

// Control S-22: the public key is no secret, and must not work as one.
TEST(VerificationKey, HmacUnderThePublicKeyTextIsRefused) {
  const std::string pem = own_file("openssl_test_keys.json")["rsa_public"];
  const Example rsa = example(Scheme::kRsaPkcs1Sha256);
  const Digest tag = HmacKey::from_secret(as_bytes(pem))->mac(as_bytes(rsa.message));

  EXPECT_FALSE(rsa.key.verify(as_bytes(rsa.message), tag));
  EXPECT_FALSE(rsa.key.verify_text(as_bytes(rsa.message), to_hex(tag)));
  EXPECT_FALSE(rsa.key.verify_text(as_bytes(rsa.message), to_base64(tag)));
}

TEST(VerificationKey, HmacRefusesAnEmptySecret) {
  EXPECT_EQ(VerificationKey::from_hmac_secret(ByteView()).error(), CryptoError::kSecretEmpty);
}

// plus gives the sum of two numbers of the same length; nullopt when it has a byte more.
std::optional<Bytes> plus(ByteView left, ByteView right) {
  Bytes sum(left.size());
  unsigned carry = 0;
  for (std::size_t i = sum.size(); i-- > 0;) {
    carry += static_cast<unsigned>(left[i]) + right[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  return carry == 0 ? std::optional(sum) : std::nullopt;
}

// s and s + n verify alike where s < n is not asked (control S-26). Most sums are longer than the
// modulus, so messages are tried until one fits.
TEST(VerificationKey, RsaRefusesASignatureNotBelowTheModulus) {
  const json openssl = own_file("openssl_test_keys.json");
  const auto private_key =
      PrivateKey::from_pkcs8_pem(openssl["private_keys"]["rsa-2048"].get<std::string>());
  const ByteView modulus = private_key->public_key().rsa_modulus();
  const auto key = VerificationKey::from_public_key(private_key->public_key());
  std::size_t tried = 0;
  for (int number = 0; number < 200; ++number) {
    const std::string message = std::to_string(number);
    const Bytes signature = *private_key->sign(as_bytes(message));
    if (const auto sum = plus(signature, modulus)) {
      EXPECT_TRUE(key->verify(as_bytes(message), signature));
      EXPECT_FALSE(key->verify(as_bytes(message), *sum));
      ++tried;
    }
  }
  EXPECT_GT(tried, 0U);
  EXPECT_FALSE(key->verify(as_bytes("m"), modulus));
}

// Keys that import takes must verify, also where the library has a limit of its own.
TEST(VerificationKey, RsaWithALongExponentVerifies) {
  const json file = own_file("rsa_long_exponent.json");
  ASSERT_EQ(file["cases"].size(), 4U);
  for (const json& row : file["cases"]) {
    SCOPED_TRACE(row["name"].get<std::string>());
    const auto public_key = PublicKey::import_der(vectors::bytes(row["public_key_der"]));
    ASSERT_TRUE(public_key.has_value());
    const auto key = VerificationKey::from_public_key(*public_key);
    const Bytes message = vectors::bytes(row["message"]);
    Bytes signature = vectors::bytes(row["signature"]);

    EXPECT_TRUE(key->verify(message, signature));
    EXPECT_FALSE(key->verify(message, vectors::bytes(row["signature_without_null"])));
    EXPECT_FALSE(key->verify(as_bytes("another message"), signature));
    EXPECT_FALSE(key->verify(message, public_key->rsa_modulus()));
    signature.back() ^= 1U;
    EXPECT_FALSE(key->verify(message, signature));
  }
}

TEST(VerificationKey, AMovedFromKeyVerifiesNothing) {
  for (const SchemeRow& row : kSchemes) {
    Example good = example(row.scheme);
    const VerificationKey moved = std::move(good.key);

    EXPECT_TRUE(moved.verify_text(as_bytes(good.message), good.signature));
    EXPECT_FALSE(good.key.verify_text(as_bytes(good.message),
                                      good.signature));  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(good.key.verify_text(as_bytes(good.message), ""));
  }
}

TEST(VerificationKey, OneKeyServesManyThreads) {
  for (const SchemeRow& row : kSchemes) {
    const Example good = example(row.scheme);
    std::vector<std::jthread> threads;
    std::atomic<int> wrong = 0;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 50; ++k) {
          wrong += good.key.verify_text(as_bytes(good.message), good.signature) ? 0 : 1;
          wrong += good.key.verify_text(as_bytes("other"), good.signature) ? 1 : 0;
        }
      });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(SignatureScheme, NamesAndNumbersComeBack) {
  for (const SchemeRow& row : kSchemes) {
    EXPECT_EQ(parse_scheme(row.name), row.scheme);
    EXPECT_EQ(scheme_from_number(static_cast<std::uint64_t>(row.scheme)), row.scheme);
  }
  for (const std::string_view name :
       {"", "none", "HMAC-SHA-256", "hmac-sha256 ", "rsa", "ed25519ph"}) {
    EXPECT_EQ(parse_scheme(name), std::nullopt);
  }
  EXPECT_EQ(scheme_from_number(0), std::nullopt);
  EXPECT_EQ(scheme_from_number(kSchemes.size() + 1), std::nullopt);
  EXPECT_EQ(scheme_from_number(257), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
