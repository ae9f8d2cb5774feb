#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/gatekeeper_fixture.h"
#include "base/time.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(GatekeeperTest, WithoutTheRightNothingIsAccepted) {
  auto admission = send(sign("a=1&"), reading());
  ASSERT_TRUE(admission.has_value());
  house_.clock.advance(std::chrono::hours(2));
  const Timestamp now = house_.clock.now();

  EXPECT_EQ(reason_of(sign("a=2&", now), reading()), Reason::kNotInForce);
  EXPECT_EQ(gatekeeper_->last_look(*admission, sign("a=1&").view(), kNow).error(),
            Reason::kNotInForce);
}

TEST_F(GatekeeperTest, HasNoRightBeforeItIsGivenAndNoneAfterItsEnd) {
  acceptance_.end();
  EXPECT_EQ(reason_of(sign("a=1&"), reading()), Reason::kNotInForce);
  // Whatever else is wrong with a request is not judged then.
  EXPECT_EQ(reason_of(sign("a=1&", kNow - std::chrono::hours(1)), reading()), Reason::kNotInForce);

  give_right();
  EXPECT_EQ(reason_of(sign("a=1&"), reading()), std::nullopt);
}

struct ClockStep {
  std::chrono::microseconds by;
  bool believed;
};
constexpr ClockStep kClockSteps[] = {
    {std::chrono::seconds(30), true},
    {-std::chrono::seconds(30), true},
    {std::chrono::seconds(30) + std::chrono::microseconds(1), false},
    {-std::chrono::seconds(30) - std::chrono::microseconds(1), false},
    {-std::chrono::hours(1), false},
    {std::chrono::hours(87'600), false},
};

// Control S-44: not only the next heartbeat, but the very next request notices.
TEST_F(GatekeeperTest, ARequestThatTheSteppedClockWouldLetInIsRefusedAtOnce) {
  for (const ClockStep& step : kClockSteps) {
    house_.clock.advance(std::chrono::minutes(1));  // its weight is another minute's
    auto admission =
        send(sign("step=" + std::to_string(step.by.count()) + "&", house_.clock.now()), reading());
    ASSERT_TRUE(admission.has_value()) << step.by.count();
    house_.clock.step(step.by);
    const Sent stamped_by_it = sign("a=1&", house_.clock.now());

    const auto expected = step.believed ? std::nullopt : std::optional(Reason::kNotInForce);
    EXPECT_EQ(reason_of(stamped_by_it, reading()), expected) << step.by.count();
    if (!step.believed) {
      EXPECT_EQ(gatekeeper_->last_look(*admission, stamped_by_it.view(), house_.clock.now()),
                std::unexpected(Reason::kNotInForce));
    }
    house_.clock.step(-step.by);
  }
}

// LastLook: a request is admitted, something changes, the last look is taken.
class LastLook : public GatekeeperTest {
 protected:
  LastLook() : sent_(sign("symbol=BTCUSDT&")), admission_(*send(sent_, ordering())) {}

  std::optional<Reason> look() {
    const auto seen = gatekeeper_->last_look(admission_, sent_.view(), house_.clock.now());
    return seen ? std::nullopt : std::optional(seen.error());
  }
  Sent sent_;
  Admission admission_;
};

TEST_F(LastLook, PassesWhenNothingChanged) { EXPECT_EQ(look(), std::nullopt); }

TEST_F(LastLook, SeesARevocation) {
  ASSERT_TRUE(house_.issuer->revoke_key(key_.id(), "leak", house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kApiKeyRevoked);
}

TEST_F(LastLook, SeesASuspension) {
  ASSERT_TRUE(house_.issuer->suspend_key(key_.id(), "leak", house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kApiKeySuspended);
}

TEST_F(LastLook, SeesTheSuspensionOfTheAccount) {
  ASSERT_TRUE(house_.issuer->suspend_account("demo", "unpaid", house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kAccountSuspended);
}

TEST_F(LastLook, SeesANarrowedPermission) {
  ASSERT_TRUE(
      house_.issuer->edit_key(key_.id(), {.permissions = "USER_DATA"}, house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kPermissionMissing);
}

TEST_F(LastLook, SeesANarrowedAllowList) {
  ASSERT_TRUE(
      house_.issuer->edit_key(key_.id(), {.allow_list = "198.51.100.1"}, house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kAddressNotAllowed);
}

TEST_F(LastLook, HandsBackTheKeyAsItIsNow) {
  ASSERT_TRUE(
      house_.issuer->edit_key(key_.id(), {.permissions = "TRADE"}, house_.actor).has_value());

  ASSERT_EQ(look(), std::nullopt);

  EXPECT_EQ(house_.profile.permissions().to_text(admission_.key->permissions), "TRADE");
}

TEST_F(LastLook, SeesThatTheOldPairWasEndedByARotation) {
  ASSERT_TRUE(
      house_.issuer->rotate_key(key_.id(), {}, {.overlap = seconds(0)}, house_.actor).has_value());

  EXPECT_EQ(look(), Reason::kSignatureWrong);
}

TEST_F(LastLook, TestsTheWindowAgainAfterAWait) {
  house_.clock.advance(seconds(5));
  EXPECT_EQ(look(), std::nullopt);

  house_.clock.advance(milliseconds(1));

  EXPECT_EQ(look(), Reason::kTimestampLate);
}

TEST_F(LastLook, SeesAnExpiryThatCameDuringTheWait) {
  ASSERT_TRUE(house_.issuer->edit_key(key_.id(), {.expires_at = kNow + seconds(2)}, house_.actor)
                  .has_value());
  ASSERT_EQ(look(), std::nullopt);  // takes the new key over

  house_.clock.advance(seconds(2));

  EXPECT_EQ(look(), Reason::kApiKeyExpired);
}

TEST_F(LastLook, SeesARetirementThatCameDuringTheWait) {
  ASSERT_TRUE(
      house_.issuer->rotate_key(key_.id(), {}, {.overlap = seconds(2)}, house_.actor).has_value());
  ASSERT_EQ(look(), std::nullopt);

  house_.clock.advance(seconds(2));

  EXPECT_EQ(look(), Reason::kSignatureWrong);
}

}  // namespace
}  // namespace counterfoil
