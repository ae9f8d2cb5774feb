// Control S-53: whoever may do grave things needs a passkey.

#include "authority/passkey_rule.h"  // IWYU pragma: keep

#include <gtest/gtest.h>

#include <string>

#include "accounts/account.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/test_authenticator.h"
#include "accounts/totp.h"
#include "authority/key_records.h"
#include "authority/people.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_people.h"
#include "base/account_id.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

const SteppedUp kProof = TestSteppedUp::proof();

class PasskeyRuleTest : public testing::Test {
 protected:
  PasskeyRuleTest() {
    test_.add_account("desk-7");
    owner_.token = test_.with_passkey(owner_.token, authenticator_);
  }
  [[nodiscard]] PasskeyNeed need_of(const Person& person) const {
    return test_.factors.passkey_need(person).value();
  }
  [[nodiscard]] Caller caller_of(const std::string& token) {
    return test_.sessions.caller(token, test_.browser.source).value();
  }

  TestPeople test_{TestPeople::Passkeys::kForGraveThings};
  TestAuthenticator authenticator_;
  TestPeople::Known owner_ = test_.owner();
};

TEST_F(PasskeyRuleTest, IsForAdminsAndForHoldersWhoseKeysMayWithdraw) {
  const Person holder = test_.invited(owner_, "bob@example.com", Role::kHolder, "desk-7").person;
  EXPECT_EQ(need_of(owner_.person), PasskeyNeed::kPasskey);
  EXPECT_EQ(need_of(test_.invited(owner_, "op@example.com", Role::kOperator).person),
            PasskeyNeed::kPasskey);
  EXPECT_EQ(need_of(test_.invited(owner_, "eve@example.com", Role::kAuditor).person),
            PasskeyNeed::kNone);
  EXPECT_EQ(need_of(holder), PasskeyNeed::kNone);

  (void)test_.add_key("desk-7", "TRADE");
  EXPECT_EQ(need_of(holder), PasskeyNeed::kNone);
  (void)test_.add_key("desk-7", "WITHDRAW");
  EXPECT_EQ(need_of(holder), PasskeyNeed::kPasskey);
  EXPECT_EQ(TestPeople().factors.passkey_need(owner_.person).value(), PasskeyNeed::kNone)
      << "where the rule is off";
}

TEST_F(PasskeyRuleTest, LooksAtSubAccountsAndTakesAnUnreadableKeyForAGraveOne) {
  const Person holder = test_.invited(owner_, "bob@example.com", Role::kHolder, "desk-7").person;
  Account sub{.id = AccountId::parse("desk-7-a").value(), .name = "A"};
  sub.master = AccountId::parse("desk-7");
  sub.email = "a@example.com";
  ASSERT_TRUE(test_.registry->commit({.writes = {account_write(sub, 0)}}).has_value());
  EXPECT_EQ(need_of(holder), PasskeyNeed::kNone);

  const ApiKey key = test_.add_key("desk-7-a", "TRADE");
  EXPECT_EQ(need_of(holder), PasskeyNeed::kNone);
  Write damaged = api_key_write(key, test_.permissions, 0);
  damaged.expected_modified =
      test_.registry->find(RecordKind::kApiKey, damaged.id).value()->modified;
  damaged.bytes = "?";
  ASSERT_TRUE(test_.registry->commit({.writes = {damaged}}).has_value());
  EXPECT_EQ(need_of(holder), PasskeyNeed::kPasskey);
}

TEST_F(PasskeyRuleTest, LetsWhoHasNoneInToAddOneAndNothingElse) {
  const auto bob = test_.invited(owner_, "bob@example.com", Role::kOperator);
  EXPECT_EQ(caller_of(bob.token).session.value.stage, SessionStage::kNeedsFactorSetup)
      << "an app alone does not end the enrolment";

  const auto in = test_.sign_in.sign_in(test_.try_of(bob));
  ASSERT_TRUE(in.has_value());
  EXPECT_EQ(in->session.stage, SessionStage::kNeedsFactorSetup);
  TestAuthenticator passkey;
  passkey.id.assign(32, 0x22);
  const std::string token = test_.with_passkey(in->token, passkey);

  EXPECT_EQ(caller_of(token).session.value.stage, SessionStage::kFull);
}

TEST_F(PasskeyRuleTest, TakesNoCodeOfAnAppFromWhoHasOne) {
  test_.clock.advance(kTotpStep);
  EXPECT_FALSE(test_.sign_in.sign_in(test_.try_of(owner_)).has_value());
  EXPECT_TRUE(test_.last_audit().contains("a passkey is needed"));

  test_.clock.advance(kTotpStep);
  SignInTry with_passkey = test_.try_of(owner_);
  with_passkey.factor = test_.answer_of(authenticator_, owner_.person.email);
  const auto in = test_.sign_in.sign_in(with_passkey);
  ASSERT_TRUE(in.has_value());
  EXPECT_EQ(in->session.stage, SessionStage::kFull);

  const Caller caller = caller_of(std::string(in->token));
  EXPECT_FALSE(test_.sessions.step_up_question(caller, {})->totp);
  test_.clock.advance(kTotpStep);
  const auto stepped = test_.sessions.step_up(caller, {}, {.totp = test_.code(owner_.seed_base32)});
  ASSERT_FALSE(stepped.has_value());
  EXPECT_EQ(stepped.error().reason, "step_up_failed");
  const auto removed =
      test_.people.remove_passkey(caller_of(std::string(in->token)), kProof, authenticator_.id);
  ASSERT_FALSE(removed.has_value());
  EXPECT_EQ(removed.error().reason, "passkey_needed");
}

TEST_F(PasskeyRuleTest, LetsARecoveryCodeReplaceALostOne) {
  const auto codes = test_.people.new_codes(caller_of(owner_.token), kProof);
  ASSERT_TRUE(codes.has_value());
  SignInTry with_code = test_.try_of(owner_);
  with_code.factor = {.recovery_code = std::string((*codes)[0])};

  const auto in = test_.sign_in.sign_in(with_code);

  ASSERT_TRUE(in.has_value());
  EXPECT_EQ(in->session.stage, SessionStage::kNeedsFactorSetup);
}

TEST_F(PasskeyRuleTest, AsksWhoCannotStepUpToSignInAgain) {
  const auto bob = test_.invited(owner_, "bob@example.com", Role::kHolder, "desk-7");
  const Caller caller = caller_of(bob.token);
  ASSERT_EQ(caller.session.value.stage, SessionStage::kFull);
  (void)test_.add_key("desk-7", "WITHDRAW");

  EXPECT_EQ(test_.sessions.step_up_question(caller, {}).error().reason, "passkey_needed");
  EXPECT_EQ(
      test_.sessions.step_up(caller, {}, {.totp = test_.code(bob.seed_base32)}).error().reason,
      "passkey_needed");
}

}  // namespace
}  // namespace counterfoil
