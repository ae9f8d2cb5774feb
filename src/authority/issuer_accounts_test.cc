#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/time.h"
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

TEST_F(IssuerAccounts, ASubAccountIsFoundByItsMasterAloneInAnyLetterCase) {
  const auto made =
      house_.issuer->create_account("desk-7", "Desk 7", house_.actor,
                                    Issuer::SubAccountOf{.master = "demo", .email = "D7@Demo.X"});
  ASSERT_TRUE(house_.issuer->create_account("other", "", house_.actor).has_value());

  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(made->email, "d7@demo.x");
  EXPECT_NE(house_.last_audit().find("account.create"), std::string::npos);
  const AccountId demo = *AccountId::parse("demo");
  EXPECT_EQ(*house_.issuer->sub_account(demo, "d7@DEMO.x"), *made);
  for (const char* const email : {"d8@demo.x", "", "demo", "d7@demo.x "}) {
    EXPECT_EQ(reason_of(house_.issuer->sub_account(demo, email)), "no_such_sub_account") << email;
  }
  EXPECT_EQ(reason_of(house_.issuer->sub_account(*AccountId::parse("other"), "d7@demo.x")),
            "no_such_sub_account");
  EXPECT_EQ(house_.issuer->sub_accounts("demo")->accounts, std::vector<Account>{*made});
  EXPECT_TRUE(house_.issuer->sub_accounts("other")->accounts.empty());
}

TEST_F(IssuerAccounts, ASubAccountStaysOneThroughEveryChange) {
  const Issuer::SubAccountOf of{.master = "demo", .email = "d7@demo.x"};
  ASSERT_TRUE(house_.issuer->create_account("desk-7", "", house_.actor, of).has_value());

  ASSERT_TRUE(house_.issuer->suspend_account("desk-7", "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->resume_account("desk-7", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->create_key({.account = "desk-7"}, house_.actor).has_value());

  EXPECT_TRUE(house_.issuer->sub_account(*AccountId::parse("demo"), "d7@demo.x").has_value());
}

TEST_F(IssuerAccounts, ASubAccountNeedsAMasterThatIsNoneAndAnEmailOfItsOwn) {
  const auto make = [&](const std::string& id, const std::string& master,
                        const std::string& email) {
    return reason_of(house_.issuer->create_account(
        id, "", house_.actor, Issuer::SubAccountOf{.master = master, .email = email}));
  };
  EXPECT_EQ(make("desk-7", "demo", "d7@demo.x"), "");

  EXPECT_EQ(make("desk-8", "demo", "D7@demo.x"), "email_taken");
  EXPECT_EQ(make("desk-8", "demo", "d8"), "email_invalid");
  EXPECT_EQ(make("desk-8", "nobody", "d8@demo.x"), "no_such_account");
  EXPECT_EQ(make("desk-8", "desk-8", "d8@demo.x"), "no_such_account");
  EXPECT_EQ(make("desk-8", "desk-7", "d8@demo.x"), "master_is_sub_account");
  EXPECT_EQ(make("desk-7", "demo", "d8@demo.x"), "account_exists");
  EXPECT_EQ(reason_of(house_.issuer->account("desk-8")), "no_such_account");
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
