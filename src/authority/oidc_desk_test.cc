#include "authority/oidc_desk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/test_authenticator.h"
#include "authority/people.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_oidc_desk.h"
#include "authority/test_people.h"
#include "outbound/test_oidc_provider.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

// Somebody at a console that has an identity provider.
struct TheirPeople {
  TestPeople people;
};
class AtTheDesk : private TheirPeople, public TestOidcDesk {
 public:
  explicit AtTheDesk(OidcDesk::Options options = {},
                     TestPeople::Passkeys passkeys = TestPeople::Passkeys::kAsTheyLike)
      : TheirPeople{.people = TestPeople(passkeys)}, TestOidcDesk(people, std::move(options)) {}
};

TEST(OidcDesk, LetsInWhoeverHasLinkedTheAccountAndGivesTheirSecondFactor) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  at.link(ann);
  EXPECT_TRUE(at.test.last_audit().contains(R"("action":"identity.link")"));

  const auto outcome = at.go();

  ASSERT_EQ(at.reason_of(outcome), "factor wanted");
  const std::string ticket = std::get<OidcDesk::FactorWanted>(*outcome).ticket;
  const auto in = at.desk->give_factor(ticket, {.totp = at.test.code(ann.seed_base32)}, at.from());
  ASSERT_TRUE(in) << in.error().reason;
  EXPECT_EQ(in->session.stage, SessionStage::kFull);
  EXPECT_EQ(in->person.id, ann.person.id);
  EXPECT_TRUE(at.test.sessions.caller(in->token, at.test.browser.source).has_value());
  EXPECT_TRUE(at.test.last_audit().contains(R"("action":"session.open")"));
  EXPECT_TRUE(at.test.last_audit().contains(R"("identity":")"));
  EXPECT_EQ(at.test.stored(ann.person.id).identities.front().last_used, at.test.clock.now());
  at.test.clock.advance(kTotpStep);
  EXPECT_FALSE(at.desk->give_factor(ticket, {.totp = at.test.code(ann.seed_base32)}, at.from()))
      << "a ticket serves once";
}

TEST(OidcDesk, TheProviderAloneLetsNobodyIn) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  at.link(ann);
  const auto outcome = at.go();
  ASSERT_EQ(at.reason_of(outcome), "factor wanted");
  const std::string ticket = std::get<OidcDesk::FactorWanted>(*outcome).ticket;

  const auto without = at.desk->give_factor(ticket, {}, at.from());
  const auto wrong = at.desk->give_factor(ticket, {.totp = "000000"}, at.from());

  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, "sign_in_failed");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "sign_in_failed");
  // A slip of the finger does not send anybody back to the provider.
  EXPECT_TRUE(at.desk->give_factor(ticket, {.totp = at.test.code(ann.seed_base32)}, at.from()));
}

TEST(OidcDesk, WrongCodesAreCountedAsAtEverySignIn) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  at.link(ann);
  const auto outcome = at.go();
  const std::string ticket = std::get<OidcDesk::FactorWanted>(*outcome).ticket;
  std::chrono::seconds wait{};
  for (int i = 0; i < 8 && wait.count() == 0; ++i) {
    wait = at.desk->give_factor(ticket, {.totp = "000000"}, at.from()).error().retry_after;
  }
  EXPECT_GT(wait.count(), 0);
  EXPECT_GT(at.test.sign_in.sign_in(at.test.try_of(ann, "no")).error().retry_after.count(), 0)
      << "one count for the password and the provider";
}

TEST(OidcDesk, SaysTheSameToWhoeverIsNotLinkedAndToWhoeverIsDisabled) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  at.test.add_account("desk-7");
  const auto bob = at.test.invited(ann, "bob@example.com", Role::kHolder, "desk-7");
  const auto stranger = at.go();
  EXPECT_TRUE(at.test.last_audit().contains(R"("action":"sign_in.refuse")"));
  at.link(bob);
  ASSERT_EQ(at.reason_of(at.go()), "factor wanted");
  ASSERT_TRUE(at.test.people.disable(at.test.caller_of(ann), TestSteppedUp::proof(),
                                     bob.person.id.text(), "left"));

  const auto disabled = at.go();

  ASSERT_FALSE(stranger);
  ASSERT_FALSE(disabled);
  EXPECT_EQ(stranger.error().reason, "oidc_sign_in_failed");
  EXPECT_EQ(disabled.error().reason, stranger.error().reason);
  EXPECT_EQ(disabled.error().detail, stranger.error().detail);
  EXPECT_EQ(disabled.error().kind, Problem::Kind::kNotSignedIn);
}

TEST(OidcDesk, WhoeverIsDisabledBetweenTheStepsIsRefused) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  const auto bob = at.test.invited(ann, "bob@example.com", Role::kOwner);
  at.link(bob);
  const auto outcome = at.go();
  const std::string ticket = std::get<OidcDesk::FactorWanted>(*outcome).ticket;
  ASSERT_TRUE(at.test.people.disable(at.test.caller_of(ann), TestSteppedUp::proof(),
                                     bob.person.id.text(), "left"));

  EXPECT_FALSE(at.desk->give_factor(ticket, {.totp = at.test.code(bob.seed_base32)}, at.from()));
}

TEST(OidcDesk, ACodeIsWorthNothingWithoutTheTicketOfItsBrowser) {
  AtTheDesk at;
  at.link(at.test.owner());
  const auto mine = at.desk->begin(kReturnTo).value();
  const auto theirs = at.desk->begin(kReturnTo).value();
  OidcDesk::Return swapped = at.come_back(mine);
  swapped.ticket = theirs.ticket;
  OidcDesk::Return without = swapped;
  without.ticket.clear();
  OidcDesk::Return no_state = at.come_back(mine);
  no_state.state.clear();

  for (const OidcDesk::Return& back : {swapped, without, no_state}) {
    EXPECT_EQ(at.reason_of(at.desk->finish(back, at.from())), "oidc_sign_in_failed");
  }
  EXPECT_EQ(at.provider.calls["/token"], 1) << "that of the link: no code was given on";
}

TEST(OidcDesk, ATicketServesOnceAndNotForLong) {
  AtTheDesk at;
  at.link(at.test.owner());
  const auto departure = at.desk->begin(kReturnTo).value();
  const OidcDesk::Return back = at.come_back(departure);
  ASSERT_EQ(at.reason_of(at.desk->finish(back, at.from())), "factor wanted");
  EXPECT_EQ(at.reason_of(at.desk->finish(back, at.from())), "oidc_sign_in_failed");

  const auto late = at.desk->begin(kReturnTo).value();
  at.test.clock.advance(OidcDesk::kTicketLife);
  EXPECT_EQ(at.reason_of(at.desk->finish(at.come_back(late), at.from())), "oidc_sign_in_failed");

  const auto before = at.desk->begin(kReturnTo).value();
  at.restart();
  EXPECT_EQ(at.reason_of(at.desk->finish(at.come_back(before), at.from())), "oidc_sign_in_failed");
}

TEST(OidcDesk, ATicketToLinkSignsNobodyInAndTheOtherWayRound) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  const Caller caller = at.test.caller_of(ann);
  const auto to_link = at.desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo).value();
  EXPECT_EQ(at.reason_of(at.desk->finish(at.come_back(to_link), at.from())), "oidc_sign_in_failed");
  const auto to_sign_in = at.desk->begin(kReturnTo).value();
  EXPECT_EQ(at.desk->finish_link(caller, at.come_back(to_sign_in)).error().reason,
            "oidc_link_failed");
  // Nor does another session finish what this one began.
  const auto began = at.desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo).value();
  EXPECT_EQ(at.desk->finish_link(at.test.caller_of(ann), at.come_back(began)).error().reason,
            "oidc_link_failed");
}

TEST(OidcDesk, AHostileProviderSignsNobodyInAndItsReasonIsForTheLog) {
  AtTheDesk at;
  at.link(at.test.owner());
  at.provider.change_claims = [](Json& claims) { claims["aud"] = "another"; };

  EXPECT_EQ(at.reason_of(at.go()), "oidc_sign_in_failed");

  EXPECT_TRUE(at.reported.contains("another client"));
  EXPECT_TRUE(at.test.last_audit().contains("another client"));
  at.provider.change_claims = {};
  at.restart();
  at.provider.down = true;
  EXPECT_EQ(at.reason_of(at.go()), "provider_unreachable");
  EXPECT_TRUE(at.reported.contains("no answer"));
}

TEST(OidcDesk, AnAccountHasOneOwnerAndALinkCanBeTakenBack) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  const auto bob = at.test.invited(ann, "bob@example.com", Role::kOwner);
  at.link(ann);
  const auto link_again = [&](const TestPeople::Known& who) {
    const Caller caller = at.test.caller_of(who);
    const auto departure = at.desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo).value();
    const auto linked = at.desk->finish_link(caller, at.come_back(departure));
    return linked ? std::string("linked") : linked.error().reason;
  };
  EXPECT_EQ(link_again(ann), "identity_known");
  EXPECT_EQ(link_again(bob), "identity_taken");

  const std::string id = identity_id(TestOidcProvider::kIssuer, "user-1");
  EXPECT_EQ(at.test.people.unlink_identity(at.test.caller_of(bob), TestSteppedUp::proof(), id)
                .error()
                .reason,
            "no_such_identity");
  const Caller caller = at.test.caller_of(ann);
  const auto unlinked = at.test.people.unlink_identity(caller, TestSteppedUp::proof(), id);
  ASSERT_TRUE(unlinked);
  EXPECT_TRUE(unlinked->person.identities.empty());
  EXPECT_TRUE(at.test.last_audit().contains(R"("action":"identity.unlink")"));
  EXPECT_EQ(at.reason_of(at.go()), "oidc_sign_in_failed");
  EXPECT_EQ(link_again(bob), "linked");
}

TEST(OidcDesk, LinksUpToItsLimitAndNotPast) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  for (std::size_t i = 0; i < kIdentitiesMax; ++i) {
    at.provider.subject = "user-" + std::to_string(i);
    at.link(ann);
  }
  at.provider.subject = "one-more";
  const Caller caller = at.test.caller_of(ann);
  const auto departure = at.desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo).value();
  EXPECT_EQ(at.desk->finish_link(caller, at.come_back(departure)).error().reason,
            "too_many_identities");
}

TEST(OidcDesk, TheProvidersSecondFactorCountsWhereTheOperatorSaysSo) {
  AtTheDesk at({.name = "Example", .trusted_means = {"otp", "hwk"}, .trusted_levels = {"gold"}});
  at.link(at.test.owner());

  EXPECT_EQ(at.reason_of(at.go()), "factor wanted") << "the token says nothing of one";
  at.provider.change_claims = [](Json& claims) { claims["amr"] = {"pwd"}; };
  EXPECT_EQ(at.reason_of(at.go()), "factor wanted");
  at.provider.change_claims = [](Json& claims) { claims["amr"] = {"pwd", "otp"}; };
  EXPECT_EQ(at.reason_of(at.go()), "signed in");
  EXPECT_TRUE(at.test.last_audit().contains(R"("factor":"identity provider")"));
  at.provider.change_claims = [](Json& claims) { claims["acr"] = "gold"; };
  EXPECT_EQ(at.reason_of(at.go()), "signed in");

  AtTheDesk by_default;
  by_default.link(by_default.test.owner());
  by_default.provider.change_claims = [](Json& claims) { claims["amr"] = {"mfa", ""}; };
  EXPECT_EQ(by_default.reason_of(by_default.go()), "factor wanted");
}

TEST(OidcDesk, WhoeverNeedsAPasskeyGivesThatAndNothingElse) {
  AtTheDesk at({.name = "Example", .trusted_means = {"otp"}, .trusted_levels = {}},
               TestPeople::Passkeys::kForGraveThings);
  const auto ann = at.test.owner();
  const TestAuthenticator authenticator;
  const std::string token =
      at.test.with_passkey(at.test.sign_in.sign_in(at.test.try_of(ann))->token, authenticator);
  at.test.clock.advance(kTotpStep);
  const Caller caller = at.test.sessions.caller(token, at.test.browser.source).value();
  const auto departure = at.desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo).value();
  ASSERT_TRUE(at.desk->finish_link(caller, at.come_back(departure)));
  at.provider.change_claims = [](Json& claims) { claims["amr"] = {"otp"}; };

  const auto outcome = at.go();

  ASSERT_EQ(at.reason_of(outcome), "factor wanted");
  const auto& wanted = std::get<OidcDesk::FactorWanted>(*outcome);
  EXPECT_FALSE(
      at.desk->give_factor(wanted.ticket, {.totp = at.test.code(ann.seed_base32)}, at.from()));
  const FactorAnswer answer{
      .passkey = PasskeyAnswer{.challenge_id = wanted.question.challenge.id,
                               .assertion = authenticator.use(wanted.question.challenge.bytes)}};
  const auto in = at.desk->give_factor(wanted.ticket, answer, at.from());
  ASSERT_TRUE(in) << in.error().reason;
  EXPECT_EQ(in->session.stage, SessionStage::kFull);
}

TEST(OidcDesk, AForcedNewFactorUnlinks) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  const auto bob = at.test.invited(ann, "bob@example.com", Role::kOwner);
  at.link(bob);
  ASSERT_TRUE(at.test.people.force_new_factor(at.test.caller_of(ann), TestSteppedUp::proof(),
                                              bob.person.id.text()));

  EXPECT_EQ(at.reason_of(at.go()), "oidc_sign_in_failed");
}

TEST(OidcDesk, AnOwnerUnlinksAnothersAccountAndEndsTheirSessions) {
  AtTheDesk at;
  const auto ann = at.test.owner();
  const auto bob = at.test.invited(ann, "bob@example.com", Role::kOperator);
  at.link(bob);
  const std::string identity = identity_id(TestOidcProvider::kIssuer, "user-1");
  const auto unlink = [&](const std::string& whose, const std::string& which) {
    return at.test.people.unlink_other(at.test.caller_of(ann), TestSteppedUp::proof(), whose,
                                       which);
  };
  const std::string id = bob.person.id.text();

  EXPECT_EQ(unlink(id, std::string(64, '0')).error().reason, "no_such_identity");
  EXPECT_EQ(unlink(std::string(32, '0'), identity).error().reason, "no_such_person");
  EXPECT_EQ(unlink(ann.person.id.text(), identity).error().reason, "not_yourself");
  const auto unlinked = unlink(id, identity);

  ASSERT_TRUE(unlinked) << unlinked.error().reason;
  EXPECT_TRUE(unlinked->identities.empty());
  EXPECT_EQ(unlinked->state, PersonState::kActive);
  EXPECT_TRUE(at.test.last_audit().contains(R"("action":"identity.unlink")"));
  EXPECT_TRUE(at.test.last_audit().contains(identity));
  EXPECT_TRUE(at.test.last_audit().contains(id));
  EXPECT_EQ(at.test.people.session_count(*unlinked).value(), 0U);
  EXPECT_EQ(at.reason_of(at.go()), "oidc_sign_in_failed");
  EXPECT_EQ(
      at.test.people.unlink_other({.name = "root", .source = "local"}, id, identity).error().reason,
      "no_such_identity");
}

}  // namespace
}  // namespace counterfoil
