#include "authority/gatekeeper.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "authority/acceptance.h"
#include "authority/authority_fixture.h"
#include "authority/gatekeeper_fixture.h"
#include "authority/key_policies.h"
#include "authority/own_key.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "registry/registry.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(GatekeeperTest, AcceptsAGoodRequestAndSaysWhoSignedIt) {
  const auto admission = send(sign("symbol=BTCUSDT&"), ordering());

  ASSERT_TRUE(admission.has_value());
  EXPECT_EQ(admission->key->account.text(), "demo");
  EXPECT_EQ(admission->claims.api_key, key_.key.id);
  EXPECT_EQ(admission->pair, 1U);
  EXPECT_EQ(admission->orders, 1U);
  EXPECT_EQ(admission->route, &ordering());
}

// ---- the order of the checks: each request is wrong in two ways, and the earlier one is told

TEST_F(GatekeeperTest, TheAddressesBudgetComesBeforeTheFormOfTheKey) {
  Sent sent = sign("");
  sent.api_key = "short";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reason_of(sent, reading()), Reason::kApiKeyMalformed);
  }

  EXPECT_EQ(reason_of(sent, reading()), Reason::kAddressOverBudget);
}

TEST_F(GatekeeperTest, UnknownKeysAndWrongSignaturesCostTheAddressAsMuchAsOthers) {
  Sent unknown = sign("a=1&");
  unknown.api_key = std::string(64, 'u');
  Sent wrong = sign("a=1&");
  wrong.signature = std::string(64, '0');

  EXPECT_EQ(reason_of(unknown, reading()), Reason::kApiKeyUnknown);
  EXPECT_EQ(usage_.used[0], 20U);
  EXPECT_EQ(reason_of(wrong, reading()), Reason::kSignatureWrong);
  EXPECT_EQ(usage_.used[0], 40U);
}

TEST_F(GatekeeperTest, TheFormOfTheKeyComesBeforeMandatoryParameters) {
  Sent sent = sign("");
  sent.api_key = "short";
  sent.timestamp = "";

  EXPECT_EQ(reason_of(sent, reading()), Reason::kApiKeyMalformed);
}

TEST_F(GatekeeperTest, MandatoryParametersComeBeforeTime) {
  Sent sent = sign("", kNow - std::chrono::hours(1));
  sent.signature.clear();

  EXPECT_EQ(reason_of(sent, reading()), Reason::kSignatureMissing);
}

TEST_F(GatekeeperTest, TimeComesBeforeTheKey) {
  Sent sent = sign("", kNow - std::chrono::hours(1));
  sent.api_key = std::string(64, 'u');

  EXPECT_EQ(reason_of(sent, reading()), Reason::kTimestampLate);
}

TEST_F(GatekeeperTest, TheKeyComesBeforeTheSignature) {
  Sent sent = sign("");
  sent.api_key = std::string(64, 'u');
  sent.signature = "nothing that fits";

  EXPECT_EQ(reason_of(sent, reading()), Reason::kApiKeyUnknown);
}

TEST_F(GatekeeperTest, TheSignatureComesBeforeStateAddressAndPermission) {
  ASSERT_TRUE(house_.issuer->suspend_key(key_.id(), "leak", house_.actor).has_value());
  Sent sent = sign("");
  sent.source = kElsewhere;
  sent.signature = std::string(64, '0');

  EXPECT_EQ(reason_of(sent, reading()), Reason::kSignatureWrong);
}

TEST_F(GatekeeperTest, StateComesBeforeAddressAndAddressBeforePermission) {
  Sent sent = sign("");
  sent.source = kElsewhere;
  ASSERT_TRUE(
      house_.issuer->edit_key(key_.id(), {.permissions = "USER_DATA"}, house_.actor).has_value());
  EXPECT_EQ(reason_of(sent, ordering()), Reason::kAddressNotAllowed);
  sent.source = kHome;
  EXPECT_EQ(reason_of(sent, ordering()), Reason::kPermissionMissing);
  sent.source = kElsewhere;

  ASSERT_TRUE(house_.issuer->suspend_key(key_.id(), "leak", house_.actor).has_value());

  EXPECT_EQ(reason_of(sent, ordering()), Reason::kApiKeySuspended);
}

TEST_F(GatekeeperTest, PermissionComesBeforeReplay) {
  const Sent sent = sign("");
  ASSERT_EQ(reason_of(sent, ordering()), std::nullopt);
  ASSERT_TRUE(
      house_.issuer->edit_key(key_.id(), {.permissions = "USER_DATA"}, house_.actor).has_value());

  EXPECT_EQ(reason_of(sent, ordering()), Reason::kPermissionMissing);
}

TEST_F(GatekeeperTest, ReplayComesBeforeTheAccountsLimits) {
  const Sent first = sign("a=0&");
  ASSERT_EQ(reason_of(first, ordering()), std::nullopt);
  ASSERT_EQ(reason_of(sign("a=1&"), ordering()), std::nullopt);
  ASSERT_EQ(reason_of(sign("a=2&"), ordering()), std::nullopt);

  EXPECT_EQ(reason_of(sign("a=3&"), ordering()), Reason::kAccountOverOrders);
  EXPECT_EQ(reason_of(first, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, ADoorCannotAskForLessThanTheRoute) {
  const auto reader = house_.new_key("USER_DATA");
  Sent sent = sign("");
  sent.api_key = reader.id();
  sent.signature = hmac_hex(reader.secret, sent.payload);  // view() asks for no permission at all

  EXPECT_EQ(reason_of(sent, ordering()), Reason::kPermissionMissing);
}

// ---- withdraw and settle

TEST_F(GatekeeperTest, WhatWasNotForwardedLeavesNoFingerprintAndCountsNoOrder) {
  const Sent sent = sign("symbol=BTCUSDT&");
  for (int i = 0; i < 10; ++i) {
    const auto admission = send(sent, ordering());
    ASSERT_TRUE(admission.has_value()) << i;
    gatekeeper_->withdraw(*admission, usage_);
    address_limits_.refund(kHome, 1, house_.clock.now(), usage_);
  }

  EXPECT_EQ(replays_->size(), 0U);
  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
}

TEST_F(GatekeeperTest, ARequestThatALimitHeldBackLeavesNoFingerprint) {
  ASSERT_EQ(reason_of(sign("a=0&"), ordering()), std::nullopt);
  ASSERT_EQ(reason_of(sign("a=1&"), ordering()), std::nullopt);
  ASSERT_EQ(reason_of(sign("a=2&"), ordering()), std::nullopt);
  const Sent held_back = sign("a=3&");
  ASSERT_EQ(reason_of(held_back, ordering()), Reason::kAccountOverOrders);

  EXPECT_EQ(reason_of(held_back, cancelling()), std::nullopt);
}

TEST_F(GatekeeperTest, SettlingGivesBackWhatASuccessDoesNotCost) {
  const auto charge = gatekeeper_->charge_address(kHome, 20, house_.clock.now(), usage_);
  ASSERT_TRUE(charge.has_value());
  ASSERT_EQ(usage_.used[0], 20U);

  gatekeeper_->settle(*charge, reading(), usage_);

  EXPECT_EQ(usage_.used[0], 5U);
}

TEST_F(GatekeeperTest, SettlingGivesNothingBackWhereTheProfileSaysNothing) {
  const auto charge = gatekeeper_->charge_address(kHome, 1, house_.clock.now(), usage_);
  ASSERT_TRUE(charge.has_value());

  gatekeeper_->settle(*charge, ordering(), usage_);

  EXPECT_EQ(usage_.used[0], 1U);
}

// ---- too many wrong signatures

TEST_F(GatekeeperTest, GuessingHoldsBackThatAddressForThatKeyAlone) {
  Sent wrong = sign("a=1&");
  wrong.signature = std::string(64, '0');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(reason_of(wrong, ordering()), Reason::kSignatureWrong);
  }

  EXPECT_EQ(reason_of(wrong, ordering()), Reason::kPairOverBudget);
  EXPECT_EQ(reason_of(sign("a=1&"), ordering()), Reason::kPairOverBudget);
  Sent other_address = sign("a=1&");
  other_address.source = *IpAddress::parse("203.0.113.8");
  EXPECT_EQ(reason_of(other_address, ordering()), std::nullopt);
}

// Where the answers are alike, so are the work and the counting.
class AlikeAnswersTest : public GatekeeperTest {
 protected:
  AlikeAnswersTest() : GatekeeperTest(test_profile("format = \"problem\"\n")) {}
};

TEST_F(AlikeAnswersTest, AnUnknownAndARevokedKeyAreHeldBackLikeAWrongSignature) {
  Sent unknown = sign("a=1&");
  unknown.api_key = std::string(64, 'u');
  const auto revoked_key = house_.new_key();
  ASSERT_TRUE(house_.issuer->revoke_key(revoked_key.id(), "", house_.actor).has_value());
  Sent revoked = sign("a=1&");
  revoked.api_key = revoked_key.id();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(reason_of(unknown, ordering()), Reason::kApiKeyUnknown);
    EXPECT_EQ(reason_of(revoked, ordering()), Reason::kApiKeyRevoked);
  }

  EXPECT_EQ(reason_of(unknown, ordering()), Reason::kPairOverBudget);
  EXPECT_EQ(reason_of(revoked, ordering()), Reason::kPairOverBudget);
}

// ---- self-revoke

TEST_F(GatekeeperTest, ASuspendedOrExpiredKeyMayStillRevokeItselfAndNothingElse) {
  ASSERT_TRUE(house_.issuer->suspend_key(key_.id(), "leak", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->suspend_account("demo", "unpaid", house_.actor).has_value());

  EXPECT_EQ(reason_of(sign("a=1&"), reading()), Reason::kApiKeySuspended);
  EXPECT_EQ(reason_of(sign("a=1&"), self_revoking()), std::nullopt);
}

TEST_F(GatekeeperTest, SelfRevokeKeepsToTheAllowListAndTheSignature) {
  Sent elsewhere = sign("a=1&");
  elsewhere.source = kElsewhere;
  Sent wrong = sign("a=1&");
  wrong.signature = std::string(64, '0');

  EXPECT_EQ(reason_of(elsewhere, self_revoking()), Reason::kAddressNotAllowed);
  EXPECT_EQ(reason_of(wrong, self_revoking()), Reason::kSignatureWrong);
}

TEST_F(GatekeeperTest, SelfRevokeEndsTheKeyThatSignedIt) {
  const std::string asked = "action=self-revoke&apiKey=" + key_.id() + "&";
  const Sent sent = sign(asked);
  const auto admission = send(sent, self_revoking());
  ASSERT_TRUE(admission.has_value());

  const auto answer = self_revoke(*house_.issuer, *admission, sent.payload, "", kHome);

  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find("\"state\":\"revoked\""), std::string::npos);
  EXPECT_EQ(house_.issuer->find_key(key_.id())->state, KeyState::kRevoked);
  EXPECT_EQ(reason_of(sign("a=2&"), reading()), Reason::kApiKeyRevoked);
  EXPECT_NE(house_.last_audit().find("\"key:" + key_.id().substr(0, 8) + "\""), std::string::npos);
}

TEST_F(GatekeeperTest, SelfRevokeThatCannotBeRecordedSaysSo) {
  const Sent sent = sign("action=self-revoke&apiKey=" + key_.id() + "&");
  const auto admission = send(sent, self_revoking());
  ASSERT_TRUE(admission.has_value());
  house_.registry->commit_fails = RegistryError::kUnavailable;

  const auto answer = self_revoke(*house_.issuer, *admission, sent.payload, "", kHome);

  EXPECT_EQ(answer.error(), Reason::kNotInForce);
}

TEST_F(GatekeeperTest, ReadingAndCancellingMayOutlastTheRight) {
  Acceptance relaxed(std::chrono::seconds(60));
  const BootTime boot = house_.clock.boot_now();
  relaxed.extend(boot - std::chrono::seconds(1), Acceptance::offset_of(house_.clock.now(), boot));
  gatekeeper_ = std::make_unique<Gatekeeper>(parts(relaxed));

  EXPECT_EQ(reason_of(sign("a=1&"), ordering()), Reason::kNotInForce);
  EXPECT_EQ(reason_of(sign("a=2&"), cancelling()), std::nullopt);
  EXPECT_EQ(reason_of(sign("a=3&"), reading()), std::nullopt);
}

// A rule that acts by itself must not trap people with open positions.
TEST_F(GatekeeperTest, ARestrictedKeyReadsAndCancelsAndDoesNothingElse) {
  const auto version = house_.issuer->stored_key(key_.id())->version;
  ASSERT_TRUE(house_.issuer
                  ->apply_policy(key_.id(), {.act = PolicyStep::Act::kRestrict, .policy = "unused"},
                                 version)
                  .has_value());

  EXPECT_EQ(reason_of(sign("a=1&"), ordering()), Reason::kApiKeyRestricted);
  EXPECT_EQ(reason_of(sign("a=2&"), cancelling()), std::nullopt);
  EXPECT_EQ(reason_of(sign("a=3&"), reading()), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
