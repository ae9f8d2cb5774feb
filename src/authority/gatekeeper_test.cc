#include "authority/gatekeeper.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/authority_fixture.h"
#include "authority/own_key.h"
#include "authority/replay_memory.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "journal/recorder.h"
#include "keys/api_key.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress kHome = *IpAddress::parse("203.0.113.7");
const IpAddress kElsewhere = *IpAddress::parse("198.51.100.1");
// Requests are stamped a minute after the start, so that none is from before it.
constexpr Timestamp kNow = kTestStart + seconds(60);

// Sent is one request as a client sends it; it owns the texts that a SignedRequest only views.
struct Sent {
  std::string api_key;
  std::string payload;
  std::string signature;
  std::string timestamp;
  std::optional<std::string> recv_window;
  IpAddress source = kHome;

  [[nodiscard]] SignedRequest view() const {
    return {
        .api_key = api_key,
        .payload = payload,
        .signature = signature,
        .timestamp = timestamp,
        .recv_window = recv_window ? std::optional<std::string_view>(*recv_window) : std::nullopt,
        .source = source,
        .needs = {},
        .symbol = {}};
  }
};

class GatekeeperTest : public testing::Test {
 protected:
  explicit GatekeeperTest(Profile profile = test_profile())
      : house_({}, std::move(profile)),
        address_limits_(house_.profile.limits(), {}),
        account_limits_(house_.profile.limits(), {}),
        bad_signatures_(house_.profile.limits(), {}) {
    start();
    key_ = house_.new_key("USER_DATA,TRADE", "203.0.113.0/24");
    house_.clock.advance(seconds(60));
    gatekeeper_->extend_right(house_.clock.boot_now() + std::chrono::hours(1));
  }

  // start is a start of the gateway: what it remembered in memory is gone.
  void start() {
    replays_ = std::make_unique<ReplayMemory>(1'000);
    gatekeeper_ = std::make_unique<Gatekeeper>(
        Gatekeeper::Parts{.replica = *house_.replica,
                          .replays = *replays_,
                          .address_limits = address_limits_,
                          .account_limits = account_limits_,
                          .bad_signatures = bad_signatures_,
                          .profile = house_.profile,
                          .format = format_,
                          .clock = house_.clock,
                          .seal_refusal =
                              [this](std::string_view id, std::string_view payload) {
                                return house_.sealer->seal_refused(id, payload);
                              }},
        house_.clock.now());
    gatekeeper_->extend_right(house_.clock.boot_now() + std::chrono::hours(1));
  }

  [[nodiscard]] const Route& route(std::string_view method, std::string_view path) const {
    return *house_.profile.find(method, path);
  }
  [[nodiscard]] const Route& reading() const { return route("GET", "/v1/account"); }
  [[nodiscard]] const Route& ordering() const { return route("POST", "/v1/order"); }
  [[nodiscard]] const Route& cancelling() const { return route("DELETE", "/v1/order"); }
  [[nodiscard]] const Route& self_revoking() const { return route("POST", "/v1/self/revoke"); }

  [[nodiscard]] Sent sign(std::string parameters, Timestamp stamp = kNow) const {
    Sent sent{.api_key = key_.id(),
              .payload = std::move(parameters),
              .signature = {},
              .timestamp = std::to_string(to_unix_ms(stamp)),
              .recv_window = std::nullopt};
    sent.payload += "timestamp=" + sent.timestamp;
    sent.signature = hmac_hex(key_.secret, sent.payload);
    return sent;
  }

  std::expected<Admission, Gatekeeper::Refusal> send(const Sent& sent, const Route& on) {
    const auto charge =
        gatekeeper_->charge_address(sent.source, on.weight, house_.clock.now(), usage_);
    if (!charge) {
      return std::unexpected(charge.error());
    }
    return gatekeeper_->authenticate(sent.view(), on, *charge, house_.clock.now(), usage_);
  }
  // reason_of is why a request is refused, or nullopt when it is accepted.
  std::optional<Reason> reason_of(const Sent& sent, const Route& on) {
    const auto answer = send(sent, on);
    return answer ? std::nullopt : std::optional(answer.error().reason);
  }

  KeyFormat format_;
  TestAuthority house_;
  AddressLimits address_limits_;
  AccountLimits account_limits_;
  BadSignatures bad_signatures_;
  std::unique_ptr<ReplayMemory> replays_;
  std::unique_ptr<Gatekeeper> gatekeeper_;
  TestAuthority::HmacCaller key_{.key = {.id = key_id_of_nobody(), .account = nobody()},
                                 .secret = {}};
  Usage usage_;

 private:
  static ApiKeyId key_id_of_nobody() { return *ApiKeyId::parse(std::string(64, 'n')); }
  static AccountId nobody() { return *AccountId::parse("nobody"); }
};

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

// ---- replay: the vendor's signature covers neither method nor path

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsADelete) {
  const Sent captured = sign("orderId=7&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsAPost) {
  const Sent captured = sign("symbol=BTCUSDT&side=BUY&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsASelfRevoke) {
  const Sent captured = sign("action=self-revoke&apiKey=" + key_.id() + "&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, self_revoking()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AReadingMayBeRepeatedAndAnOrderMayBeReadBack) {
  const Sent sent = sign("symbol=BTCUSDT&");

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, reading()), std::nullopt);
  EXPECT_EQ(reason_of(sent, reading()), std::nullopt);
  EXPECT_EQ(reason_of(sent, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, TheCaseOfTheHexDoesNotMakeARequestNew) {
  Sent sent = sign("symbol=BTCUSDT&");
  ASSERT_EQ(reason_of(sent, ordering()), std::nullopt);
  for (char& c : sent.signature) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }

  EXPECT_EQ(reason_of(sent, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, TheSamePayloadOfAnotherKeyIsAnotherRequest) {
  const auto other = house_.new_key("TRADE", "203.0.113.0/24");
  const Sent sent = sign("symbol=BTCUSDT&");
  Sent others = sent;
  others.api_key = other.id();
  others.signature = hmac_hex(other.secret, others.payload);

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(others, ordering()), std::nullopt);
}

TEST_F(GatekeeperTest, AfterARestartNothingStampedBeforeItChangesAnything) {
  const Sent before = sign("symbol=BTCUSDT&");
  ASSERT_EQ(reason_of(before, ordering()), std::nullopt);
  house_.clock.advance(milliseconds(500));
  start();
  const Timestamp started = house_.clock.now();

  EXPECT_EQ(reason_of(before, ordering()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, cancelling()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, self_revoking()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, reading()), std::nullopt);
  // A stamp may be ahead of the clock by up to a second, so that second is part of "before".
  EXPECT_EQ(reason_of(sign("a=1&", started + milliseconds(999)), ordering()),
            Reason::kStampedBeforeStart);
  house_.clock.advance(milliseconds(1));
  EXPECT_EQ(reason_of(sign("a=1&", started + milliseconds(1000)), ordering()), std::nullopt);
}

TEST_F(GatekeeperTest, ARequestAheadOfTheClockIsRememberedUntilItsOwnWindowEnds) {
  const Sent ahead = sign("a=1&", kNow + milliseconds(999));
  ASSERT_EQ(reason_of(ahead, reading()), std::nullopt);

  house_.clock.advance(milliseconds(5999));

  EXPECT_EQ(reason_of(ahead, cancelling()), Reason::kReplayed);
  house_.clock.advance(milliseconds(1));
  EXPECT_EQ(reason_of(ahead, cancelling()), Reason::kTimestampLate);
}

// The signed bytes are query and body with nothing in between, so a thief may divide them elsewhere
// and hide the window's name: then the default window holds.
TEST_F(GatekeeperTest, AWindowHiddenByDividingThePayloadElsewhereDoesNotOutliveTheMemory) {
  Sent captured = sign("recvWindow=1000&");
  captured.recv_window = "1000";
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);
  house_.clock.advance(milliseconds(3000));
  ASSERT_EQ(reason_of(captured, cancelling()), Reason::kTimestampLate);
  Sent divided = captured;
  divided.recv_window = std::nullopt;  // query "recvW", body "indow=1000&timestamp=..."

  EXPECT_EQ(reason_of(divided, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AWindowCutShortByDividingThePayloadElsewhereDoesNotShortenTheMemory) {
  Sent captured = sign("recvWindow=60000&");
  captured.recv_window = "6000";  // query "recvWindow=6000", body "0&timestamp=..."
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);
  house_.clock.advance(seconds(30));
  Sent whole = captured;
  whole.recv_window = "60000";

  EXPECT_EQ(reason_of(whole, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AFullMemoryRefusesRatherThanForgets) {
  for (int i = 0; i < 2000; ++i) {
    (void)replays_->admit(fingerprint(key_.key.id, std::to_string(i)), ReplayRule::kOnce,
                          kNow + seconds(5), kNow);
  }

  EXPECT_EQ(reason_of(sign("a=1&"), reading()), Reason::kReplayMemoryFull);
}

class PassedOrdersTest : public GatekeeperTest {
 protected:
  PassedOrdersTest() : GatekeeperTest(test_profile("format = \"binance\"\n", "pass")) {}
};

TEST_F(PassedOrdersTest, AnOperatorMayLetOrdersRepeatButNothingElse) {
  const Sent sent = sign("symbol=BTCUSDT&");

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, cancelling()), Reason::kReplayed);
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

// ---- the right to accept and the last look

TEST_F(GatekeeperTest, WithoutTheRightNothingIsAccepted) {
  auto admission = send(sign("a=1&"), reading());
  ASSERT_TRUE(admission.has_value());
  house_.clock.advance(std::chrono::hours(2));
  const Timestamp now = house_.clock.now();

  EXPECT_FALSE(gatekeeper_->has_right());
  EXPECT_EQ(reason_of(sign("a=2&", now), reading()), Reason::kNotInForce);
  EXPECT_EQ(gatekeeper_->last_look(*admission, sign("a=1&").view(), kNow).error(),
            Reason::kNotInForce);
}

TEST_F(GatekeeperTest, ANewGatekeeperHasNoRightYet) {
  Gatekeeper fresh({.replica = *house_.replica,
                    .replays = *replays_,
                    .address_limits = address_limits_,
                    .account_limits = account_limits_,
                    .bad_signatures = bad_signatures_,
                    .profile = house_.profile,
                    .format = format_,
                    .clock = house_.clock,
                    .seal_refusal = {}},
                   kTestStart);

  EXPECT_FALSE(fresh.has_right());
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
  ASSERT_TRUE(house_.issuer->rotate_key(key_.id(), {}, seconds(0), house_.actor).has_value());

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
  ASSERT_TRUE(house_.issuer->rotate_key(key_.id(), {}, seconds(2), house_.actor).has_value());
  ASSERT_EQ(look(), std::nullopt);

  house_.clock.advance(seconds(2));

  EXPECT_EQ(look(), Reason::kSignatureWrong);
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

TEST_F(GatekeeperTest, SelfRevokeThatIsNotConfirmedSaysSo) {
  const Sent sent = sign("action=self-revoke&apiKey=" + key_.id() + "&");
  const auto admission = send(sent, self_revoking());
  ASSERT_TRUE(admission.has_value());
  house_.loop.mode = InlineLoop::Mode::kKeep;

  const auto answer = self_revoke(*house_.issuer, *admission, sent.payload, "", kHome);

  EXPECT_EQ(answer.error(), Reason::kNotInForce);
}

// ---- what the journal is told

class Recording : public GatekeeperTest {
 protected:
  Arrival arrival(const Route& on) const {
    return {.request_id = "0123456789abcdef0123456789abcdef",
            .route = &on,
            .method = "POST",
            .path = "/v1/order",
            .client = "client/1.0",
            .source = kHome,
            .now = house_.clock.now()};
  }
  RefusalRow refused(const Sent& sent, Reason reason) {
    const SignedRequest request = sent.view();
    gatekeeper_->record_refused(lane_, &request, arrival(ordering()), reason);
    EXPECT_TRUE(recorder_.drain(*journal_).has_value());
    const auto row = journal_->refusal("0123456789abcdef0123456789abcdef");
    EXPECT_TRUE(row.has_value() && row->has_value());
    return **row;
  }
  Recorder recorder_;
  Recorder::Lane& lane_ = recorder_.add_lane();
  std::unique_ptr<Journal> journal_ = make_memory_journal();
};

TEST_F(Recording, AnAcceptedRequestCountsForThePairThatSigned) {
  const auto admission = send(sign("a=1&"), ordering());
  ASSERT_TRUE(admission.has_value());

  gatekeeper_->record_accepted(lane_, *admission, arrival(ordering()));
  ASSERT_TRUE(recorder_.drain(*journal_).has_value());

  const auto uses = journal_->last_uses(key_.id());
  ASSERT_TRUE(uses.has_value());
  ASSERT_EQ(uses->pairs.size(), 1U);
  EXPECT_EQ(uses->pairs[0].pair, 1U);
  ASSERT_EQ(uses->clients.size(), 1U);
  EXPECT_EQ(uses->clients[0].client, "client/1.0");
  EXPECT_EQ(uses->clients[0].route, "POST /v1/order");
}

TEST_F(Recording, OfAWrongHmacHalfIsKeptAndThePayloadSealed) {
  Sent sent = sign("a=1&");
  sent.signature = std::string(32, 'a') + std::string(32, 'b');

  const RefusalRow row = refused(sent, Reason::kSignatureWrong);

  EXPECT_EQ(row.account, "demo");
  EXPECT_EQ(row.reason_name, "signature_wrong");
  EXPECT_EQ(row.signature_half, std::string(32, 'a'));
  EXPECT_FALSE(row.sealed_request.empty());
  const std::string sealed(row.sealed_request.begin(), row.sealed_request.end());
  EXPECT_EQ(sealed.find("timestamp"), std::string::npos);
}

TEST_F(Recording, OfARequestThatMayBecomeValidNoSignatureIsKept) {
  Sent ahead = sign("a=1&", kNow + seconds(2));

  const RefusalRow row = refused(ahead, Reason::kTimestampAhead);

  EXPECT_EQ(row.signature_half, "");
  EXPECT_EQ(row.clock_offset_us, -2'000'000);
}

TEST_F(Recording, OfAnAsymmetricSignatureNothingIsKept) {
  Sent sent = sign("a=1&");
  sent.signature = std::string(86, 'A') + "==";

  EXPECT_EQ(refused(sent, Reason::kSignatureWrong).signature_half, "");
}

TEST_F(Recording, OfAnUnknownKeyNoPayloadIsKept) {
  Sent sent = sign("a=1&");
  sent.api_key = std::string(64, 'u');

  const RefusalRow row = refused(sent, Reason::kApiKeyUnknown);

  EXPECT_EQ(row.account, "");
  EXPECT_TRUE(row.sealed_request.empty());
  EXPECT_EQ(row.api_key, std::string(64, 'u'));
}

}  // namespace
}  // namespace counterfoil
