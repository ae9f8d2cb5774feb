#include "accounts/recovery_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

NewRecoveryCodes new_codes() {
  SystemRandom random;
  return new_recovery_codes(random).value();
}

TEST(RecoveryCodes, AreTenDifferentOnes) {
  const NewRecoveryCodes codes = new_codes();

  EXPECT_EQ(codes.texts.size(), 10U);
  EXPECT_EQ(std::set(codes.hashes.begin(), codes.hashes.end()).size(), 10U);
  EXPECT_EQ(codes.texts[0].size(), 19U);
}

TEST(RecoveryCodes, ServeOnceEach) {
  const NewRecoveryCodes codes = new_codes();
  std::vector<Digest> left = codes.hashes;

  EXPECT_TRUE(use_recovery_code(left, codes.texts[3]));
  EXPECT_EQ(left.size(), 9U);
  EXPECT_FALSE(use_recovery_code(left, codes.texts[3]));
  EXPECT_TRUE(use_recovery_code(left, codes.texts[4]));
}

TEST(RecoveryCodes, AreTypedAsPeopleType) {
  const NewRecoveryCodes codes = new_codes();
  std::string typed(codes.texts[0]);
  std::erase(typed, '-');
  std::ranges::transform(typed, typed.begin(),
                         [](char c) { return static_cast<char>(std::toupper(c)); });
  typed.insert(8, " ");
  std::vector<Digest> left = codes.hashes;

  EXPECT_TRUE(use_recovery_code(left, typed));
}

TEST(RecoveryCodes, RefuseEverythingElse) {
  const NewRecoveryCodes codes = new_codes();
  std::vector<Digest> left = codes.hashes;
  const std::string code(codes.texts[0]);

  for (const std::string& bad : {std::string(), code.substr(1), code + "a", std::string(65, '-'),
                                 std::string("aaaa-aaaa-aaaa-aaaa")}) {
    EXPECT_FALSE(use_recovery_code(left, bad)) << bad;
  }
  EXPECT_EQ(left, codes.hashes);
}

}  // namespace
}  // namespace counterfoil
