#include "accounts/session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/totp.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);
const PersonId kAnn = *PersonId::parse("0123456789abcdef0123456789abcdef");

Person person(Role role = Role::kHolder) {
  return {.id = kAnn,
          .email = "ann@example.com",
          .name = "Ann",
          .role = role,
          .state = PersonState::kActive,
          .totp = TotpFactor{.sealed_seed = "sealed"}};
}
Session session(const Person& of = person()) {
  return new_session("1", of, "203.0.113.7", "Mozilla/5.0", kNow);
}
// Used every ten minutes until then.
Session used_until(Session made, Timestamp time) {
  made.last_seen = time;
  return made;
}
Digest digest(std::uint8_t fill) {
  Digest made;
  made.fill(fill);
  return made;
}

TEST(Session, EndsWhenNobodyUsesIt) {
  EXPECT_EQ(judge_session(session(), person(), kNow + 15min - 1us), SessionVerdict::kAlive);
  EXPECT_EQ(judge_session(session(), person(), kNow + 15min), SessionVerdict::kIdle);
}

TEST(Session, EndsHoweverMuchItIsUsed) {
  struct Row {
    Role role;
    std::chrono::hours life;
  };
  for (const Row& row : {Row{Role::kHolder, 12h}, Row{Role::kOwner, 4h}, Row{Role::kOperator, 4h},
                         Row{Role::kAuditor, 4h}}) {
    const Person of = person(row.role);
    const Timestamp end = kNow + row.life;
    EXPECT_EQ(judge_session(used_until(session(of), end - 1min), of, end - 1us),
              SessionVerdict::kAlive);
    EXPECT_EQ(judge_session(used_until(session(of), end - 1min), of, end), SessionVerdict::kEnded);
  }
}

TEST(Session, EndsWithThePersonsRight) {
  Person disabled = person();
  disabled.state = PersonState::kDisabled;
  Person without_factor = person();
  without_factor.totp.reset();
  Person to_renew = person();
  to_renew.must_renew_factors = true;
  Person another = person();
  another.id = *PersonId::parse("ffffffffffffffffffffffffffffffff");

  for (const Person& of : {disabled, without_factor, to_renew, another}) {
    EXPECT_EQ(judge_session(session(), of, kNow), SessionVerdict::kEnded);
  }
}

TEST(Session, OfSomebodyWithoutAFactorIsForAddingOne) {
  Person enrolling = person();
  enrolling.state = PersonState::kEnrolling;
  enrolling.totp.reset();
  const Session made = session(enrolling);

  EXPECT_EQ(made.stage, SessionStage::kNeedsFactorSetup);
  EXPECT_EQ(made.ends_at, kNow + 30min);
  EXPECT_EQ(judge_session(made, enrolling, kNow), SessionVerdict::kAlive);
  EXPECT_EQ(judge_session(made, person(), kNow), SessionVerdict::kEnded)
      << "once there is a factor, it takes a sign-in or the new session that adding it gave";
}

// Control S-53.
TEST(Session, OfSomebodyWhoNeedsAPasskeyIsForAddingOneWhateverElseTheyHave) {
  const Session made =
      new_session("1", person(), "203.0.113.7", "Mozilla/5.0", kNow, PasskeyNeed::kPasskey);

  EXPECT_EQ(made.stage, SessionStage::kNeedsFactorSetup);
  EXPECT_EQ(made.ends_at, kNow + 30min);
  EXPECT_EQ(judge_session(made, person(), kNow), SessionVerdict::kAlive);
  Person disabled = person();
  disabled.state = PersonState::kDisabled;
  EXPECT_EQ(judge_session(made, disabled, kNow), SessionVerdict::kEnded);
}

// Control S-44: no session lives longer because the clock was set back.
TEST(Session, EndsWhenTheClockIsSetBack) {
  EXPECT_EQ(judge_session(session(), person(), kNow - 1min), SessionVerdict::kAlive);
  EXPECT_EQ(judge_session(session(), person(), kNow - 1min - 1us), SessionVerdict::kEnded);
}

TEST(Session, IsWrittenDownNowAndThen) {
  EXPECT_FALSE(touched(session(), kNow + 30s - 1us).has_value());
  ASSERT_TRUE(touched(session(), kNow + 30s).has_value());
  EXPECT_EQ(touched(session(), kNow + 30s)->last_seen, kNow + 30s);
}

TEST(Session, GivesWayWhenThereAreFive) {
  std::vector<Session> open(4, session());
  EXPECT_FALSE(one_too_many(open).has_value());
  open.push_back(used_until(session(), kNow - 1min));
  open.front() = used_until(session(), kNow + 1min);

  EXPECT_EQ(one_too_many(open), std::size_t{4});
}

TEST(Session, KeepsNothingHostileOfTheBrowser) {
  const Session made =
      new_session("1", person(), "203.0.113.7", "a\r\n\x1b[2J\xff" + std::string(500, 'x'), kNow);

  EXPECT_EQ(made.device.size(), kDeviceBytesMax);
  EXPECT_EQ(made.device.substr(0, 10), "a???[2J?xx");
}

TEST(CsrfToken, BelongsToOneSession) {
  const std::string token = csrf_token("token");

  EXPECT_TRUE(is_csrf_token("token", token));
  EXPECT_FALSE(is_csrf_token("other", token));
  EXPECT_FALSE(is_csrf_token("token", ""));
  EXPECT_FALSE(is_csrf_token("token", token.substr(1)));
  EXPECT_FALSE(token.contains("token"));
}

TEST(StepUpGrant, ServesOnceForItsChange) {
  Session made = granted(session(), digest(1), digest(9), kNow);

  EXPECT_FALSE(spend_grant(made, digest(2), digest(9), kNow)) << "another grant";
  EXPECT_TRUE(spend_grant(made, digest(1), digest(9), kNow + 5min - 1us));
  EXPECT_FALSE(spend_grant(made, digest(1), digest(9), kNow)) << "a second time";
}

TEST(StepUpGrant, IsForNothingElse) {
  Session made = granted(session(), digest(1), digest(9), kNow);

  EXPECT_FALSE(spend_grant(made, digest(1), digest(8), kNow));
  EXPECT_FALSE(spend_grant(made, digest(1), digest(9), kNow)) << "it was tried for another change";
}

TEST(StepUpGrant, RunsOut) {
  Session made = granted(session(), digest(1), digest(9), kNow);

  EXPECT_FALSE(spend_grant(made, digest(1), digest(9), kNow + 5min));
}

TEST(StepUpGrant, HasAtMostSevenBesideIt) {
  Session made = session();
  for (std::uint8_t i = 1; i <= kGrantsMax + 1; ++i) {
    made = granted(made, digest(i), digest(9), kNow);
  }

  EXPECT_EQ(made.grants.size(), kGrantsMax);
  EXPECT_FALSE(spend_grant(made, digest(1), digest(9), kNow));
  EXPECT_TRUE(spend_grant(made, digest(2), digest(9), kNow));
}

}  // namespace
}  // namespace counterfoil
