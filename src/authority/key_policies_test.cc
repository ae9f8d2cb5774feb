// Automatic policies: who is found fault with, and the steps that follow.

#include "authority/key_policies.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/policy_watch.h"
#include "authority/test_use.h"
#include "base/account_id.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using Act = PolicyStep::Act;

KeyPolicies enforced() {
  KeyPolicies policies;
  for (auto* const rule : {&policies.unused, &policies.unbound, &policies.endless}) {
    rule->mode = PolicyMode::kEnforce;
  }
  return policies;
}

class NextStepTest : public testing::Test {
 protected:
  NextStepTest() {
    key_.created = kTestStart;
    key_.expires_at = kTestStart + days(365);
    key_.permissions = trade_;
    key_.allow_list = *AllowList::parse("192.0.2.7");
  }
  [[nodiscard]] PolicyStep step(days after_creation, const KeyPolicies& policies = enforced()) {
    return next_step(key_, use_, policies, trade_, kTestStart + after_creation);
  }

  PermissionSet trade_ = PermissionSet::of_index(1);
  ApiKey key_{.id = *ApiKeyId::parse(std::string(64, 'K')), .account = *AccountId::parse("demo")};
  KeyUse use_ = KeyUse::kUsed;
};

TEST_F(NextStepTest, AKeyInOrderIsLeftAlone) { EXPECT_EQ(step(days(300)).act, Act::kNothing); }

TEST_F(NextStepTest, AnUnusedKeyIsNoticedWhenItIsOldEnough) {
  use_ = KeyUse::kUnused;
  EXPECT_EQ(step(days(29)).act, Act::kNothing);
  EXPECT_EQ(step(days(30)), (PolicyStep{.act = Act::kNotify, .policy = "unused"}));
}

TEST_F(NextStepTest, AKeyThatTradesFromAnywhereIsNoticed) {
  key_.allow_list = *AllowList::parse("any");
  EXPECT_EQ(step(days(13)).act, Act::kNothing);
  EXPECT_EQ(step(days(14)), (PolicyStep{.act = Act::kNotify, .policy = "unbound"}));
  key_.permissions = PermissionSet::of_index(0);  // reading alone
  EXPECT_EQ(step(days(14)).act, Act::kNothing);
}

TEST_F(NextStepTest, AKeyWithoutAnEndIsNoticed) {
  key_.expires_at.reset();
  EXPECT_EQ(step(days(89)).act, Act::kNothing);
  EXPECT_EQ(step(days(90)), (PolicyStep{.act = Act::kNotify, .policy = "endless"}));
}

TEST_F(NextStepTest, EachStepHasItsTime) {
  use_ = KeyUse::kUnused;
  key_.notice = PolicyNotice{.policy = "unused", .since = kTestStart + days(30)};
  EXPECT_EQ(step(days(43)).act, Act::kNothing);
  EXPECT_EQ(step(days(44)), (PolicyStep{.act = Act::kRestrict, .policy = "unused"}));
  key_.notice->restricted_since = kTestStart + days(44);
  EXPECT_EQ(next_step(key_, use_, enforced(), trade_, kTestStart + days(45) - 1s).act,
            Act::kNothing);
  EXPECT_EQ(step(days(45)), (PolicyStep{.act = Act::kSuspend, .policy = "unused"}));
}

TEST_F(NextStepTest, AWarningGoesNoFurther) {
  use_ = KeyUse::kUnused;
  const KeyPolicies warning;
  EXPECT_EQ(step(days(30), warning).act, Act::kNotify);
  key_.notice = PolicyNotice{.policy = "unused", .since = kTestStart + days(30)};
  EXPECT_EQ(step(days(300), warning).act, Act::kNothing);
  // What was begun when the rule was enforced ends with it.
  key_.notice->restricted_since = kTestStart + days(44);
  EXPECT_EQ(step(days(300), warning).act, Act::kClear);
}

TEST_F(NextStepTest, WhatIsOffOrExemptIsLeftAlone) {
  use_ = KeyUse::kUnused;
  KeyPolicies policies = enforced();
  policies.unused.mode = PolicyMode::kOff;
  EXPECT_EQ(step(days(300), policies).act, Act::kNothing);
  key_.imported = true;
  EXPECT_EQ(step(days(300)).act, Act::kNothing);
  key_.imported = false;
  key_.state = KeyState::kSuspended;
  EXPECT_EQ(step(days(300)).act, Act::kNothing);
}

TEST_F(NextStepTest, ANoticeIsTakenBackWhenItsCauseIsGone) {
  key_.notice = PolicyNotice{.policy = "unused", .since = kTestStart + days(30)};
  EXPECT_EQ(step(days(31)).act, Act::kClear);
  key_.state = KeyState::kSuspended;  // of a suspended key it says why
  EXPECT_EQ(step(days(31)).act, Act::kNothing);
}

TEST_F(NextStepTest, ANoticeRunsOnWhenAnotherFaultIsFound) {
  use_ = KeyUse::kUnused;
  key_.allow_list = *AllowList::parse("any");
  key_.notice = PolicyNotice{.policy = "unused", .since = kTestStart + days(30)};
  EXPECT_EQ(step(days(31)).act, Act::kNothing);
  use_ = KeyUse::kUsed;
  EXPECT_EQ(step(days(31)), (PolicyStep{.act = Act::kNotify, .policy = "unbound"}));
}

class PolicyWatchTest : public testing::Test {
 protected:
  // Looks once, however long the pause between two rounds is.
  void look() {
    house_.clock.advance(PolicyWatch::kPause);
    const auto looked = watch_.look();
    ASSERT_TRUE(looked.has_value()) << looked.error().detail;
  }
  [[nodiscard]] ApiKey stored() const { return house_.issuer->stored_key(id_)->key; }

  TestAuthority house_{IssuerRules{.default_life = std::chrono::hours(24 * 365)}};
  std::string id_ = house_.new_key().id();
  bool usage_is_told_ = true;
  PolicyWatch watch_{{.issuer = *house_.issuer,
                      .journal = *house_.gateway->journal,
                      .needs_allow_list = house_.profile.permissions_needing_allow_list(),
                      .clock = house_.clock,
                      .usage_is_told = [this] { return usage_is_told_; }},
                     enforced()};
};

TEST_F(PolicyWatchTest, AnUnusedKeyGoesThroughAllSteps) {
  house_.clock.advance(days(29));
  look();
  EXPECT_EQ(stored().notice, std::nullopt);
  house_.clock.advance(days(1));
  look();
  ASSERT_TRUE(stored().notice.has_value());
  EXPECT_EQ(stored().notice->policy, "unused");
  EXPECT_NE(house_.last_audit().find("key.policy_notice"), std::string::npos);

  house_.clock.advance(days(14));
  look();
  ASSERT_TRUE(stored().notice->restricted_since.has_value());
  EXPECT_TRUE(house_.replica->find(stored().id)->restricted);
  EXPECT_EQ(stored().state, KeyState::kActive);

  house_.clock.advance(days(1));
  look();
  EXPECT_EQ(stored().state, KeyState::kSuspended);
  EXPECT_EQ(stored().state_cause, "policy: unused");

  // Resumed by its owner, it has all its time again.
  ASSERT_TRUE(house_.issuer->resume_key(id_, house_.actor).has_value());
  EXPECT_EQ(stored().notice, std::nullopt);
  look();
  EXPECT_EQ(stored().state, KeyState::kActive);
  EXPECT_EQ(stored().notice->restricted_since, std::nullopt);
}

TEST_F(PolicyWatchTest, UseOrAnEditTakesTheNoticeAway) {
  house_.clock.advance(days(30));
  look();
  ASSERT_TRUE(stored().notice.has_value());
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.label = "mine"}, house_.actor).has_value());
  EXPECT_EQ(stored().notice, std::nullopt);
  look();
  ASSERT_TRUE(stored().notice.has_value());

  const UsageRow use = test_use(id_, house_.clock.now());
  ASSERT_TRUE(house_.gateway->journal->record_usage({&use, 1}).has_value());
  look();
  EXPECT_EQ(stored().notice, std::nullopt);
  EXPECT_NE(house_.last_audit().find("key.policy_clear"), std::string::npos);
}

TEST_F(PolicyWatchTest, NothingHappensWhileTheJournalDoesNotKnowAllUse) {
  usage_is_told_ = false;
  house_.clock.advance(days(60));
  look();
  EXPECT_EQ(stored().notice, std::nullopt);
}

TEST_F(PolicyWatchTest, EveryKeyHasItsTurnInARound) {
  for (int more = 0; more < 5; ++more) {
    (void)house_.new_key();
  }
  house_.clock.advance(days(30));
  look();
  const auto keys = house_.issuer->keys("", 10).value();
  ASSERT_EQ(keys.size(), 6U);
  for (const ApiKey& key : keys) {
    EXPECT_TRUE(key.notice.has_value());
  }
}

}  // namespace
}  // namespace counterfoil
