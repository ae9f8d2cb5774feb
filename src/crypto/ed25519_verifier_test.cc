#include "crypto/ed25519_verifier.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/ed25519_rules.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/vector_files.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

// A folder with a cases.json and an expected.json beside it: the twelve edge cases of
// ed25519-speccheck, or others of that form.
void run_speccheck(const std::filesystem::path& folder) {
  const json cases = vectors::read_json(folder / "cases.json");
  const json expected = vectors::read_json(folder / "expected.json");
  ASSERT_TRUE(cases.is_array() && expected.is_object()) << folder;
  ASSERT_GT(cases.size(), 0U);
  ASSERT_EQ(expected["cases"].size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    const Bytes point = vectors::bytes(cases[i]["pub_key"]);
    ASSERT_EQ(point.size(), Ed25519Verifier::kPointBytes);
    const Ed25519Verifier verifier(ByteView(point).first<Ed25519Verifier::kPointBytes>());

    const bool registered = PublicKey::from_ed25519_point(point).has_value();
    const bool verified =
        verifier.verify(vectors::bytes(cases[i]["message"]), vectors::bytes(cases[i]["signature"]));

    EXPECT_EQ(registered, expected["cases"][i]["expect_key_registration"] == "accept");
    EXPECT_EQ(verified, expected["cases"][i]["expect_verify"] == "accept");
  }
  std::cout << folder.filename().string() << ": " << cases.size() << " run\n";
}

TEST(Ed25519Speccheck, AllCasesAreJudgedAsExpected) {
  std::size_t folders = 0;
  for (const std::filesystem::path& path : vectors::files_ending("expected.json")) {
    if (std::filesystem::exists(path.parent_path() / "cases.json")) {
      SCOPED_TRACE(path.parent_path().string());
      run_speccheck(path.parent_path());
      ++folders;
    }
  }
  if (folders == 0) {
    GTEST_SKIP() << "no cases.json with an expected.json below " << vectors::shared_folder()
                 << "; set COUNTERFOIL_VECTORS";
  }
}

// L and numbers beside it, little-endian.
TEST(Ed25519Rules, AScalarIsCanonicalBelowTheGroupOrderOnly) {
  Bytes order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

  EXPECT_FALSE(is_canonical_scalar(ByteView(order).first<32>()));
  order.front() -= 1;
  EXPECT_TRUE(is_canonical_scalar(ByteView(order).first<32>()));
  order.front() += 2;
  EXPECT_FALSE(is_canonical_scalar(ByteView(order).first<32>()));
  EXPECT_TRUE(is_canonical_scalar(ByteView(Bytes(32, 0)).first<32>()));
}

TEST(Ed25519Rules, KnowsAllEncodingsOfSmallOrder) {
  const json file = vectors::read_json(vectors::source_folder() / "testdata" / "vectors" /
                                       "ed25519_bad_keys.json");
  ASSERT_EQ(file["small_order_encodings"].size(), 14U);
  for (const json& encoding : file["small_order_encodings"]) {
    const Bytes point = vectors::bytes(encoding);
    const Ed25519Bytes view = ByteView(point).first<32>();
    EXPECT_TRUE(!is_canonical_point(view) || is_small_order(view)) << encoding;
    EXPECT_FALSE(is_prime_order(view)) << encoding;
  }
}

TEST(Ed25519Verifier, EveryChangedByteIsRefused) {
  SystemRandom random;
  const auto key = PrivateKey::generate(Scheme::kEd25519, random);
  ASSERT_TRUE(key.has_value());
  const Bytes message{'o', 'r', 'd', 'e', 'r'};
  const Bytes signature = *key->sign(message);
  const Bytes point(key->public_key().ed25519_point().begin(),
                    key->public_key().ed25519_point().end());
  const auto verify = [](const Bytes& a, const Bytes& m, const Bytes& s) {
    return Ed25519Verifier(ByteView(a).first<32>()).verify(m, s);
  };
  ASSERT_TRUE(verify(point, message, signature));

  const auto each_flip_is_refused = [](Bytes bytes, const auto& accepted) {
    for (std::uint8_t& byte : bytes) {
      byte ^= 0x40U;
      EXPECT_FALSE(accepted(bytes));
      byte ^= 0x40U;
    }
  };
  each_flip_is_refused(point,
                       [&](const Bytes& changed) { return verify(changed, message, signature); });
  each_flip_is_refused(message,
                       [&](const Bytes& changed) { return verify(point, changed, signature); });
  each_flip_is_refused(signature,
                       [&](const Bytes& changed) { return verify(point, message, changed); });
}

TEST(Ed25519Verifier, RefusesOtherLengths) {
  SystemRandom random;
  const auto key = PrivateKey::generate(Scheme::kEd25519, random);
  ASSERT_TRUE(key.has_value());
  const Ed25519Verifier verifier(key->public_key().ed25519_point().first<32>());
  Bytes signature = *key->sign({});
  ASSERT_TRUE(verifier.verify({}, signature));

  EXPECT_FALSE(verifier.verify({}, ByteView(signature).first(63)));
  EXPECT_FALSE(verifier.verify({}, {}));
  signature.push_back(0);
  EXPECT_FALSE(verifier.verify({}, signature));
}

}  // namespace
}  // namespace counterfoil
