#include <gtest/gtest.h>

#include <string>

#include "accounts/account.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

class IssuerAccounts : public testing::Test {
 protected:
  template <typename Result>
  static std::string reason_of(const Result& result) {
    return result ? "" : result.error().reason;
  }
  TestAuthority house_;
};

TEST_F(IssuerAccounts, AnAccountIsMadeOnce) {
  const auto made = house_.issuer->create_account("fund-1", "Fund One", house_.actor);

  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->created, kTestStart);
  EXPECT_EQ(*house_.issuer->account("fund-1"), *made);
  EXPECT_EQ(reason_of(house_.issuer->create_account("fund-1", "Again", house_.actor)),
            "account_exists");
  EXPECT_EQ(house_.issuer->account("fund-1")->name, "Fund One");
}

TEST_F(IssuerAccounts, AnIdOrNameThatIsNoneIsRefused) {
  for (const char* id : {"", "-a", "A", "a b", "123456789012345678901234567890123"}) {
    EXPECT_EQ(reason_of(house_.issuer->create_account(id, "x", house_.actor)), "account_id_invalid")
        << id;
    EXPECT_EQ(reason_of(house_.issuer->account(id)), "no_such_account") << id;
  }
  EXPECT_EQ(reason_of(house_.issuer->create_account("a", std::string(65, 'x'), house_.actor)),
            "label_invalid");
}

TEST_F(IssuerAccounts, ASuspendedAccountTakesItsKeysAlongAndGivesThemBack) {
  const auto caller = house_.new_key();

  const auto suspended = house_.issuer->suspend_account("demo", "unpaid", house_.actor);

  ASSERT_TRUE(suspended.has_value());
  EXPECT_EQ(suspended->account.state, AccountState::kSuspended);
  EXPECT_TRUE(house_.replica->find(caller.key.id)->account_suspended);
  EXPECT_NE(house_.last_audit().find("account.suspend"), std::string::npos);
  EXPECT_EQ(reason_of(house_.issuer->suspend_account("demo", "again", house_.actor)),
            "already_suspended");
  ASSERT_TRUE(house_.issuer->resume_account("demo", house_.actor).has_value());
  EXPECT_FALSE(house_.replica->find(caller.key.id)->account_suspended);
  EXPECT_EQ(reason_of(house_.issuer->resume_account("demo", house_.actor)), "not_suspended");
}

TEST_F(IssuerAccounts, UnknownAccountsAreNeitherSuspendedNorResumed) {
  EXPECT_EQ(reason_of(house_.issuer->suspend_account("nobody", "", house_.actor)),
            "no_such_account");
  EXPECT_EQ(reason_of(house_.issuer->resume_account("nobody", house_.actor)), "no_such_account");
  EXPECT_EQ(reason_of(house_.issuer->challenge("nobody", "")), "no_such_account");
}

TEST_F(IssuerAccounts, ASuspensionThatIsNotConfirmedIsWaitedOut) {
  house_.loop.mode = InlineLoop::Mode::kKeep;
  const BootTime before = house_.clock.boot_now();

  EXPECT_TRUE(house_.issuer->suspend_account("demo", "", house_.actor).has_value());
  EXPECT_GE(house_.clock.boot_now() - before, std::chrono::seconds(5));
  EXPECT_EQ(reason_of(house_.issuer->suspend_account("demo", "", house_.actor)),
            "already_suspended");
  EXPECT_GE(house_.clock.boot_now() - before, std::chrono::seconds(10));
}

TEST_F(IssuerAccounts, PagesContinueWhereTheyEnded) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(house_.issuer->create_account(id, "", house_.actor).has_value());
  }
  const auto first = house_.issuer->account_page("", 2);
  ASSERT_TRUE(first.has_value());
  ASSERT_EQ(first->accounts.size(), 2U);
  ASSERT_TRUE(first->next.has_value());

  const auto second = house_.issuer->account_page(*first->next, 3);

  ASSERT_EQ(second->accounts.size(), 2U);
  EXPECT_EQ(second->accounts[1].id.text(), "demo");
  EXPECT_EQ(second->next, std::nullopt);
  EXPECT_EQ(house_.issuer->accounts("", 10)->size(), 4U);
}

TEST_F(IssuerAccounts, ADamagedRecordIsCountedAndNamed) {
  ASSERT_TRUE(
      house_.registry
          ->commit({.writes = {{.kind = RecordKind::kAccount, .id = "broken", .bytes = "damaged"}}})
          .has_value());

  EXPECT_EQ(house_.issuer->account_page("", 10)->unreadable, 1U);
  EXPECT_EQ(reason_of(house_.issuer->account("broken")), "record_unreadable");
  EXPECT_EQ(house_.issuer->account("broken").error().kind, Problem::Kind::kUnavailable);
}

}  // namespace
}  // namespace counterfoil
