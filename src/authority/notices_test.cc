// Control S-66.
#include "authority/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/notice.h"
#include "accounts/person.h"
#include "accounts/totp.h"
#include "authority/audit_chain.h"
#include "authority/key_records.h"
#include "authority/people.h"
#include "authority/people_records.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_people.h"
#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/wiped_text.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

const SteppedUp kProof = TestSteppedUp::proof();

class Notices : public testing::Test {
 protected:
  Notices() { test_.add_account("desk-7"); }

  [[nodiscard]] People::NoticePage page_of(const TestPeople::Known& known,
                                           const std::string& after = {}, std::size_t limit = 100) {
    const Caller caller{
        .person = find_person(*test_.registry, known.person.id).value().value(),
        .session = {.value = {.id = "1", .person = known.person.id}, .record_id = "1"},
        .source = test_.browser.source};
    return test_.people.notices(caller, after, limit).value();
  }
  // what_of gives the newest first, without those of the enrolment.
  [[nodiscard]] std::vector<std::string> what_of(const TestPeople::Known& known) {
    std::vector<std::string> what;
    for (const auto& item : page_of(known).notices) {
      what.push_back(item.notice.what);
    }
    what.pop_back();  // "totp.add"
    return what;
  }

  TestPeople test_;
  TestPeople::Known ann_ = test_.owner();
};

TEST_F(Notices, TellPeopleOfTheirOwnFactorsAndSignIns) {
  const auto in = test_.sign_in.sign_in(test_.try_of(ann_));
  ASSERT_TRUE(in.has_value());
  test_.clock.advance(kTotpStep);
  SignInTry known_device = test_.try_of(ann_);
  known_device.device_cookie = in->device_cookie;
  const auto again = test_.sign_in.sign_in(known_device);
  ASSERT_TRUE(again.has_value());
  const Caller caller = test_.sessions.caller(again->token, test_.browser.source).value();
  ASSERT_TRUE(
      test_.people
          .change_password(caller, kProof, WipedText(TestPeople::kPassword), "lantern gravel orbit")
          .has_value());

  EXPECT_THAT(what_of(ann_), ElementsAre("password.change", "session.open"))
      << "a device that is known is nothing to tell of";
  const Notice notice = page_of(ann_).notices.front().notice;
  EXPECT_EQ(notice.actor, "person:" + ann_.person.id.text());
  EXPECT_EQ(notice.source, test_.browser.source.to_string());
  EXPECT_EQ(notice.time, test_.clock.now());
}

TEST_F(Notices, TellHoldersOfTheKeysOfTheirAccountAndItsSubAccounts) {
  const auto bob = test_.invited(ann_, "bob@example.com", Role::kHolder, "desk-7");
  test_.add_account("desk-8");
  const auto eve = test_.invited(ann_, "eve@example.com", Role::kHolder, "desk-8");
  Account sub{.id = AccountId::parse("desk-7-a").value(), .name = "A"};
  sub.master = AccountId::parse("desk-7");
  sub.email = "a@example.com";
  ASSERT_TRUE(test_.registry->commit({.writes = {account_write(sub, 0)}}).has_value());

  const ApiKey key = test_.add_key("desk-7", "TRADE");
  (void)test_.add_key("desk-7-a", "TRADE");

  EXPECT_THAT(what_of(bob), ElementsAre("key.create", "key.create"));
  EXPECT_EQ(page_of(bob).notices.at(1).notice.object, key.id.text());
  EXPECT_EQ(page_of(bob).notices.at(1).notice.detail.at("label"), "bot");
  EXPECT_THAT(what_of(eve), IsEmpty());
}

TEST_F(Notices, TellOfEditsThatChangeWhatAKeyMayDo) {
  const auto bob = test_.invited(ann_, "bob@example.com", Role::kHolder, "desk-7");
  const auto edit = [&](const std::string& what) {
    ASSERT_TRUE(test_.audited
                    .commit({}, {.actor = "system",
                                 .action = "key.edit",
                                 .object = "cfk1",
                                 .detail = {{"account", "desk-7"}, {what, "a -> b"}}})
                    .has_value());
  };
  edit("label");
  EXPECT_THAT(what_of(bob), IsEmpty());
  edit("permissions");
  edit("allow_list");
  EXPECT_THAT(what_of(bob), ElementsAre("key.edit", "key.edit"));
}

// A mass action changes many API keys in one transaction, and the transaction has a limit.
TEST_F(Notices, CountWhatIsTheSameInOneTransaction) {
  const auto bob = test_.invited(ann_, "bob@example.com", Role::kHolder, "desk-7");
  const std::vector<AuditFact> facts(1'000, {.actor = "system",
                                             .action = "key.revoke",
                                             .object = "cfk1",
                                             .detail = {{"account", "desk-7"}}});
  ASSERT_TRUE(test_.audited.commit_all({}, facts).has_value());

  const auto page = page_of(bob);
  EXPECT_EQ(page.notices.front().notice.what, "key.revoke");
  EXPECT_EQ(page.notices.front().notice.count, 1'000U);
  EXPECT_EQ(page.notices.size(), 2U) << "and the one of the enrolment";
  EXPECT_THAT(notices_of(*test_.registry, facts, 1, test_.clock.now(), 0), IsEmpty());
}

TEST_F(Notices, AreReadInParts) {
  const auto bob = test_.invited(ann_, "bob@example.com", Role::kHolder, "desk-7");
  (void)test_.add_key("desk-7", "TRADE");
  (void)test_.add_key("desk-7", "TRADE");

  const auto first = page_of(bob, {}, 2);
  ASSERT_EQ(first.notices.size(), 2U);
  ASSERT_TRUE(first.next.has_value());
  const auto second = page_of(bob, *first.next, 2);
  ASSERT_EQ(second.notices.size(), 1U);
  EXPECT_EQ(second.notices.front().notice.what, "totp.add");
  EXPECT_FALSE(second.next.has_value());
}

TEST_F(Notices, StayAfterTheyWereSeen) {
  test_.clock.advance(1s);
  const Caller caller = test_.caller_of(ann_);
  const std::size_t all = page_of(ann_).notices.size();
  EXPECT_EQ(page_of(ann_).unseen, all);
  ASSERT_TRUE(test_.people.see_notices(caller).has_value());
  EXPECT_EQ(page_of(ann_).unseen, 0U);
  EXPECT_EQ(page_of(ann_).notices.size(), all);

  test_.clock.advance(1s);
  (void)test_.caller_of(ann_);
  EXPECT_EQ(page_of(ann_).unseen, 1U);
}

TEST_F(Notices, GoWhenTheyAreOldOrTooMany) {
  const auto bob = test_.invited(ann_, "bob@example.com", Role::kHolder, "desk-7");
  for (std::size_t i = 0; i < kNoticesMax; ++i) {
    ASSERT_TRUE(test_.audited
                    .commit({}, {.actor = "system",
                                 .action = "key.remind",
                                 .object = "cfk1",
                                 .detail = {{"account", "desk-7"}}})
                    .has_value());
  }
  const auto count = [&] {
    return test_.registry->list(RecordKind::kNotice, "", kListMax).value().size();
  };
  ASSERT_EQ(count(), kNoticesMax + 2);
  ASSERT_TRUE(test_.people.sweep().has_value());
  EXPECT_EQ(count(), kNoticesMax + 1) << "bob's oldest is gone, ann's is not";

  test_.clock.advance(kNoticeLife + 1s);
  while (test_.people.sweep().value() > 0) {
  }
  EXPECT_EQ(count(), 0U);
}

TEST_F(Notices, HoldNoSecret) {
  const auto offer =
      test_.people.offer_reset({.name = "socket:uid=0", .source = "local"}, ann_.person.id.text());
  ASSERT_TRUE(offer.has_value());
  const auto records = test_.registry->list(RecordKind::kNotice, "", kListMax);
  ASSERT_TRUE(records);
  ASSERT_FALSE(records->empty());
  for (const Record& record : *records) {
    EXPECT_FALSE(record.bytes.contains(std::string_view(offer->token)));
    EXPECT_FALSE(record.bytes.contains(ann_.seed_base32));
  }
}

}  // namespace
}  // namespace counterfoil
