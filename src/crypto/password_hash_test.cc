#include "crypto/password_hash.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/hmac.h"

namespace counterfoil {
namespace {

constexpr PasswordCost kLowCost{.memory_kib = 8, .passes = 1};

HmacKey pepper(std::string_view text = "pepper") {
  return HmacKey::from_secret(as_bytes(text)).value();
}

PasswordHash hash_of(const PasswordHasher& hasher, std::string_view password) {
  SystemRandom random;
  return hasher.hash(as_bytes(password), random).value();
}

TEST(PasswordHash, KnowsItsPasswordAndNoOther) {
  const PasswordHasher hasher(pepper(), kLowCost);
  const PasswordHash stored = hash_of(hasher, "correct horse battery");

  EXPECT_EQ(hasher.verify(as_bytes("correct horse battery"), stored), true);
  for (const std::string_view wrong :
       {"correct horse batter", "correct horse battery ", "Correct horse battery", ""}) {
    EXPECT_EQ(hasher.verify(as_bytes(wrong), stored), false) << wrong;
  }
}

TEST(PasswordHash, IsWorthNothingWithoutThePepper) {
  const PasswordHash stored = hash_of(PasswordHasher(pepper(), kLowCost), "correct horse battery");

  EXPECT_EQ(
      PasswordHasher(pepper("another"), kLowCost).verify(as_bytes("correct horse battery"), stored),
      false);
}

TEST(PasswordHash, OfOnePasswordDiffersEachTime) {
  const PasswordHasher hasher(pepper(), kLowCost);

  EXPECT_NE(hash_of(hasher, "correct horse battery").tag,
            hash_of(hasher, "correct horse battery").tag);
}

TEST(PasswordHash, ChangedAnywhereNoLongerFits) {
  const PasswordHasher hasher(pepper(), kLowCost);
  const PasswordHash stored = hash_of(hasher, "correct horse battery");

  PasswordHash salt = stored;
  salt.salt[0] ^= 1U;
  PasswordHash tag = stored;
  tag.tag[31] ^= 1U;
  PasswordHash cost = stored;
  ++cost.cost.passes;
  for (const PasswordHash& changed : {salt, tag, cost}) {
    EXPECT_EQ(hasher.verify(as_bytes("correct horse battery"), changed), false);
  }
}

// Control S-52.
TEST(PasswordHash, CostsWhatTheControlSaysUnlessToldOtherwise) {
  const PasswordHash stored = hash_of(PasswordHasher(pepper()), "correct horse battery");

  EXPECT_EQ(stored.cost, (PasswordCost{.memory_kib = 65'536, .passes = 3}));
}

TEST(PasswordHash, IsMadeAnewWhenItCostTooLittle) {
  const PasswordHasher hasher(pepper(), {.memory_kib = 16, .passes = 2});
  PasswordHash stored = hash_of(hasher, "correct horse battery");

  EXPECT_FALSE(hasher.needs_rehash(stored));
  stored.cost = {.memory_kib = 8, .passes = 2};
  EXPECT_TRUE(hasher.needs_rehash(stored));
  stored.cost = {.memory_kib = 16, .passes = 1};
  EXPECT_TRUE(hasher.needs_rehash(stored));
  stored.cost = {.memory_kib = 32, .passes = 3};
  EXPECT_FALSE(hasher.needs_rehash(stored));
}

TEST(PasswordHash, BeyondTheLimitsIsNotComputed) {
  const PasswordHasher hasher(pepper(), kLowCost);
  for (const PasswordCost& cost :
       {PasswordCost{.memory_kib = 7, .passes = 1}, PasswordCost{.memory_kib = 8, .passes = 0},
        PasswordCost{.memory_kib = PasswordHasher::kCostMax.memory_kib + 1, .passes = 1},
        PasswordCost{.memory_kib = 8, .passes = PasswordHasher::kCostMax.passes + 1}}) {
    EXPECT_FALSE(hasher.verify(as_bytes("x"), {.cost = cost}).has_value());
  }
}

TEST(PasswordHash, OfNobodyIsNeverRight) {
  const PasswordHasher hasher(pepper(), kLowCost);

  EXPECT_EQ(hasher.verify_nobody(as_bytes("correct horse battery")), false);
}

}  // namespace
}  // namespace counterfoil
