#include "authority/possession.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/possession_text.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/manual_clock.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

class PossessionTest : public testing::Test {
 protected:
  [[nodiscard]] bool proves(const PossessionChallenge& challenge, const std::string& account) {
    return proofs_
        .check(*AccountId::parse(account), pair_.public_key(), challenge.nonce,
               to_base64(pair_.sign(as_bytes(challenge.text)).value()))
        .has_value();
  }
  std::expected<PossessionChallenge, Problem> open(const std::string& account) {
    return proofs_.open(*AccountId::parse(account), pair_.public_key());
  }

  ManualClock clock_{kTestStart};
  ScriptedRandom random_;
  PrivateKey pair_ = PrivateKey::generate(Scheme::kEd25519, random_).value();
  PossessionProofs proofs_{random_, clock_, "exchange.example"};
};

TEST_F(PossessionTest, AnAnswerGivenToAnotherInstallationIsWorthNothing) {
  PossessionProofs elsewhere(random_, clock_, "other.example");
  const auto challenge = elsewhere.open(*AccountId::parse("demo"), pair_.public_key());

  EXPECT_NE(challenge->text.find("other.example"), std::string::npos);
  EXPECT_FALSE(proves(*challenge, "demo"));
}

TEST_F(PossessionTest, AHolderKnowsAChallengeFromAnyOtherText) {
  const PublicKey& key = pair_.public_key();
  const PrivateKey other = PrivateKey::generate(Scheme::kEd25519, random_).value();
  const std::string text = open("demo")->text;

  EXPECT_TRUE(is_possession_text(text, key));
  EXPECT_FALSE(is_possession_text(text, other.public_key()));
  EXPECT_FALSE(is_possession_text("symbol=BTCUSDT&side=BUY&timestamp=1", key));
  EXPECT_FALSE(is_possession_text("symbol=BTCUSDT&" + text, key));
  EXPECT_FALSE(is_possession_text(text + "\n", key));
  EXPECT_FALSE(is_possession_text(text.substr(0, text.rfind('\n')), key));
  EXPECT_FALSE(is_possession_text("", key));
}

TEST_F(PossessionTest, AnAccountsOldestChallengeGoesFirstAndOthersStay) {
  const auto others = open("other");
  const auto oldest = open("demo");
  for (std::size_t i = 0; i < PossessionProofs::kOpenPerAccountMax; ++i) {
    clock_.advance(std::chrono::milliseconds(1));
    ASSERT_TRUE(open("demo").has_value());
  }

  EXPECT_FALSE(proves(*oldest, "demo"));
  EXPECT_TRUE(proves(*others, "other"));
}

TEST_F(PossessionTest, TooManyOpenChallengesAreRefusedUntilSomeEnd) {
  for (std::size_t i = 0; i < PossessionProofs::kOpenMax; ++i) {
    ASSERT_TRUE(open("a" + std::to_string(i % 1000)).has_value());
  }
  EXPECT_EQ(open("late").error().reason, "overloaded");

  clock_.advance(PossessionProofs::kChallengeLife + std::chrono::milliseconds(1));

  EXPECT_TRUE(open("late").has_value());
}

TEST_F(PossessionTest, WithoutRandomnessNoChallengeIsGiven) {
  random_.fails = true;

  EXPECT_EQ(open("demo").error().reason, "no_randomness");
}

}  // namespace
}  // namespace counterfoil
