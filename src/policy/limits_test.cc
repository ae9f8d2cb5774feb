#include "policy/limits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// 2023-11-14 22:13:00 UTC: a minute begins.
constexpr Timestamp kMinute = from_unix_ms(1'700'000'000'000 - 20'000);
constexpr TableSeed kSeed{.low = 1, .high = 2};

const IpAddress kHome = *IpAddress::parse("203.0.113.7");
const IpAddress kOther = *IpAddress::parse("203.0.113.8");
const AccountId kDemo = *AccountId::parse("demo");

LimitRule rule(LimitType type, LimitInterval interval, std::uint32_t count, std::uint32_t limit) {
  return LimitRule{
      .type = type,
      .owner = type == LimitType::kOrders ? LimitOwner::kAccount : LimitOwner::kAddress,
      .interval = interval,
      .count = count,
      .limit = limit,
      .headers = {}};
}

// weight_of_ten: ten a minute, and no bans.
LimitRules weight_of_ten() {
  LimitRules rules;
  rules.rules = {rule(LimitType::kRequestWeight, LimitInterval::kMinute, 1, 10)};
  rules.ban.after_refused = 0;
  return rules;
}

// ask charges an address and gives the reason of a refusal.
std::optional<Reason> ask(AddressLimits& limits, const IpAddress& address, std::uint32_t weight,
                          Timestamp now) {
  Usage usage;
  const auto charged = limits.charge(address, weight, now, usage);
  return charged ? std::nullopt : std::optional(charged.error().reason);
}

TEST(AddressLimits, HoldAtTheLimitAndNotOnePast) {
  AddressLimits limits(weight_of_ten(), kSeed);

  EXPECT_EQ(ask(limits, kHome, 4, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 6, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 1, kMinute), Reason::kAddressOverBudget);
  EXPECT_EQ(ask(limits, kOther, 10, kMinute), std::nullopt);
}

TEST(AddressLimits, TellWhatWasExceededAndWhenItEnds) {
  AddressLimits limits(weight_of_ten(), kSeed);
  Usage usage;
  ASSERT_TRUE(limits.charge(kHome, 10, kMinute, usage).has_value());
  EXPECT_EQ(usage.used[0], 10U);

  const auto refused = limits.charge(kHome, 1, kMinute + seconds(20) + microseconds(1), usage);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().context.limit, 10U);
  EXPECT_EQ(refused.error().context.interval, "1 MINUTE");
  EXPECT_EQ(refused.error().context.retry_after, seconds(40));  // 39.999999 rounded up
  EXPECT_EQ(usage.used[0], 10U);
}

// The documents: intervals are aligned to the calendar in UTC.
struct WindowCase {
  std::string_view name;
  LimitInterval interval;
  std::uint32_t count;
  std::int64_t begin_ms;  // of a window
  std::int64_t length_ms;
};
constexpr WindowCase kWindows[] = {
    {"second", LimitInterval::kSecond, 1, 1'700'000'000'000, 1'000},
    {"ten_seconds", LimitInterval::kSecond, 10, 1'700'000'000'000, 10'000},
    {"minute", LimitInterval::kMinute, 1, 1'699'999'980'000, 60'000},
    {"five_minutes", LimitInterval::kMinute, 5, 1'699'999'800'000, 300'000},
    {"hour", LimitInterval::kHour, 1, 1'699'999'200'000, 3'600'000},
    {"day_at_midnight", LimitInterval::kDay, 1, 1'699'920'000'000, 86'400'000},
};
class Window : public testing::TestWithParam<WindowCase> {};

TEST_P(Window, FollowsTheCalendarInUtc) {
  const WindowCase& row = GetParam();
  LimitRules rules = weight_of_ten();
  rules.rules = {rule(LimitType::kRequestWeight, row.interval, row.count, 10)};
  const Timestamp begin = from_unix_ms(row.begin_ms);
  const Timestamp end = begin + milliseconds(row.length_ms);
  AddressLimits limits(rules, kSeed);

  EXPECT_EQ(ask(limits, kHome, 10, begin - microseconds(1)), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 10, begin), std::nullopt);  // another window than a moment before
  EXPECT_EQ(ask(limits, kHome, 1, end - microseconds(1)), Reason::kAddressOverBudget);
  EXPECT_EQ(ask(limits, kHome, 10, end), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Rows, Window, testing::ValuesIn(kWindows),
                         [](const auto& row) { return std::string(row.param.name); });

// A thread that read the clock just before the edge may come after one that read it just past it.
TEST(AddressLimits, ALateThreadDoesNotSetTheWindowBack) {
  AddressLimits limits(weight_of_ten(), kSeed);

  EXPECT_EQ(ask(limits, kHome, 6, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 4, kMinute - microseconds(1)), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 1, kMinute), Reason::kAddressOverBudget);
}

// A clock that was set back by hours must not leave an address locked until that time comes again.
TEST(AddressLimits, AClockSetBackBeginsANewWindow) {
  AddressLimits limits(weight_of_ten(), kSeed);
  ASSERT_EQ(ask(limits, kHome, 10, kMinute), std::nullopt);

  EXPECT_EQ(ask(limits, kHome, 10, kMinute - hours(1)), std::nullopt);
}

TEST(AddressLimits, CountARefusedRequestUnderNoRule) {
  LimitRules rules = weight_of_ten();
  rules.rules.push_back(rule(LimitType::kRawRequests, LimitInterval::kMinute, 5, 3));
  AddressLimits limits(rules, kSeed);
  Usage usage;

  ASSERT_TRUE(limits.charge(kHome, 9, kMinute, usage).has_value());
  ASSERT_FALSE(limits.charge(kHome, 2, kMinute, usage).has_value());
  EXPECT_EQ(usage.used[0], 9U);
  EXPECT_EQ(usage.used[1], 1U);
  ASSERT_TRUE(limits.charge(kHome, 0, kMinute, usage).has_value());
  ASSERT_TRUE(limits.charge(kHome, 0, kMinute, usage).has_value());
  const auto fourth = limits.charge(kHome, 0, kMinute, usage);
  ASSERT_FALSE(fourth.has_value());
  EXPECT_EQ(fourth.error().context.interval, "5 MINUTE");
}

TEST(AddressLimits, AWeightThatWrapsAroundIsRefused) {
  AddressLimits limits(weight_of_ten(), kSeed);
  ASSERT_EQ(ask(limits, kHome, 5, kMinute), std::nullopt);

  EXPECT_EQ(ask(limits, kHome, UINT32_MAX, kMinute), Reason::kAddressOverBudget);
}

TEST(AddressLimits, AV6SubscriberIsCountedByHisNetworkAndAMappedAddressAsItsV4) {
  AddressLimits limits(weight_of_ten(), kSeed);
  ASSERT_EQ(ask(limits, *IpAddress::parse("2001:db8:1:2::1"), 10, kMinute), std::nullopt);
  ASSERT_EQ(ask(limits, kHome, 10, kMinute), std::nullopt);

  EXPECT_EQ(ask(limits, *IpAddress::parse("2001:db8:1:2:ffff::9"), 1, kMinute),
            Reason::kAddressOverBudget);
  EXPECT_EQ(ask(limits, *IpAddress::parse("2001:db8:1:3::1"), 1, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, *IpAddress::parse("::ffff:203.0.113.7"), 1, kMinute),
            Reason::kAddressOverBudget);
}

TEST(AddressLimits, RefundGivesBackInTheWindowThatStillRuns) {
  AddressLimits limits(weight_of_ten(), kSeed);
  Usage usage;
  ASSERT_TRUE(limits.charge(kHome, 10, kMinute, usage).has_value());

  limits.refund(kHome, 1, kMinute, usage);
  EXPECT_EQ(usage.used[0], 9U);
  EXPECT_EQ(ask(limits, kHome, 1, kMinute), std::nullopt);

  ASSERT_EQ(ask(limits, kHome, 10, kMinute + minutes(1)), std::nullopt);
  limits.refund(kHome, 5, kMinute, usage);  // that window is over
  EXPECT_EQ(ask(limits, kHome, 1, kMinute + minutes(1)), Reason::kAddressOverBudget);
}

TEST(AddressLimits, RefundNeverGivesMoreThanWasCounted) {
  AddressLimits limits(weight_of_ten(), kSeed);
  Usage usage;
  ASSERT_TRUE(limits.charge(kHome, 3, kMinute, usage).has_value());

  limits.refund(kHome, 100, kMinute, usage);
  limits.refund(kOther, 100, kMinute, usage);

  EXPECT_EQ(ask(limits, kHome, 10, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 1, kMinute), Reason::kAddressOverBudget);
  EXPECT_EQ(limits.size(), 1U);
}

TEST(AddressLimits, WithoutRulesNothingIsRefused) {
  AddressLimits limits(LimitRules{}, kSeed);

  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(ask(limits, kHome, UINT32_MAX, kMinute), std::nullopt);
  }
}

// ---- bans

LimitRules banning() {
  LimitRules rules = weight_of_ten();
  rules.ban = {.after_refused = 2,
               .first = seconds(120),
               .longest = seconds(1000),
               .growth = 4,
               .forgotten_after = hours(24)};
  return rules;
}

// provoke uses the budget up and goes on until the address is banned; gives the answer's context.
AnswerContext provoke(AddressLimits& limits, Timestamp now) {
  Usage usage;
  EXPECT_TRUE(limits.charge(kHome, 10, now, usage).has_value());
  EXPECT_EQ(ask(limits, kHome, 1, now), Reason::kAddressOverBudget);
  EXPECT_EQ(ask(limits, kHome, 1, now), Reason::kAddressOverBudget);
  const auto banned = limits.charge(kHome, 1, now, usage);
  EXPECT_FALSE(banned.has_value());
  EXPECT_EQ(banned.error().reason, Reason::kAddressBanned);
  return banned.error().context;
}

TEST(Ban, BeginsOnePastTheRefusalsAllowedAndEndsAtItsInstant) {
  AddressLimits limits(banning(), kSeed);

  const AnswerContext context = provoke(limits, kMinute);

  EXPECT_EQ(context.banned_until, kMinute + seconds(120));
  EXPECT_EQ(context.retry_after, seconds(120));
  EXPECT_EQ(limits.banned_until(kHome, kMinute), kMinute + seconds(120));
  EXPECT_EQ(limits.banned_until(kOther, kMinute), std::nullopt);
  EXPECT_EQ(ask(limits, kHome, 0, kMinute + seconds(120) - microseconds(1)),
            Reason::kAddressBanned);
  EXPECT_EQ(ask(limits, kHome, 10, kMinute + seconds(120)), std::nullopt);
}

TEST(Ban, GrowsUpToTheLongestAndIsForgotten) {
  AddressLimits limits(banning(), kSeed);
  Timestamp now = kMinute;

  for (const seconds expected : {seconds(120), seconds(480), seconds(1000), seconds(1000)}) {
    EXPECT_EQ(provoke(limits, now).retry_after, expected);
    now += expected + minutes(2);
  }
  now += hours(24);
  EXPECT_EQ(provoke(limits, now).retry_after, seconds(120));
}

TEST(Ban, RefusalsOfAnotherWindowDoNotCount) {
  AddressLimits limits(banning(), kSeed);

  for (int i = 0; i < 10; ++i) {
    const Timestamp now = kMinute + minutes(i);
    ASSERT_EQ(ask(limits, kHome, 10, now), std::nullopt);
    EXPECT_EQ(ask(limits, kHome, 1, now), Reason::kAddressOverBudget);
    EXPECT_EQ(ask(limits, kHome, 1, now), Reason::kAddressOverBudget);
  }
}

TEST(Ban, CanBeLiftedAndLeavesNoMemory) {
  AddressLimits limits(banning(), kSeed);
  provoke(limits, kMinute);

  limits.lift(kHome);
  limits.lift(kOther);

  EXPECT_EQ(limits.banned_until(kHome, kMinute), std::nullopt);
  EXPECT_EQ(provoke(limits, kMinute + minutes(1)).retry_after, seconds(120));
}

// ---- the table

IpAddress address_of(std::uint32_t i) {
  return IpAddress::v4({10, static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U),
                        static_cast<std::uint8_t>(i)});
}

// A flood of addresses must not make the keeper forget the ones that it counts.
TEST(AddressLimits, AFullTableRefusesNewAddressesAndKeepsCountingTheOld) {
  LimitRules rules = weight_of_ten();
  rules.table_max = 100;
  AddressLimits limits(rules, kSeed);
  for (std::uint32_t i = 0; i < 100; ++i) {
    ASSERT_EQ(ask(limits, address_of(i), 10, kMinute), std::nullopt);
  }

  EXPECT_EQ(ask(limits, address_of(100), 1, kMinute), Reason::kOverloaded);
  EXPECT_EQ(ask(limits, address_of(0), 1, kMinute), Reason::kAddressOverBudget);
  EXPECT_EQ(limits.size(), 100U);

  // A minute later nothing counts any more, and what is over makes room.
  EXPECT_EQ(ask(limits, address_of(100), 1, kMinute + minutes(1)), std::nullopt);
  EXPECT_LE(limits.size(), 100U);
}

TEST(AddressLimits, ABannedAddressIsNotForgottenForANewOne) {
  LimitRules rules = banning();
  rules.table_max = 1;
  AddressLimits limits(rules, kSeed);
  provoke(limits, kMinute);

  EXPECT_EQ(ask(limits, kOther, 1, kMinute + seconds(119)), Reason::kOverloaded);
  EXPECT_EQ(ask(limits, kOther, 1, kMinute + seconds(121)), std::nullopt);
}

// ---- accounts

LimitRules orders() {
  LimitRules rules;
  rules.rules = {rule(LimitType::kOrders, LimitInterval::kSecond, 10, 2),
                 rule(LimitType::kOrders, LimitInterval::kDay, 1, 3)};
  rules.rules.push_back(rule(LimitType::kRequestWeight, LimitInterval::kMinute, 1, 100));
  rules.rules.back().owner = LimitOwner::kAccount;
  return rules;
}

std::optional<Reason> order(AccountLimits& limits, AccountLimits::Cost cost, Timestamp now) {
  Usage usage;
  const auto charged = limits.charge(kDemo, cost, now, usage);
  return charged ? std::nullopt : std::optional(charged.error().reason);
}

TEST(AccountLimits, EveryWindowOfOrdersHolds) {
  AccountLimits limits(orders(), kSeed);
  constexpr AccountLimits::Cost kOne{.weight = 1, .orders = 1};

  EXPECT_EQ(order(limits, kOne, kMinute), std::nullopt);
  EXPECT_EQ(order(limits, kOne, kMinute), std::nullopt);
  EXPECT_EQ(order(limits, kOne, kMinute), Reason::kAccountOverOrders);
  EXPECT_EQ(order(limits, kOne, kMinute + seconds(10)), std::nullopt);
  EXPECT_EQ(order(limits, kOne, kMinute + seconds(20)), Reason::kAccountOverOrders);  // the day's
  EXPECT_EQ(order(limits, kOne, kMinute + hours(24)), std::nullopt);
}

TEST(AccountLimits, WeightOfAnAccountHasItsOwnReason) {
  AccountLimits limits(orders(), kSeed);

  EXPECT_EQ(order(limits, {.weight = 100, .orders = 0}, kMinute), std::nullopt);
  EXPECT_EQ(order(limits, {.weight = 1, .orders = 0}, kMinute), Reason::kAccountOverWeight);
}

// "fills give the count back"
TEST(AccountLimits, CountAccountWeightBesideEverythingElse) {
  LimitRules rules;
  rules.rules = {LimitRule{.type = LimitType::kAccountWeight,
                           .owner = LimitOwner::kAccount,
                           .interval = LimitInterval::kMinute,
                           .limit = 10}};
  AccountLimits limits(rules, kSeed);
  Usage usage;

  EXPECT_TRUE(limits.charge(kDemo, {.account_weight = 10}, kMinute, usage).has_value());
  EXPECT_EQ(usage.used[0], 10U);
  EXPECT_TRUE(limits.charge(kDemo, {.weight = 99, .orders = 1}, kMinute, usage).has_value());
  const auto refused = limits.charge(kDemo, {.account_weight = 1}, kMinute, usage);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, Reason::kAccountOverWeight);
}

TEST(AccountLimits, FilledOrdersAreGivenBackAndUsageIsReadWithoutCounting) {
  AccountLimits limits(orders(), kSeed);
  Usage usage;
  ASSERT_TRUE(limits.charge(kDemo, {.weight = 5, .orders = 2}, kMinute, usage).has_value());

  limits.refund(kDemo, {.weight = 0, .orders = 1}, kMinute, usage);

  EXPECT_EQ(usage.used[0], 1U);
  EXPECT_EQ(limits.usage(kDemo, kMinute).used[0], 1U);
  EXPECT_EQ(limits.usage(kDemo, kMinute).used[1], 1U);
  EXPECT_EQ(limits.usage(kDemo, kMinute).used[2], 5U);
  EXPECT_EQ(limits.usage(kDemo, kMinute + seconds(10)).used[0], 0U);
  EXPECT_EQ(limits.usage(kDemo, kMinute + seconds(10)).used[1], 1U);
  EXPECT_EQ(limits.usage(*AccountId::parse("nobody"), kMinute).used[1], 0U);
}

TEST(AccountLimits, LeaveTheNumbersOfAddressesAlone) {
  LimitRules rules = orders();
  rules.rules.push_back(rule(LimitType::kRequestWeight, LimitInterval::kMinute, 1, 10));
  AccountLimits accounts(rules, kSeed);
  AddressLimits addresses(rules, kSeed);
  Usage usage;

  ASSERT_TRUE(addresses.charge(kHome, 7, kMinute, usage).has_value());
  ASSERT_TRUE(accounts.charge(kDemo, {.weight = 2, .orders = 1}, kMinute, usage).has_value());

  EXPECT_EQ(usage.used[0], 1U);
  EXPECT_EQ(usage.used[2], 2U);
  EXPECT_EQ(usage.used[3], 7U);
}

TEST(AccountLimits, AFullTableRefusesNewAccounts) {
  LimitRules rules = orders();
  rules.table_max = 1;
  AccountLimits limits(rules, kSeed);
  Usage usage;
  ASSERT_EQ(order(limits, {.weight = 1, .orders = 1}, kMinute), std::nullopt);

  const auto other =
      limits.charge(*AccountId::parse("other"), {.weight = 1, .orders = 0}, kMinute, usage);

  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().reason, Reason::kOverloaded);
  EXPECT_EQ(other.error().context.retry_after, seconds(1));
}

TEST(AccountLimits, WithoutRulesOfAccountsKeepNoTable) {
  AccountLimits limits(weight_of_ten(), kSeed);

  EXPECT_EQ(order(limits, {.weight = 1000, .orders = 1000}, kMinute), std::nullopt);
  EXPECT_EQ(limits.size(), 0U);
}

// ---- wrong signatures (security requirements 5.3: more than 20 a minute, that pair only)

const std::string kKey(64, 'K');

TEST(BadSignatures, HoldBackThePairAfterTwentyAMinute) {
  BadSignatures bad(LimitRules{}, kSeed);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(bad.check(kHome, kKey, kMinute).has_value()) << i;
    bad.record(kHome, kKey, kMinute);
  }

  const auto held = bad.check(kHome, kKey, kMinute + seconds(59));

  ASSERT_FALSE(held.has_value());
  EXPECT_EQ(held.error().reason, Reason::kPairOverBudget);
  EXPECT_EQ(held.error().context.limit, 20U);
  EXPECT_EQ(held.error().context.retry_after, seconds(1));
  EXPECT_TRUE(bad.check(kOther, kKey, kMinute).has_value());  // the owner, elsewhere
  EXPECT_TRUE(bad.check(kHome, std::string(64, 'L'), kMinute).has_value());
  EXPECT_TRUE(bad.check(kHome, kKey, kMinute + seconds(60)).has_value());
}

TEST(BadSignatures, ReadNoMoreThanAnApiKeysLength) {
  BadSignatures bad(LimitRules{.bad_signatures_per_minute = 1}, kSeed);

  bad.record(kHome, kKey + std::string(10'000, 'x'), kMinute);

  EXPECT_FALSE(bad.check(kHome, kKey, kMinute).has_value());
}

TEST(BadSignatures, AFullTableForgetsNobodyAndShutsOutNobody) {
  BadSignatures bad(LimitRules{.bad_signatures_per_minute = 1, .table_max = 1}, kSeed);
  bad.record(kHome, kKey, kMinute);

  bad.record(kOther, kKey, kMinute);

  EXPECT_FALSE(bad.check(kHome, kKey, kMinute).has_value());
  EXPECT_TRUE(bad.check(kOther, kKey, kMinute).has_value());
  EXPECT_EQ(bad.size(), 1U);
}

// ---- several threads

TEST(Limits, CountEveryRequestOfSeveralThreadsOnce) {
  constexpr std::uint32_t kThreads = 4;
  constexpr std::uint32_t kEach = 2'000;
  LimitRules rules = weight_of_ten();
  rules.rules = {rule(LimitType::kRequestWeight, LimitInterval::kMinute, 1, kThreads * kEach / 2)};
  AddressLimits limits(rules, kSeed);
  std::atomic<std::uint32_t> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < kEach; ++i) {
          accepted += ask(limits, kHome, 1, kMinute) == std::nullopt ? 1 : 0;
          (void)ask(limits, address_of((t * kEach) + i), 1, kMinute);
        }
      });
    }
  }

  EXPECT_EQ(accepted, kThreads * kEach / 2);
  EXPECT_EQ(limits.size(), (kThreads * kEach) + 1);
}

TEST(Limits, AFullTableStaysWithinItsBoundUnderSeveralThreads) {
  LimitRules rules = weight_of_ten();
  rules.table_max = 50;
  AddressLimits limits(rules, kSeed);
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < 1'000; ++i) {
          (void)ask(limits, address_of((t * 1'000) + i), 1, kMinute + seconds(i));
        }
      });
    }
  }

  EXPECT_LE(limits.size(), 50U);
  EXPECT_GE(limits.size(), 1U);
}

}  // namespace
}  // namespace counterfoil
