#include "crypto/rsa_rules.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/public_key.h"
#include "crypto/vector_files.h"

namespace counterfoil {
namespace {

using Bytes = std::vector<std::uint8_t>;
using enum PublicKeyError;

const Bytes kUsualExponent{1, 0, 1};

Bytes good_modulus(std::string_view name) {
  const auto file =
      vectors::read_json(vectors::source_folder() / "testdata" / "vectors" / "rsa_bad_keys.json");
  for (const auto& row : file["cases"]) {
    if (row["name"] == name) {
      const auto key = PublicKey::import_text(row["pem"].get<std::string>());
      const ByteView modulus = key->rsa_modulus();
      return {modulus.begin(), modulus.end()};
    }
  }
  ADD_FAILURE() << "no such case: " << name;
  return {};
}

TEST(RsaRules, FermatIsTriedForExactlyAsManySteps) {
  const auto file = vectors::read_json(vectors::source_folder() / "testdata" / "vectors" /
                                       "rsa_fermat_limit.json");
  ASSERT_EQ(file["cases"].size(), 3U);
  for (const auto& row : file["cases"]) {
    const bool within = row["step"].get<std::uint32_t>() < kFermatSteps;
    EXPECT_EQ(check_rsa(vectors::bytes(row["modulus"]), kUsualExponent),
              within ? std::optional(kRsaCloseFactors) : std::nullopt)
        << row["name"];
  }
}

struct ExponentCase {
  std::string_view name;
  Bytes exponent;
  bool accepted;
};

class RsaExponent : public testing::TestWithParam<ExponentCase> {};
TEST_P(RsaExponent, IsOddFrom65537AndBelow2To256) {
  EXPECT_EQ(check_rsa(good_modulus("good-2048"), GetParam().exponent),
            GetParam().accepted ? std::nullopt : std::optional(kRsaExponentRefused));
}
INSTANTIATE_TEST_SUITE_P(Edges, RsaExponent,
                         testing::Values(ExponentCase{"zero", {0}, false},
                                         ExponentCase{"three", {3}, false},
                                         ExponentCase{"largest_below_65537", {0xff, 0xff}, false},
                                         ExponentCase{"even_65536", {1, 0, 0}, false},
                                         ExponentCase{"usual_65537", {1, 0, 1}, true},
                                         ExponentCase{"even_65538", {1, 0, 2}, false},
                                         ExponentCase{"next_65539", {1, 0, 3}, true},
                                         ExponentCase{"all_256_bits", Bytes(32, 0xff), true},
                                         ExponentCase{"of_257_bits",
                                                      [] {
                                                        Bytes exponent(33, 0);
                                                        exponent.front() = 1;
                                                        exponent.back() = 1;
                                                        return exponent;
                                                      }(),
                                                      false}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RsaRules, LengthsAreCheckedAtTheLimits) {
  Bytes short_by_a_bit = good_modulus("good-2048");
  short_by_a_bit.front() = 0x7f;
  Bytes long_by_a_bit = good_modulus("good-4096");
  long_by_a_bit.insert(long_by_a_bit.begin(), 1);

  EXPECT_EQ(check_rsa(short_by_a_bit, kUsualExponent), kRsaTooSmall);
  EXPECT_EQ(check_rsa(long_by_a_bit, kUsualExponent), kRsaTooLarge);
  EXPECT_EQ(check_rsa({}, kUsualExponent), kRsaTooSmall);
  EXPECT_EQ(check_rsa(good_modulus("good-2048"), kUsualExponent), std::nullopt);
  EXPECT_EQ(check_rsa(good_modulus("good-4096"), kUsualExponent), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
