// Control S-59: a reset never skips the second factor.
#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "accounts/person.h"
#include "accounts/test_authenticator.h"
#include "accounts/totp.h"
#include "authority/people.h"
#include "authority/problem.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_people.h"
#include "base/wiped_text.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

template <typename T>
std::string reason_of(const std::expected<T, Problem>& made) {
  return made ? "done" : made.error().reason;
}
const SteppedUp kProof = TestSteppedUp::proof();
constexpr std::string_view kNewPassword = "lantern gravel orbit";

class Reset : public testing::Test {
 protected:
  [[nodiscard]] std::string offer() {
    const auto made =
        test_.people.offer_reset(test_.caller_of(ann_), kProof, bob_.person.id.text());
    EXPECT_EQ(reason_of(made), "done");
    return std::string(made->token);
  }
  [[nodiscard]] PasswordResetTry try_of(std::string_view token) const {
    return {.token = WipedText(token),
            .password = WipedText(kNewPassword),
            .factor = {.totp = test_.code(bob_.seed_base32)},
            .source = test_.browser.source};
  }

  TestPeople test_;
  TestPeople::Known ann_ = test_.owner();
  TestPeople::Known bob_ = test_.invited(ann_, "bob@example.com", Role::kOperator);
};

TEST_F(Reset, SetsANewPasswordWithTokenAndSecondFactorOnce) {
  const std::string token = offer();
  EXPECT_EQ(reason_of(test_.sessions.caller(bob_.token, test_.browser.source)), "not_signed_in");
  EXPECT_FALSE(test_.last_audit().contains(token));

  ASSERT_EQ(reason_of(test_.sign_in.reset_password(try_of(token))), "done");

  EXPECT_TRUE(test_.last_audit().contains(R"("action":"password.reset")"));
  test_.clock.advance(kTotpStep);
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(try_of(token))), "reset_failed");
  EXPECT_EQ(reason_of(test_.sign_in.sign_in(test_.try_of(bob_))), "sign_in_failed");
  EXPECT_EQ(reason_of(test_.sign_in.sign_in(test_.try_of(bob_, kNewPassword))), "done");
}

TEST_F(Reset, EndsTheSessionsThatBeganSinceTheOffer) {
  const std::string token = offer();
  const auto in = test_.sign_in.sign_in(test_.try_of(bob_));
  ASSERT_EQ(reason_of(in), "done") << "the old password is good until there is a new one";
  test_.clock.advance(kTotpStep);

  ASSERT_EQ(reason_of(test_.sign_in.reset_password(try_of(token))), "done");

  EXPECT_EQ(reason_of(test_.sessions.caller(in->token, test_.browser.source)), "not_signed_in");
}

TEST_F(Reset, SaysTheSameWhateverIsWrong) {
  const std::string token = offer();
  PasswordResetTry wrong_code = try_of(token);
  wrong_code.factor.totp = "000000";
  PasswordResetTry wrong_recovery_code = try_of(token);
  wrong_recovery_code.factor = {.recovery_code = "AAAA-AAAA-AAAA-AAAA"};

  for (const PasswordResetTry& wrong : {wrong_code, wrong_recovery_code, try_of(""),
                                        try_of(std::string(43, 'A')), try_of(token + "A")}) {
    const auto answer = test_.sign_in.reset_password(wrong);
    ASSERT_EQ(reason_of(answer), "reset_failed");
    EXPECT_EQ(answer.error().kind, Problem::Kind::kNotSignedIn);
    EXPECT_TRUE(test_.last_audit().contains(R"("action":"password.refuse_reset")"));
  }
  EXPECT_EQ(test_.stored(bob_.person.id).totp->wrong, 1U) << "codes are guessed at here, too";
}

TEST_F(Reset, WantsBothAndASoundPassword) {
  const std::string token = offer();
  PasswordResetTry no_factor = try_of(token);
  no_factor.factor = {};
  PasswordResetTry too_long = try_of(token);
  too_long.password.assign(1'025, 'x');
  PasswordResetTry common = try_of(token);
  common.password = "123456789012";

  EXPECT_EQ(reason_of(test_.sign_in.reset_password(no_factor)), "reset_incomplete");
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(too_long)), "password_too_long");
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(common)), "password_refused");
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(try_of(token))), "done")
      << "and none of them used anything up";
}

TEST_F(Reset, RunsOutAndGivesWayToANewerOffer) {
  const std::string older = offer();
  const std::string newer = offer();
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(try_of(older))), "reset_failed");
  test_.clock.advance(15min);
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(try_of(newer))), "reset_failed");
}

TEST_F(Reset, IsOfferedByOwnersToPeopleWhoAreNotDisabled) {
  const Caller of_bob = test_.caller_of(bob_);
  EXPECT_EQ(reason_of(test_.people.offer_reset(of_bob, kProof, ann_.person.id.text())),
            "role_not_allowed");
  EXPECT_EQ(
      reason_of(test_.people.offer_reset(test_.caller_of(ann_), kProof, ann_.person.id.text())),
      "not_yourself");
  const std::string token = offer();
  ASSERT_EQ(
      reason_of(test_.people.disable(test_.caller_of(ann_), kProof, bob_.person.id.text(), "left")),
      "done");

  EXPECT_EQ(reason_of(test_.sign_in.reset_password(try_of(token))), "reset_failed");
  EXPECT_EQ(
      reason_of(test_.people.offer_reset(test_.caller_of(ann_), kProof, bob_.person.id.text())),
      "person_disabled");
}

TEST_F(Reset, IsOfferedByWhoeverAdministersTheMachineWhenTheOnlyOwnerHasForgotten) {
  const auto made =
      test_.people.offer_reset({.name = "socket:uid=0", .source = "local"}, ann_.person.id.text());
  ASSERT_EQ(reason_of(made), "done");
  EXPECT_TRUE(test_.last_audit().contains("socket:uid=0"));

  PasswordResetTry wanted = try_of(made->token);
  wanted.factor.totp = test_.code(ann_.seed_base32);
  EXPECT_EQ(reason_of(test_.sign_in.reset_password(wanted)), "done");
}

TEST_F(Reset, TakesAPasskey) {
  const TestAuthenticator authenticator;
  (void)test_.with_passkey(bob_.token, authenticator);
  PasswordResetTry wanted = try_of(offer());
  wanted.factor = test_.answer_of(authenticator, bob_.person.email);

  EXPECT_EQ(reason_of(test_.sign_in.reset_password(wanted)), "done");
}

// Control S-54: tries are counted here as at a sign-in.
TEST_F(Reset, IsThrottled) {
  const std::string token = offer();
  PasswordResetTry wrong = try_of(token);
  wrong.factor.totp = "000000";
  for (int i = 0; i < 5; ++i) {
    (void)test_.sign_in.reset_password(wrong);
  }
  const auto held = test_.sign_in.reset_password(try_of(token));
  ASSERT_EQ(reason_of(held), "reset_failed");
  EXPECT_GT(held.error().retry_after, 0s);
}

}  // namespace
}  // namespace counterfoil
