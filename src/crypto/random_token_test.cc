#include "crypto/random_token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/random.h"

namespace counterfoil {
namespace {

TEST(RandomToken, IsFoundByItsHashAndNeverTheSameTwice) {
  SystemRandom random;
  const auto token = new_token(random);
  const auto other = new_token(random);

  ASSERT_TRUE(token && other);
  EXPECT_EQ(token->text.size(), 43U);
  EXPECT_NE(token->text, other->text);
  EXPECT_EQ(token_hash(token->text), token->hash);
  EXPECT_NE(token_hash(other->text), token->hash);
}

TEST(RandomToken, IsNotMadeWithoutRandomness) {
  class Failing final : public RandomSource {
   public:
    bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
  } failing;

  EXPECT_FALSE(new_token(failing).has_value());
}

TEST(RandomToken, OfAnotherFormIsNotLookedUp) {
  for (const std::string& bad :
       {std::string(), std::string(42, 'A'), std::string(44, 'A'), std::string(42, 'A') + "=",
        std::string(42, 'A') + "+", std::string(42, 'A') + "B"}) {  // "B": unused bits that are set
    EXPECT_FALSE(token_hash(bad).has_value()) << bad;
  }
  EXPECT_TRUE(token_hash(std::string(43, 'A')).has_value());
}

}  // namespace
}  // namespace counterfoil
