#include "authority/people.h"

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/test_authenticator.h"
#include "accounts/totp.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_people.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

template <typename T>
std::string reason_of(const std::expected<T, Problem>& made) {
  return made ? "done" : made.error().reason;
}
NewPerson new_person(std::string email = "ann@example.com") {
  return {.name = "Ann", .email = std::move(email), .password = WipedText(TestPeople::kPassword)};
}
const SteppedUp kProof = TestSteppedUp::proof();

// ---- set-up

TEST(Setup, IsOpenUntilThereIsAnOwner) {
  TestPeople test;
  EXPECT_EQ(test.people.is_setup_open().value(), false) << "no token was made";
  const auto token = test.people.new_setup_token();
  EXPECT_EQ(test.people.is_setup_open().value(), true);
  EXPECT_EQ(test.people.is_setup_token(*token).value(), true);
  EXPECT_EQ(test.people.is_setup_token(std::string(43, 'A')).value(), false);

  (void)test.enrol_with(*token, "ann@example.com");

  EXPECT_EQ(test.people.is_setup_open().value(), false);
  EXPECT_EQ(reason_of(test.people.new_setup_token()), "owner_exists");
  EXPECT_EQ(reason_of(test.people.enrol(*token, new_person(), test.browser)), "enrolment_closed");
}

TEST(Setup, RunsOutAfterHalfAnHour) {
  TestPeople test;
  const auto token = test.people.new_setup_token();
  test.clock.advance(30min);

  EXPECT_EQ(test.people.is_setup_open().value(), false);
  EXPECT_EQ(reason_of(test.people.enrol(*token, new_person(), test.browser)), "enrolment_closed");
}

TEST(Setup, TakesTheNewestTokenOnly) {
  TestPeople test;
  const auto older = test.people.new_setup_token();
  const auto newer = test.people.new_setup_token();

  EXPECT_EQ(reason_of(test.people.enrol(*older, new_person(), test.browser)), "enrolment_closed");
  EXPECT_EQ(reason_of(test.people.enrol(*newer, new_person(), test.browser)), "done");
}

TEST(Setup, GivesTheOwnerAnAccountThatIsMadeForThem) {
  TestPeople test;
  const auto owner = test.owner();
  ASSERT_TRUE(owner.person.account.has_value());
  EXPECT_EQ(owner.person.account->text(), "main");
  EXPECT_TRUE(test.registry->find(RecordKind::kAccount, "main").value().has_value());
}

TEST(Setup, GivesTheOwnerTheOnlyAccountThereIs) {
  TestPeople test;
  test.add_account("desk-7");
  EXPECT_EQ(test.owner().person.account->text(), "desk-7");
  EXPECT_FALSE(test.registry->find(RecordKind::kAccount, "main").value().has_value());
}

TEST(Setup, GivesTheOwnerNoneAmongSeveralAccounts) {
  TestPeople test;
  test.add_account("desk-7");
  test.add_account("desk-8");
  EXPECT_FALSE(test.owner().person.account.has_value());
}

TEST(Enrolment, MayBeBegunAnewUntilThereIsAFactor) {
  TestPeople test;
  const auto token = test.people.new_setup_token();
  const auto first = test.people.enrol(*token, new_person("typo@example.com"), test.browser);
  ASSERT_EQ(reason_of(first), "done");

  const auto second = test.people.enrol(*token, new_person(), test.browser);

  ASSERT_EQ(reason_of(second), "done");
  EXPECT_EQ(second->session.stage, SessionStage::kNeedsFactorSetup);
  EXPECT_EQ(reason_of(test.sessions.caller(first->token, test.browser.source)), "not_signed_in");
  EXPECT_EQ(test.registry->list(RecordKind::kPerson, "", 10).value().size(), 1U);
}

TEST(Enrolment, WithoutAFactorLetsNobodySignIn) {
  TestPeople test;
  const auto begun = test.people.enrol(*test.people.new_setup_token(), new_person(), test.browser);
  ASSERT_EQ(reason_of(begun), "done");

  const auto in = test.sign_in.sign_in({.email = "ann@example.com",
                                        .password = WipedText(TestPeople::kPassword),
                                        .source = test.browser.source});
  EXPECT_EQ(reason_of(in), "sign_in_failed");
  const auto caller = test.sessions.caller(begun->token, test.browser.source);
  ASSERT_EQ(reason_of(caller), "done");
  EXPECT_EQ(reason_of(test.people.invite(*caller, kProof, {.email = "b@example.com"})),
            "role_not_allowed");
  EXPECT_EQ(reason_of(test.sessions.spend(*caller, Digest{}, std::string(43, 'A'))),
            "step_up_required");
}

TEST(Enrolment, RefusesWhatCannotBe) {
  TestPeople test;
  const auto token = test.people.new_setup_token();
  NewPerson no_name = new_person();
  no_name.name.clear();
  NewPerson own_name = new_person();
  own_name.password = "melinda-annette-x";
  own_name.name = "Annette";

  EXPECT_EQ(reason_of(test.people.enrol(*token, new_person("ann"), test.browser)), "email_invalid");
  EXPECT_EQ(reason_of(test.people.enrol(*token, no_name, test.browser)), "name_invalid");
  EXPECT_EQ(reason_of(test.people.enrol(*token, own_name, test.browser)), "password_refused");
}

// ---- invitations

TEST(Invitation, IsForOnePersonOnce) {
  TestPeople test;
  const auto ann = test.owner();
  const auto caller = test.sessions.caller(ann.token, test.browser.source).value();
  const auto made =
      test.people.invite(caller, kProof, {.email = "Bob@example.com", .role = Role::kAuditor});
  ASSERT_EQ(reason_of(made), "done");
  EXPECT_FALSE(test.last_audit().contains(std::string(made->token)));
  EXPECT_EQ(reason_of(test.people.enrol(made->token, new_person("eve@example.com"), test.browser)),
            "email_not_invited");

  const auto bob = test.enrol_with(made->token, "bob@example.com", "Bob");

  EXPECT_EQ(bob.person.role, Role::kAuditor);
  EXPECT_EQ(bob.person.state, PersonState::kActive);
  EXPECT_EQ(reason_of(test.people.enrol(made->token, new_person("bob@example.com"), test.browser)),
            "enrolment_closed");
}

TEST(Invitation, RunsOutAfterThreeDays) {
  TestPeople test;
  const auto ann = test.owner();
  const auto caller = test.sessions.caller(ann.token, test.browser.source).value();
  const auto made =
      test.people.invite(caller, kProof, {.email = "b@example.com", .role = Role::kOperator});
  test.clock.advance(72h);

  EXPECT_EQ(reason_of(test.people.enrol(made->token, new_person("b@example.com"), test.browser)),
            "enrolment_closed");
}

TEST(Invitation, GivesHoldersOneAccountThatExists) {
  TestPeople test;
  test.add_account("desk-7");
  const auto ann = test.owner();
  const auto caller = test.sessions.caller(ann.token, test.browser.source).value();
  const auto invite = [&](Role role, std::string account) {
    return reason_of(test.people.invite(
        caller, kProof, {.email = "b@example.com", .role = role, .account = std::move(account)}));
  };

  EXPECT_EQ(invite(Role::kHolder, ""), "account_wanted");
  EXPECT_EQ(invite(Role::kHolder, "desk-8"), "no_such_account");
  EXPECT_EQ(invite(Role::kHolder, "not an account"), "account_wanted");
  EXPECT_EQ(invite(Role::kHolder, "desk-7"), "done");
}

TEST(Invitation, IsMadeByOwnersAlone) {
  TestPeople test;
  test.add_account("desk-7");
  const auto ann = test.owner();
  for (const auto& [role, account] :
       {std::pair{Role::kOperator, ""}, {Role::kAuditor, ""}, {Role::kHolder, "desk-7"}}) {
    const auto other =
        test.invited(ann, std::string(to_string(role)) + "@example.com", role, account);
    const auto caller = test.sessions.caller(other.token, test.browser.source).value();
    EXPECT_EQ(reason_of(test.people.invite(caller, kProof, {.email = "x@example.com"})),
              "role_not_allowed");
    EXPECT_EQ(reason_of(test.people.disable(caller, kProof, ann.person.id.text(), "x")),
              "role_not_allowed");
    EXPECT_EQ(reason_of(test.people.page(caller, "", 10)),
              role == Role::kHolder ? "role_not_allowed" : "done");
  }
}

// ---- sessions and step-up

TEST(Sessions, KnowNobodyByAWrongToken) {
  TestPeople test;
  const auto ann = test.owner();
  for (const std::string& token :
       {std::string(), std::string(43, 'A'), ann.token + "A", ann.token.substr(1)}) {
    EXPECT_EQ(reason_of(test.sessions.caller(token, test.browser.source)), "not_signed_in");
  }
}

TEST(Sessions, AreEndedByTheirPerson) {
  TestPeople test;
  const auto ann = test.owner();
  const Caller one = test.caller_of(ann);
  const Caller two = test.caller_of(ann);
  EXPECT_EQ(test.sessions.of(one).value().size(), 3U);

  EXPECT_EQ(reason_of(test.sessions.end(one, two.session.value.id)), "done");
  EXPECT_EQ(reason_of(test.sessions.end(one, two.session.value.id)), "no_such_session");
  EXPECT_EQ(reason_of(test.sessions.end_others(one)), "done");
  EXPECT_EQ(test.sessions.of(one).value().size(), 1U);
  EXPECT_EQ(reason_of(test.sessions.sign_out(one)), "done");
  EXPECT_TRUE(test.sessions.of(one).value().empty());
}

TEST(Sessions, OfOthersAreNotThere) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOwner);
  const Caller of_bob = test.caller_of(bob);

  EXPECT_EQ(reason_of(test.sessions.end(test.caller_of(ann), of_bob.session.value.id)),
            "no_such_session");
}

TEST(Sessions, AreKeptAliveByUse) {
  TestPeople test;
  const auto ann = test.owner();
  for (int i = 0; i < 3; ++i) {
    test.clock.advance(14min);
    EXPECT_EQ(reason_of(test.sessions.caller(ann.token, test.browser.source)), "done");
  }
  test.clock.advance(15min);
  EXPECT_EQ(reason_of(test.sessions.caller(ann.token, test.browser.source)), "not_signed_in");
}

TEST(StepUp, AllowsOneChangeOnce) {
  TestPeople test;
  const auto ann = test.owner();
  const Caller caller = test.caller_of(ann);
  const Digest change = Sessions::change_hash("POST", "/api/v1/keys", R"({"label":"a"})");
  const Digest other = Sessions::change_hash("POST", "/api/v1/keys", R"({"label":"b"})");
  const auto stepped = test.sessions.step_up(caller, change, {.totp = test.code(ann.seed_base32)});
  ASSERT_EQ(reason_of(stepped), "done");
  EXPECT_TRUE(test.last_audit().contains(R"("action":"step_up.grant")"));

  const auto again = [&] {
    return test.sessions.caller(stepped->token, test.browser.source).value();
  };
  EXPECT_EQ(reason_of(test.sessions.spend(again(), change, std::string(43, 'A'))),
            "step_up_required");
  EXPECT_EQ(reason_of(test.sessions.spend(again(), change, stepped->grant)), "done");
  EXPECT_EQ(reason_of(test.sessions.spend(again(), change, stepped->grant)), "step_up_required");

  test.clock.advance(kTotpStep);
  const auto second = test.sessions.step_up(again(), change, {.totp = test.code(ann.seed_base32)});
  ASSERT_EQ(reason_of(second), "done");
  const Caller now = test.sessions.caller(second->token, test.browser.source).value();
  EXPECT_EQ(reason_of(test.sessions.spend(now, other, second->grant)), "step_up_required")
      << "it was for another change";
}

// Control S-58: the old token is worth nothing after a step-up.
TEST(StepUp, GivesTheSessionANewToken) {
  TestPeople test;
  const auto ann = test.owner();
  const auto in = test.sign_in.sign_in(test.try_of(ann));
  test.clock.advance(kTotpStep);
  const Caller caller = test.sessions.caller(in->token, test.browser.source).value();

  const auto stepped = test.sessions.step_up(caller, {}, {.totp = test.code(ann.seed_base32)});

  ASSERT_EQ(reason_of(stepped), "done");
  EXPECT_EQ(stepped->session.id, in->session.id);
  EXPECT_EQ(reason_of(test.sessions.caller(in->token, test.browser.source)), "not_signed_in");
  EXPECT_EQ(reason_of(test.sessions.caller(stepped->token, test.browser.source)), "done");
}

TEST(StepUp, RefusesWrongAndUsedCodes) {
  TestPeople test;
  const auto ann = test.owner();
  const auto in = test.sign_in.sign_in(test.try_of(ann));
  const Caller caller = test.sessions.caller(in->token, test.browser.source).value();

  EXPECT_EQ(reason_of(test.sessions.step_up(caller, {}, {.totp = test.code(ann.seed_base32)})),
            "step_up_failed")
      << "the code of the sign-in";
  EXPECT_TRUE(test.last_audit().contains(R"("outcome":"refused")"));
  EXPECT_EQ(reason_of(test.sessions.step_up(caller, {}, {})), "step_up_failed");
}

// ---- factors

TEST(Factors, AreNeverAllGone) {
  TestPeople test;
  const auto ann = test.owner();
  Caller caller = test.caller_of(ann);
  EXPECT_EQ(reason_of(test.people.remove_totp(caller, kProof)), "last_factor");
  const TestAuthenticator authenticator;
  const auto asked = test.people.passkey_question(caller);
  const auto added = test.people.add_passkey(caller, kProof, "Laptop", asked->id,
                                             authenticator.make(asked->bytes));
  ASSERT_EQ(reason_of(added), "done");
  caller = test.sessions.caller(added->token, test.browser.source).value();

  const auto removed = test.people.remove_totp(caller, kProof);

  ASSERT_EQ(reason_of(removed), "done");
  caller = test.sessions.caller(removed->token, test.browser.source).value();
  EXPECT_EQ(reason_of(test.people.remove_passkey(caller, kProof, authenticator.id)), "last_factor");
}

TEST(Factors, WhenChangedEndAllOtherSessions) {
  TestPeople test;
  const auto ann = test.owner();
  const Caller caller = test.caller_of(ann);
  const auto changed = test.people.change_password(caller, kProof, WipedText(TestPeople::kPassword),
                                                   "lantern gravel orbit");

  ASSERT_EQ(reason_of(changed), "done");
  EXPECT_EQ(reason_of(test.sessions.caller(ann.token, test.browser.source)), "not_signed_in");
  EXPECT_EQ(reason_of(test.sessions.caller(changed->token, test.browser.source)), "done");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann))), "sign_in_failed");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann, "lantern gravel orbit"))), "done");
}

TEST(Factors, OfAPasskeyBelongToOnePerson) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOwner);
  const TestAuthenticator authenticator;
  const auto add = [&](const Caller& caller) {
    const auto asked = test.people.passkey_question(caller);
    return reason_of(test.people.add_passkey(caller, kProof, "Laptop", asked->id,
                                             authenticator.make(asked->bytes)));
  };

  EXPECT_EQ(add(test.caller_of(ann)), "done");
  EXPECT_EQ(add(test.caller_of(bob)), "passkey_known");
}

TEST(Factors, AreReplacedByTheNewOneThatWasForced) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOwner);
  ASSERT_EQ(
      reason_of(test.people.force_new_factor(test.caller_of(ann), kProof, bob.person.id.text())),
      "done");
  const auto in = test.sign_in.sign_in(test.try_of(bob));
  ASSERT_EQ(reason_of(in), "done");
  EXPECT_EQ(in->session.stage, SessionStage::kNeedsFactorSetup);
  const Caller caller = test.sessions.caller(in->token, test.browser.source).value();
  const TestAuthenticator authenticator;
  const auto asked = test.people.passkey_question(caller);

  const auto added = test.people.add_passkey(caller, *Sessions::enrolling(caller), "Key", asked->id,
                                             authenticator.make(asked->bytes));

  ASSERT_EQ(reason_of(added), "done");
  EXPECT_EQ(added->session.stage, SessionStage::kFull);
  EXPECT_FALSE(added->person.totp.has_value());
  EXPECT_EQ(added->person.passkeys.size(), 1U);
}

TEST(Factors, AnAppThatReplacesAnotherIsRecordedAsThat) {
  TestPeople test;
  const auto ann = test.owner();
  ASSERT_TRUE(test.last_audit().contains(R"("action":"totp.add")"));
  const auto totp = test.people.begin_totp(test.caller_of(ann), kProof);
  ASSERT_EQ(reason_of(totp), "done");

  const auto done = test.people.confirm_totp(
      test.sessions.caller(ann.token, test.browser.source).value(), test.code(totp->secret_base32));

  ASSERT_EQ(reason_of(done), "done");
  EXPECT_TRUE(test.last_audit().contains(R"("action":"totp.replace")"));
}

TEST(RecoveryCode, SignsInOnce) {
  TestPeople test;
  const auto ann = test.owner();
  const Caller caller = test.sessions.caller(ann.token, test.browser.source).value();
  const auto allowed = test.sessions.without_codes(caller);
  ASSERT_EQ(reason_of(allowed), "done") << "the first ones need no second factor again";
  const auto codes = test.people.new_codes(caller, *allowed);
  ASSERT_EQ(reason_of(codes), "done");
  SignInTry with_code = test.try_of(ann);
  with_code.factor = {.recovery_code = std::string((*codes)[0])};

  EXPECT_EQ(reason_of(test.sign_in.sign_in(with_code)), "done");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(with_code)), "sign_in_failed");
  EXPECT_EQ(test.stored(ann.person.id).recovery_codes.size(), 9U);
  EXPECT_EQ(reason_of(test.sessions.without_codes(test.caller_of(ann))), "step_up_required");
}

// ---- the others

TEST(People, AreDisabledAtOnceAndEnabledAgain) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOperator);

  ASSERT_EQ(reason_of(test.people.disable(test.caller_of(ann), kProof, bob.person.id.text(),
                                          "left the company")),
            "done");
  EXPECT_EQ(reason_of(test.sessions.caller(bob.token, test.browser.source)), "not_signed_in");
  ASSERT_EQ(reason_of(test.people.enable(test.caller_of(ann), kProof, bob.person.id.text())),
            "done");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(bob))), "done");
}

TEST(People, AreEnabledByWhoeverAdministersTheMachine) {
  TestPeople test;
  const auto ann = test.owner();
  const Actor root{.name = "socket:uid=0", .source = "local"};

  ASSERT_EQ(reason_of(test.people.disable(root, ann.person.id.text(), "laptop stolen")), "done");
  EXPECT_TRUE(test.last_audit().contains("socket:uid=0"));
  EXPECT_EQ(reason_of(test.people.disable(root, ann.person.id.text(), "again")),
            "already_disabled");
  EXPECT_EQ(test.people.page("", 10).value().front().state_cause, "laptop stolen");
  ASSERT_EQ(reason_of(test.people.enable(root, ann.person.id.text())), "done");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann))), "done");
}

// As after a restore of which it is not known who was disabled since.
TEST(Setup, OpensAgainWhenNoOwnerMaySignIn) {
  TestPeople test;
  const auto ann = test.owner();
  ASSERT_EQ(reason_of(test.people.disable({.name = "socket:uid=0", .source = "local"},
                                          ann.person.id.text(), "restored")),
            "done");
  EXPECT_EQ(test.people.is_setup_open().value(), false) << "it takes a token of this machine";

  const auto token = test.people.new_setup_token();
  ASSERT_EQ(reason_of(token), "done");
  const auto bob = test.enrol_with(*token, "bob@example.com");
  const Caller of_bob = test.sessions.caller(bob.token, test.browser.source).value();
  EXPECT_EQ(reason_of(test.people.enable(of_bob, kProof, ann.person.id.text())), "done");
}

TEST(People, AlwaysHaveAnOwner) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOwner);
  const Caller of_ann = test.caller_of(ann);
  const Caller of_bob = test.caller_of(bob);
  EXPECT_EQ(reason_of(test.people.disable(of_ann, kProof, ann.person.id.text(), "x")),
            "not_yourself");

  EXPECT_EQ(reason_of(test.people.disable(of_ann, kProof, bob.person.id.text(), "x")), "done");
  EXPECT_EQ(reason_of(test.people.disable(of_bob, kProof, ann.person.id.text(), "x")), "conflict")
      << "bob asked at the same moment";
  EXPECT_EQ(test.stored(ann.person.id).state, PersonState::kActive);
}

TEST(People, AreFoundByIdsThatExist) {
  TestPeople test;
  const auto ann = test.owner();
  const Caller caller = test.caller_of(ann);

  EXPECT_EQ(reason_of(test.people.person(caller, ann.person.id.text())), "done");
  EXPECT_EQ(reason_of(test.people.person(caller, std::string(32, '0'))), "no_such_person");
  EXPECT_EQ(reason_of(test.people.person(caller, "../x")), "no_such_person");
}

TEST(People, WhoNeverFinishedEnrollingAreSwept) {
  TestPeople test;
  ASSERT_EQ(
      reason_of(test.people.enrol(*test.people.new_setup_token(), new_person(), test.browser)),
      "done");
  EXPECT_EQ(test.people.sweep().value(), 0U);
  test.clock.advance(31min);

  EXPECT_EQ(test.people.sweep().value(), 3U) << "session, token and person";
  EXPECT_TRUE(test.registry->list(RecordKind::kPerson, "", 10).value().empty());
  EXPECT_EQ(test.people.sweep().value(), 0U);
}

TEST(People, LeaveNoSecretInTheRegistry) {
  TestPeople test;
  const auto ann = test.owner();
  for (const RecordKind kind :
       {RecordKind::kPerson, RecordKind::kSession, RecordKind::kInvitation}) {
    const auto records = test.registry->list(kind, "", 100);
    ASSERT_TRUE(records.has_value());
    for (const Record& record : *records) {
      for (const std::string_view secret :
           {std::string_view(TestPeople::kPassword), std::string_view(ann.seed_base32),
            std::string_view(ann.token)}) {
        EXPECT_FALSE(record.bytes.contains(secret));
        EXPECT_FALSE(record.id.contains(secret));
      }
    }
  }
}

}  // namespace
}  // namespace counterfoil
