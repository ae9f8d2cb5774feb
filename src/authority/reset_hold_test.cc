// Control S-59: after a reset the API keys that may act are held for a day.
#include "authority/reset_hold.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

IssuerRules holding() {
  IssuerRules rules;
  rules.held_after_reset = test_profile().permissions_needing_allow_list();
  return rules;
}

template <typename T>
std::string reason_of(const std::expected<T, Problem>& made) {
  return made ? "done" : made.error().reason;
}

class ResetHold : public testing::Test {
 protected:
  // reset has somebody who holds `account` reset their password now.
  void reset(const std::string& account) {
    person_.account = *AccountId::parse(account);
    person_.password_reset = house_.clock.now();
    const auto found = find_person(*house_.registry, person_.id);
    const std::uint64_t modified = found.value() ? (*found)->modified : 0;
    ASSERT_TRUE(house_.registry->commit({.writes = {person_write(person_, modified)}}).has_value());
  }
  [[nodiscard]] ResetHolds holds(PolicyMode mode) {
    return {{.registry = *house_.registry,
             .issuer = *house_.issuer,
             .held = holding().held_after_reset,
             .clock = house_.clock},
            mode};
  }
  [[nodiscard]] ApiKey stored(const TestAuthority::HmacCaller& caller) const {
    return house_.issuer->find_key(caller.id()).value();
  }
  [[nodiscard]] bool is_restricted(const TestAuthority::HmacCaller& caller) const {
    return house_.replica->find(caller.key.id)->restricted;
  }

  TestAuthority house_{holding()};
  Person person_{.id = PersonId::generate(house_.random).value(),
                 .email = "bob@example.com",
                 .name = "Bob",
                 .state = PersonState::kActive};
  TestAuthority::HmacCaller trader_ = house_.new_key("TRADE", "192.0.2.7");
  TestAuthority::HmacCaller reader_ = house_.new_key("USER_DATA");
};

TEST_F(ResetHold, HoldsKeysThatMayActForADayAndLetsThemGo) {
  ResetHolds watch = holds(PolicyMode::kEnforce);
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_FALSE(is_restricted(trader_));

  reset("demo");
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_TRUE(is_restricted(trader_)) << "in force when look() is back";
  EXPECT_FALSE(is_restricted(reader_));
  EXPECT_EQ(reset_notice_ends(stored(trader_)), house_.clock.now() + 24h);

  house_.clock.advance(24h - 1us);
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_TRUE(is_restricted(trader_));

  house_.clock.advance(1us);
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_EQ(stored(trader_).notice, std::nullopt) << "nobody waits until that is in force";
}

TEST_F(ResetHold, IsNotLiftedByAnEditOrAResume) {
  ResetHolds watch = holds(PolicyMode::kEnforce);
  ASSERT_TRUE(house_.issuer->suspend_key(trader_.id(), "a look", house_.actor).has_value());
  reset("demo");
  ASSERT_TRUE(watch.look().has_value());

  ASSERT_TRUE(house_.issuer->resume_key(trader_.id(), house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->edit_key(trader_.id(), {.label = "mine"}, house_.actor).has_value());
  EXPECT_TRUE(is_restricted(trader_));

  house_.clock.advance(24h);
  ASSERT_TRUE(house_.issuer->edit_key(trader_.id(), {.label = "ours"}, house_.actor).has_value());
  EXPECT_FALSE(is_restricted(trader_)) << "it is over, whether or not anybody looked";
}

TEST_F(ResetHold, KeepsPermissionsThatActFromNewAndOldKeys) {
  reset("demo");
  NewKey wanted{.account = "demo",
                .label = {},
                .material = {},
                .permissions = "TRADE",
                .allow_list = "192.0.2.7"};
  const auto refused = house_.issuer->create_key(wanted, house_.actor);
  ASSERT_EQ(reason_of(refused), "password_was_reset");
  EXPECT_TRUE(refused.error().detail.contains("Z no API key")) << refused.error().detail;
  const KeyEdit wider{.permissions = "USER_DATA,TRADE", .allow_list = "192.0.2.7"};
  EXPECT_EQ(reason_of(house_.issuer->edit_key(reader_.id(), wider, house_.actor)),
            "password_was_reset");
  EXPECT_EQ(reason_of(house_.issuer->edit_key(trader_.id(), {.permissions = "USER_DATA,TRADE"},
                                              house_.actor)),
            "done")
      << "reading may be given";
  wanted.permissions = "USER_DATA";
  EXPECT_EQ(reason_of(house_.issuer->create_key(wanted, house_.actor)), "done");

  house_.clock.advance(24h);
  wanted.permissions = "TRADE";
  EXPECT_EQ(reason_of(house_.issuer->create_key(wanted, house_.actor)), "done");
  EXPECT_EQ(reason_of(house_.issuer->edit_key(reader_.id(), wider, house_.actor)), "done");
}

TEST_F(ResetHold, BeginsAnewWithEveryReset) {
  ResetHolds watch = holds(PolicyMode::kEnforce);
  reset("demo");
  ASSERT_TRUE(watch.look().has_value());
  house_.clock.advance(20h);
  reset("demo");
  ASSERT_TRUE(watch.look().has_value());

  house_.clock.advance(5h);
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_TRUE(is_restricted(trader_));
  EXPECT_EQ(*house_.issuer->held_until(*AccountId::parse("demo")), house_.clock.now() + 19h);
}

TEST_F(ResetHold, ReachesSubAccountsAndNobodyElse) {
  ASSERT_TRUE(house_.issuer
                  ->create_account("desk", "Desk", house_.actor,
                                   Issuer::SubAccountOf{.master = "demo", .email = "d@example.com"})
                  .has_value());
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  const auto key_of = [&](const std::string& account) {
    return house_.issuer
        ->create_key({.account = account,
                      .label = {},
                      .material = {},
                      .permissions = "TRADE",
                      .allow_list = "192.0.2.7"},
                     house_.actor)
        .value()
        .key;
  };
  const ApiKey of_desk = key_of("desk");
  const ApiKey of_other = key_of("other");
  reset("demo");

  ASSERT_TRUE(holds(PolicyMode::kEnforce).look().has_value());

  EXPECT_TRUE(house_.replica->find(of_desk.id)->restricted);
  EXPECT_FALSE(house_.replica->find(of_other.id)->restricted);
  EXPECT_TRUE(house_.issuer->held_until(*AccountId::parse("desk"))->has_value());
  EXPECT_FALSE(house_.issuer->held_until(*AccountId::parse("other"))->has_value());
}

TEST_F(ResetHold, WarnsOnlyWhereItIsToldTo) {
  reset("demo");
  ASSERT_TRUE(holds(PolicyMode::kOff).look().has_value());
  EXPECT_EQ(stored(trader_).notice, std::nullopt);

  ResetHolds watch = holds(PolicyMode::kWarn);
  ASSERT_TRUE(watch.look().has_value());
  const std::string first = house_.last_audit();
  ASSERT_TRUE(watch.look().has_value());
  EXPECT_EQ(house_.last_audit(), first) << "once";
  EXPECT_TRUE(first.contains(R"("action":"key.policy_notice")"));
  EXPECT_TRUE(first.contains(R"("policy":"password_reset")"));
  EXPECT_FALSE(is_restricted(trader_));
}

TEST(ResetHoldRules, NothingIsHeldWhereNothingIsToBe) {
  TestAuthority house;
  const Person person{.id = PersonId::generate(house.random).value(),
                      .email = "bob@example.com",
                      .name = "Bob",
                      .account = AccountId::parse("demo"),
                      .state = PersonState::kActive,
                      .password_reset = house.clock.now()};
  ASSERT_TRUE(house.registry->commit({.writes = {person_write(person, 0)}}).has_value());
  EXPECT_EQ(house.issuer->held_until(*AccountId::parse("demo")).value(), std::nullopt);
  EXPECT_TRUE(
      house.new_key("TRADE", "192.0.2.7").key.permissions.intersects(holding().held_after_reset));
}

TEST_F(ResetHold, TheHourlyRoundLetsGoWhatNobodyLookedAtInTime) {
  ApiKey key = trader_.key;
  key.notice = PolicyNotice{.policy = std::string(kResetPolicy),
                            .since = house_.clock.now(),
                            .restricted_since = house_.clock.now()};
  const KeyPolicies policies;
  const PermissionSet none;
  const auto act = [&](Timestamp now) {
    return next_step(key, KeyUse::kUnused, policies, none, now).act;
  };
  EXPECT_EQ(act(house_.clock.now() + 24h - 1us), PolicyStep::Act::kNothing);
  EXPECT_EQ(act(house_.clock.now() + 24h), PolicyStep::Act::kClear);
}

}  // namespace
}  // namespace counterfoil
