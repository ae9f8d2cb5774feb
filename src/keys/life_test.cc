#include "keys/life.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/account_id.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

using std::chrono::hours;

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);

ApiKey trading_key() {
  ApiKey key{.id = *ApiKeyId::parse(std::string(64, 'K')), .account = *AccountId::parse("demo")};
  key.label = "bot";
  key.created = kNow;
  key.expires_at = kNow + hours(24 * 90);
  key.allow_list = AllowList::any();
  key.pairs.push_back({.number = 1, .created = kNow});
  return key;
}

TEST(Life, RevocationIsFinal) {
  const ApiKey revoked = revoke(trading_key(), "leaked", kNow);

  EXPECT_EQ(effective_state(revoked, kNow), EffectiveState::kRevoked);
  EXPECT_EQ(resume(revoked, kNow).error(), LifeError::kRevoked);
  EXPECT_EQ(suspend(revoked, "x", kNow).error(), LifeError::kRevoked);
  EXPECT_EQ(rotate(revoked, {}, kNow, kNow).error(), LifeError::kRevoked);
  EXPECT_EQ(end_retiring(revoked, kNow).error(), LifeError::kRevoked);
  EXPECT_EQ(revoke(revoked, "again", kNow + hours(1)), revoked);
}

TEST(Life, SuspensionCanBeUndone) {
  const auto suspended = suspend(trading_key(), "looks odd", kNow);

  ASSERT_TRUE(suspended.has_value());
  EXPECT_EQ(effective_state(*suspended, kNow), EffectiveState::kSuspended);
  EXPECT_EQ(suspend(*suspended, "x", kNow).error(), LifeError::kAlreadySuspended);
  EXPECT_EQ(effective_state(*resume(*suspended, kNow), kNow), EffectiveState::kActive);
  EXPECT_EQ(resume(trading_key(), kNow).error(), LifeError::kNotSuspended);
  EXPECT_EQ(resume(*suspended, kNow + hours(24 * 90)).error(), LifeError::kExpired);
}

// Control S-59.
TEST(Life, NothingButTimeLiftsTheHoldAfterAPasswordReset) {
  ApiKey key = *suspend(trading_key(), "looks odd", kNow);
  key.notice =
      PolicyNotice{.policy = std::string(kResetPolicy), .since = kNow, .restricted_since = kNow};
  const Timestamp ends = kNow + kResetHold;

  EXPECT_EQ(reset_notice_ends(key), ends);
  EXPECT_EQ(resume(key, ends - std::chrono::microseconds(1))->notice, key.notice);
  EXPECT_EQ(resume(key, ends)->notice, std::nullopt);
  key.notice->policy = "unused";
  EXPECT_EQ(reset_notice_ends(key), std::nullopt);
  EXPECT_EQ(resume(key, kNow)->notice, std::nullopt);
}

TEST(Life, ExpiryComesTrueAtItsInstantWithoutAWrite) {
  const ApiKey key = trading_key();

  EXPECT_EQ(effective_state(key, *key.expires_at - std::chrono::microseconds(1)),
            EffectiveState::kActive);
  EXPECT_EQ(effective_state(key, *key.expires_at), EffectiveState::kExpired);
  EXPECT_EQ(rotate(key, {}, kNow, *key.expires_at).error(), LifeError::kExpired);
}

TEST(Life, RotationKeepsBothPairsUntilTheOldOneRetires) {
  const auto rotating = rotate(trading_key(), {.scheme = Scheme::kEd25519}, kNow + hours(24), kNow);

  ASSERT_TRUE(rotating.has_value());
  ASSERT_EQ(rotating->pairs.size(), 2U);
  EXPECT_EQ(rotating->pairs[1].number, 2U);
  EXPECT_TRUE(rotating->pairs[0].verifies_at(kNow + hours(24) - std::chrono::microseconds(1)));
  EXPECT_FALSE(rotating->pairs[0].verifies_at(kNow + hours(24)));
  EXPECT_EQ(rotate(*rotating, {}, kNow, kNow).error(), LifeError::kAlreadyRotating);
  EXPECT_EQ(end_retiring(*rotating, kNow)->pairs.size(), 1U);
  EXPECT_EQ(end_retiring(trading_key(), kNow).error(), LifeError::kNoSuchPair);
}

TEST(Life, RotationAfterALeakEndsTheOldPairAtOnce) {
  const auto rotated = rotate(trading_key(), {}, kNow, kNow);

  ASSERT_EQ(rotated->pairs.size(), 1U);
  EXPECT_EQ(rotated->pairs[0].number, 2U);
}

TEST(Life, PairNumbersAreNeverUsedTwice) {
  const ApiKey second = *rotate(trading_key(), {}, kNow, kNow);
  const ApiKey third = *rotate(second, {}, kNow + hours(1), kNow);

  EXPECT_EQ(third.pairs[1].number, 3U);
}

TEST(Life, TradingNeedsAnAllowListWhereTheOperatorSaysSo) {
  const LifeRules rules{.needs_allow_list = PermissionSet::of_index(1)};
  ApiKey key = trading_key();
  key.permissions = PermissionSet::of_index(1);

  EXPECT_EQ(check(key, rules).error(), LifeError::kAllowListRequired);
  key.allow_list = *AllowList::parse("203.0.113.7");
  EXPECT_TRUE(check(key, rules).has_value());
  key.allow_list = AllowList::any();
  key.permissions = PermissionSet::of_index(0);
  EXPECT_TRUE(check(key, rules).has_value());
}

TEST(Life, LabelsCannotDeceiveWhoReadsThem) {
  EXPECT_TRUE(is_label(""));
  EXPECT_TRUE(is_label("mm-bot \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x90\x8e"));
  EXPECT_TRUE(is_label(std::string(64, 'a')));
  for (const std::string& bad :
       {std::string(65, 'a'), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f"),
        std::string("\xe2\x80\xae"
                    "evil"),
        std::string("\xe2\x81\xa6"), std::string("\xc2\x85"), std::string("\xff"),
        std::string("\xc0\xaf"), std::string("\xed\xa0\x80"), std::string("\xe2\x80"),
        std::string("\xef\xbb\xbf")}) {
    EXPECT_FALSE(is_label(bad)) << bad;
  }
}

TEST(Life, SymbolListsAreBounded) {
  ApiKey key = trading_key();
  key.symbols.assign(30, "BTCUSDT");
  EXPECT_TRUE(check(key, {}).has_value());
  key.symbols.emplace_back("ETHUSDT");
  EXPECT_EQ(check(key, {}).error(), LifeError::kSymbolsInvalid);
  EXPECT_FALSE(is_symbol("btcusdt"));
  EXPECT_FALSE(is_symbol(std::string(33, 'A')));
  EXPECT_TRUE(is_symbol("\xef\xbc\x91\xef\xbc\x92"));
}

}  // namespace
}  // namespace counterfoil
