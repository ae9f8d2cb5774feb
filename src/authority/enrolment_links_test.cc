#include "authority/enrolment_links.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/throttle.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/people_records.h"
#include "authority/sign_in_throttle.h"
#include "base/account_id.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "policy/profile.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using State = EnrolmentLinks::State;

// The shipped profile has permissions for the management API.
Profile shipped_profile() {
  std::ifstream stream(COUNTERFOIL_SOURCE_DIR "/profiles/binance-spot.toml");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return *Profile::parse(text, "binance-spot.toml");
}

class EnrolmentLinksTest : public testing::Test {
 protected:
  EnrolmentLinksTest() {
    // Whatever was made a moment before a link does not speak against it.
    person_.state_since = person_.created = authority_.clock.now();
    store_person();
    authority_.clock.advance(1min);
  }
  void store_person() {
    const auto present = find_person(*authority_.registry, person_.id);
    ASSERT_TRUE(present.has_value());
    ASSERT_TRUE(
        authority_.registry
            ->commit({.writes = {person_write(person_, *present ? (*present)->modified : 0)}})
            .has_value());
  }
  static EnrolmentWish wish(Scheme scheme = Scheme::kHmacSha256) {
    EnrolmentWish wanted;
    wanted.key.account = "demo";
    wanted.key.label = "theirs";
    wanted.key.allow_list = "203.0.113.7";
    wanted.key.material.scheme = scheme;
    return wanted;
  }
  // prepared gives the token of a new link that the person made.
  std::string prepared(const EnrolmentWish& wanted = wish()) {
    auto made = links_.prepare(wanted, maker_, person_.id);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    last_ = made->link;
    return std::string(made->token);
  }
  // reason_of_use is empty when an API key was made.
  std::string reason_of_use(std::string_view token) {
    const auto issued = links_.use(token, {}, bearer_);
    return issued ? std::string() : issued.error().reason;
  }
  std::string reason_of_open(std::string_view token) {
    const auto link = links_.open(token, bearer_);
    return link ? std::string() : link.error().reason;
  }
  [[nodiscard]] State state() const { return links_.find(last_.id)->state; }

  TestAuthority authority_{{}, shipped_profile()};
  SignInThrottle throttle_{*authority_.registry, HmacKey::from_secret(as_bytes("names")).value()};
  EnrolmentLinks links_{{.audited = authority_.audited,
                         .issuer = *authority_.issuer,
                         .throttle = throttle_,
                         .random = authority_.random}};
  Person person_{.id = *PersonId::generate(authority_.random),
                 .email = "ann@example.com",
                 .name = "Ann",
                 .role = Role::kHolder,
                 .account = AccountId::parse("demo"),
                 .state = PersonState::kActive};
  Actor maker_{.name = "person:ann", .source = "203.0.113.9"};
  IpAddress bearer_ = *IpAddress::parse("198.51.100.4");
  EnrolmentLink last_{.id = {}, .account = *AccountId::parse("demo")};
};

TEST_F(EnrolmentLinksTest, GivesNoRightsThatItsMakerLacksThenOrNow) {
  EnrolmentWish wanted = wish();
  wanted.key.permissions = "MANAGEMENT_OPERATOR";
  maker_.role = Role::kHolder;
  const auto refused = links_.prepare(wanted, maker_, person_.id);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "permission_beyond_role");

  // An operator may; who is one no longer when the link is used could not have made the key then.
  person_.role = Role::kOperator;
  store_person();
  maker_.role = Role::kOperator;
  const std::string token = prepared(wanted);
  person_.role = Role::kHolder;
  store_person();
  EXPECT_EQ(reason_of_use(token), "permission_beyond_role");

  person_.role = Role::kOperator;
  store_person();
  EXPECT_EQ(reason_of_use(token), "");
}

TEST_F(EnrolmentLinksTest, MakesTheApiKeyThatWasPreparedForWhoeverBearsTheLink) {
  const std::string token = prepared();

  const auto shown = links_.open(token, bearer_);
  const auto issued = links_.use(token, {}, bearer_);

  ASSERT_TRUE(shown) << shown.error().detail;
  EXPECT_EQ(shown->permissions, "USER_DATA");
  ASSERT_TRUE(issued) << issued.error().detail;
  EXPECT_TRUE(issued->secret.has_value());
  EXPECT_EQ(issued->key.label, "theirs");
  EXPECT_EQ(issued->key.account.text(), "demo");
  EXPECT_EQ(issued->key.allow_list.to_text(), "203.0.113.7");
  const auto listed = links_.of("demo");
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().state, State::kUsed);
  EXPECT_EQ(listed->front().link.used->api_key, issued->key.id.text());
}

TEST_F(EnrolmentLinksTest, WantsAProofThatThePrivateKeyIsHeld) {
  const std::string token = prepared(wish(Scheme::kEd25519));
  const PrivateKey key = PrivateKey::generate(Scheme::kEd25519, authority_.random).value();
  KeyMaterial material{.scheme = Scheme::kEd25519,
                       .public_key = key.public_key().pem(),
                       .possession_nonce = {},
                       .possession_signature = {}};

  EXPECT_FALSE(links_.use(token, material, bearer_));
  const auto challenge = links_.challenge(token, material.public_key, bearer_);
  ASSERT_TRUE(challenge) << challenge.error().detail;
  material.possession_nonce = challenge->nonce;
  material.possession_signature = to_base64(key.sign(as_bytes(challenge->text)).value());
  const auto issued = links_.use(token, material, bearer_);

  ASSERT_TRUE(issued) << issued.error().detail;
  EXPECT_FALSE(issued->secret.has_value());
}

TEST_F(EnrolmentLinksTest, TakesNoOtherTypeThanThePreparedOne) {
  const std::string token = prepared(wish(Scheme::kEd25519));

  EXPECT_EQ(reason_of_use(token), "type_not_prepared");
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(EnrolmentLinksTest, EveryTokenThatIsNoGoodHasOneAnswer) {
  const std::string used = prepared();
  EXPECT_EQ(reason_of_use(used), "");
  const std::string withdrawn = prepared();
  ASSERT_TRUE(links_.withdraw(last_.id, maker_));
  const std::string run_out = prepared();
  authority_.clock.advance(kEnrolmentLinkLife);
  const std::string unknown(43, 'A');

  std::optional<std::string> detail;
  for (const std::string& token : {used, withdrawn, run_out, unknown, std::string("short")}) {
    for (const auto& problem :
         {links_.open(token, bearer_).error(), links_.use(token, {}, bearer_).error(),
          links_.challenge(token, "x", bearer_).error()}) {
      EXPECT_EQ(problem.reason, "enrolment_link_closed");
      EXPECT_EQ(problem.kind, Problem::Kind::kNotAllowed);
      EXPECT_EQ(problem.detail, detail.value_or(problem.detail));
      detail = problem.detail;
    }
  }
}

TEST_F(EnrolmentLinksTest, EndsAtItsEndAndNotBefore) {
  const std::string token = prepared();
  authority_.clock.advance(kEnrolmentLinkLife - 1us);
  EXPECT_EQ(reason_of_open(token), "");

  authority_.clock.advance(1us);

  EXPECT_EQ(reason_of_open(token), "enrolment_link_closed");
  EXPECT_EQ(state(), State::kRunOut);
}

// What a thief in the maker's session, or a maker who had to go, has prepared must not outlive
// that.
TEST_F(EnrolmentLinksTest, IsVoidOnceTheMakerMayNotMakeTheKeyAnyMore) {
  struct Case {
    std::string_view name;
    std::function<void(Person&, Timestamp)> happens;
  };
  const std::vector<Case> cases{
      {"disabled",
       [](Person& one, Timestamp now) {
         one.state = PersonState::kDisabled;
         one.state_since = now;
       }},
      {"disabled and enabled again", [](Person& one, Timestamp now) { one.state_since = now; }},
      {"another password", [](Person& one, Timestamp now) { one.password_changed = now; }},
      {"other factors", [](Person& one, Timestamp now) { one.factors_changed = now; }},
      {"factors to be renewed", [](Person& one, Timestamp) { one.must_renew_factors = true; }},
      {"another account", [](Person& one, Timestamp) { one.account = AccountId::parse("other"); }},
      {"an auditor by now", [](Person& one, Timestamp) { one.role = Role::kAuditor; }},
  };
  const Person as_it_was = person_;
  for (const Case& one : cases) {
    const std::string token = prepared();
    authority_.clock.advance(1s);
    one.happens(person_, authority_.clock.now());
    store_person();

    EXPECT_EQ(reason_of_open(token), "enrolment_link_closed") << one.name;
    EXPECT_EQ(reason_of_use(token), "enrolment_link_closed") << one.name;
    EXPECT_EQ(state(), State::kVoid) << one.name;

    person_ = as_it_was;
    store_person();
    ASSERT_TRUE(links_.withdraw(last_.id, maker_));
  }
  EXPECT_TRUE(authority_.issuer->keys_of("demo")->empty());
}

TEST_F(EnrolmentLinksTest, IsVoidForGoodOnceTheAccountWasSuspended) {
  const std::string token = prepared();
  authority_.clock.advance(1s);
  ASSERT_TRUE(authority_.issuer->suspend_account("demo", "", authority_.actor));
  EXPECT_EQ(reason_of_open(token), "enrolment_link_closed");

  authority_.clock.advance(1s);
  ASSERT_TRUE(authority_.issuer->resume_account("demo", authority_.actor));

  EXPECT_EQ(reason_of_open(token), "enrolment_link_closed");
  EXPECT_EQ(state(), State::kVoid);
}

TEST_F(EnrolmentLinksTest, OfTheAdminSocketDependsOnNoPerson) {
  const auto made = links_.prepare(wish(), authority_.actor, std::nullopt);

  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(reason_of_use(made->token), "");
}

TEST_F(EnrolmentLinksTest, OfASubAccountIsTheMastersToMake) {
  ASSERT_TRUE(authority_.issuer->create_account(
      "sub", "Sub", authority_.actor,
      Issuer::SubAccountOf{.master = "demo", .email = "sub@example.com"}));
  authority_.clock.advance(1s);
  EnrolmentWish wanted = wish();
  wanted.key.account = "sub";

  EXPECT_EQ(reason_of_use(prepared(wanted)), "");
}

// Another node takes the link away between the look at it and the commit of the API key.
TEST_F(EnrolmentLinksTest, MakesNothingWhenTheLinkGoesWhileItIsUsed) {
  const std::string token = prepared();
  const Record link = authority_.store->list(RecordKind::kEnrolmentLink, "", 1)->front();
  constexpr int kOfTheThrottle = 2;
  int commits = 0;
  authority_.registry->before_commit = [&] {
    if (++commits == kOfTheThrottle + 1) {
      ASSERT_TRUE(authority_.store
                      ->commit({.writes = {{.kind = RecordKind::kEnrolmentLink,
                                            .id = link.id,
                                            .expected_modified = link.modified}}})
                      .has_value());
    }
  };

  EXPECT_EQ(reason_of_use(token), "enrolment_link_closed");
  EXPECT_GT(commits, kOfTheThrottle);
  EXPECT_TRUE(authority_.issuer->keys_of("demo")->empty());
}

// The same for the maker's right, which a record of another kind holds.
TEST_F(EnrolmentLinksTest, MakesNothingWhenTheMakerGoesWhileItIsUsed) {
  const std::string token = prepared();
  constexpr int kOfTheThrottle = 2;
  int commits = 0;
  authority_.registry->before_commit = [&] {
    if (++commits == kOfTheThrottle + 1) {
      person_.state = PersonState::kDisabled;
      const auto present = find_person(*authority_.store, person_.id);
      ASSERT_TRUE(
          authority_.store->commit({.writes = {person_write(person_, (*present)->modified)}})
              .has_value());
    }
  };

  EXPECT_EQ(reason_of_use(token), "enrolment_link_closed");
  EXPECT_TRUE(authority_.issuer->keys_of("demo")->empty());
}

TEST_F(EnrolmentLinksTest, SaysAtOnceWhatTheKeyWouldBeRefusedFor) {
  EnrolmentWish wanted = wish();
  wanted.key.permissions = "TRADE";
  wanted.key.allow_list = "any";
  EXPECT_EQ(links_.prepare(wanted, maker_, person_.id).error().reason, "allow_list_required");
  wanted = wish();
  wanted.key.account = "nobody";
  EXPECT_EQ(links_.prepare(wanted, maker_, person_.id).error().reason, "no_such_account");
}

TEST_F(EnrolmentLinksTest, LivesAsLongAsAskedWithinItsLimits) {
  EnrolmentWish wanted = wish();
  for (const auto& [life, is_fine] : std::vector<std::pair<std::chrono::seconds, bool>>{
           {59s, false}, {60s, true}, {7 * 24h, true}, {7 * 24h + 1s, false}}) {
    wanted.life = life;
    EXPECT_EQ(links_.prepare(wanted, maker_, person_.id).has_value(), is_fine) << life.count();
  }
}

TEST_F(EnrolmentLinksTest, AnAccountHasOnlySoManyOpenOnes) {
  for (std::size_t i = 0; i < kOpenLinksPerAccountMax; ++i) {
    (void)prepared();
  }
  EXPECT_EQ(links_.prepare(wish(), maker_, person_.id).error().reason, "too_many_links");

  ASSERT_TRUE(links_.withdraw(last_.id, maker_));

  EXPECT_TRUE(links_.prepare(wish(), maker_, person_.id).has_value());
}

TEST_F(EnrolmentLinksTest, CountsWrongTokensLikeWrongTriesToSignInAndRightOnesNot) {
  const std::string token = prepared();
  for (std::size_t i = 0; i < 2 * std::size_t{kTriesOfSource.per_hour}; ++i) {
    ASSERT_EQ(reason_of_open(token), "") << i;
  }
  for (std::size_t i = 0; i < kTriesOfSource.per_hour; ++i) {
    ASSERT_EQ(reason_of_open(std::string(43, 'A')), "enrolment_link_closed") << i;
  }

  const auto held = links_.open(token, bearer_);

  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().reason, "too_many_tries");
  EXPECT_GT(held.error().retry_after, 0s);
  EXPECT_TRUE(links_.open(token, *IpAddress::parse("192.0.2.1")));
}

TEST_F(EnrolmentLinksTest, IsToldOfInTheAuditLogFromMakingToUse) {
  const std::string token = prepared();
  EXPECT_TRUE(authority_.last_audit().contains(R"("action":"enrolment_link.make")"));
  EXPECT_TRUE(authority_.last_audit().contains(R"("actor":"person:ann")"));

  ASSERT_EQ(reason_of_use(token), "");
  const std::string use = authority_.last_audit();
  EXPECT_TRUE(use.contains(R"("action":"enrolment_link.use")")) << use;
  EXPECT_TRUE(use.contains(R"("actor":"enrolment:)" + last_.id)) << use;
  EXPECT_TRUE(use.contains(R"("source":"198.51.100.4")")) << use;
  EXPECT_FALSE(use.contains(token));

  (void)prepared();
  ASSERT_TRUE(links_.withdraw(last_.id, maker_));
  EXPECT_TRUE(authority_.last_audit().contains(R"("action":"enrolment_link.withdraw")"));
}

TEST_F(EnrolmentLinksTest, AUsedLinkCannotBeWithdrawn) {
  ASSERT_EQ(reason_of_use(prepared()), "");

  EXPECT_EQ(links_.withdraw(last_.id, maker_).error().reason, "enrolment_link_used");
  EXPECT_EQ(links_.withdraw("nobody's", maker_).error().reason, "no_such_enrolment_link");
}

TEST_F(EnrolmentLinksTest, IsErasedSomeDaysAfterItsEnd) {
  (void)prepared();
  authority_.clock.advance(kEnrolmentLinkLife + kEnrolmentLinkKept - 1us);
  EXPECT_EQ(*links_.sweep(), 0U);
  EXPECT_EQ(links_.all()->size(), 1U);

  authority_.clock.advance(1us);

  EXPECT_TRUE(links_.all()->empty());
  EXPECT_EQ(*links_.sweep(), 1U);
  EXPECT_EQ(links_.find(last_.id).error().reason, "no_such_enrolment_link");
}

TEST_F(EnrolmentLinksTest, NoTokenIsStored) {
  const std::string token = prepared();

  const auto records = authority_.registry->list(RecordKind::kEnrolmentLink, "", kListMax);

  ASSERT_EQ(records->size(), 1U);
  EXPECT_FALSE(records->front().id.contains(token));
  EXPECT_FALSE(records->front().bytes.contains(token));
}

}  // namespace
}  // namespace counterfoil
