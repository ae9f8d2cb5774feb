#include "authority/passkey_challenges.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/manual_clock.h"
#include "base/random.h"
#include "base/time.h"

namespace counterfoil {
namespace {

class PasskeyChallengesTest : public testing::Test {
 protected:
  ManualClock clock_{from_unix_ms(1'700'000'000'000)};
  SystemRandom random_;
  PasskeyChallenges challenges_ = PasskeyChallenges::make(random_, clock_).value();
};

TEST_F(PasskeyChallengesTest, GiveAChallengeBackOnce) {
  const auto asked = challenges_.ask("sign-in");
  ASSERT_TRUE(asked.has_value());

  EXPECT_EQ(challenges_.take(asked->id, "sign-in"), asked->bytes);
  EXPECT_FALSE(challenges_.take(asked->id, "sign-in").has_value());
}

TEST_F(PasskeyChallengesTest, AreForOnePurpose) {
  const auto asked = challenges_.ask("register:1");

  EXPECT_FALSE(challenges_.take(asked->id, "register:2").has_value());
  EXPECT_TRUE(challenges_.take(asked->id, "register:1").has_value());
}

TEST_F(PasskeyChallengesTest, RunOutAfterFiveMinutes) {
  const auto late = challenges_.ask("sign-in");
  const auto later = challenges_.ask("sign-in");
  clock_.advance(PasskeyChallenges::kLife - std::chrono::microseconds(1));
  EXPECT_TRUE(challenges_.take(late->id, "sign-in").has_value());
  clock_.advance(std::chrono::microseconds(1));
  EXPECT_FALSE(challenges_.take(later->id, "sign-in").has_value());
  EXPECT_FALSE(challenges_.take(late->id, "sign-in").has_value());
}

TEST_F(PasskeyChallengesTest, AreTheirProcesssOwn) {
  PasskeyChallenges other = PasskeyChallenges::make(random_, clock_).value();
  const auto asked = other.ask("sign-in");
  std::string changed = challenges_.ask("sign-in")->id;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';

  EXPECT_FALSE(challenges_.take(asked->id, "sign-in").has_value());
  EXPECT_FALSE(challenges_.take(changed, "sign-in").has_value());
  for (const std::string& bad :
       {std::string(), std::string(75, 'A'), std::string(75, '='), asked->id + "A"}) {
    EXPECT_FALSE(challenges_.take(bad, "sign-in").has_value());
  }
}

}  // namespace
}  // namespace counterfoil
