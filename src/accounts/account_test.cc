#include "accounts/account.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account_codec.h"
#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);

Account demo_account() {
  return {.id = *AccountId::parse("demo"), .name = "Demo", .created = kNow};
}

TEST(Account, IsSuspendedOnceAndResumedOnce) {
  const auto suspended = suspend(demo_account(), "unpaid", kNow);

  ASSERT_TRUE(suspended.has_value());
  EXPECT_EQ(suspended->state_cause, "unpaid");
  EXPECT_EQ(suspend(*suspended, "again", kNow).error(), AccountError::kAlreadySuspended);
  EXPECT_EQ(resume(*suspended, kNow)->state, AccountState::kActive);
  EXPECT_EQ(resume(demo_account(), kNow).error(), AccountError::kNotSuspended);
}

Account sub_account() {
  Account account = demo_account();
  account.id = *AccountId::parse("desk-7");
  account.master = AccountId::parse("demo");
  account.email = "desk-7@example.com";
  return account;
}

TEST(AccountCodec, ReadsWhatItWrote) {
  for (const Account& made : {demo_account(), sub_account()}) {
    const Account account = *suspend(made, "unpaid", kNow);

    EXPECT_EQ(decode_account(encode_account(account)), account);
  }
}

// What a version 1 wrote: its byte, and everything up to `created`.
TEST(AccountCodec, ReadsTheRecordsFromBeforeThereWereSubAccounts) {
  const std::string bytes = encode_account(demo_account());
  ASSERT_EQ(bytes.substr(bytes.size() - 4), std::string("\x07\x00\x08\x00", 4));
  const std::string old = "\x01" + bytes.substr(1, bytes.size() - 5);

  EXPECT_EQ(decode_account(old), demo_account());
  EXPECT_FALSE(decode_account("\x01" + bytes.substr(1)).has_value()) << "fields of version 2";
  EXPECT_FALSE(decode_account("\x02" + old.substr(1)).has_value()) << "fields missing";
}

TEST(AccountCodec, RefusesHalfASubAccount) {
  Account without_email = sub_account();
  without_email.email.clear();
  Account without_master = sub_account();
  without_master.master.reset();
  Account in_capitals = sub_account();
  in_capitals.email = "Desk-7@example.com";

  EXPECT_FALSE(decode_account(encode_account(without_email)).has_value());
  EXPECT_FALSE(decode_account(encode_account(without_master)).has_value());
  EXPECT_FALSE(decode_account(encode_account(in_capitals)).has_value());
}

TEST(AccountCodec, RefusesEveryCutAndEveryAddition) {
  const std::string bytes = encode_account(sub_account());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_account(bytes.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_account(bytes + std::string("\x09\x00", 2)).has_value());
  EXPECT_FALSE(decode_account("\x03" + bytes.substr(1)).has_value());
  EXPECT_FALSE(decode_account(std::string(1, '\0') + bytes.substr(1)).has_value());
}

TEST(Email, HasOneSpelling) {
  EXPECT_EQ(parse_email("Desk-7+bots@Example.COM"), "desk-7+bots@example.com");
  EXPECT_TRUE(parse_email(std::string(64, 'a') + "@" + std::string(63, 'b')).has_value());
  for (const std::string& bad :
       {std::string(), std::string("desk"), std::string("@a"), std::string("a@"),
        std::string("a@b@c"), std::string("a b@c"), std::string("a@c\n"), std::string("\xc3\xa4@c"),
        std::string("a,b@c"), std::string(65, 'a') + "@b", "a@" + std::string(64, 'b')}) {
    EXPECT_FALSE(parse_email(bad).has_value()) << bad;
  }
}

TEST(AccountId, HasOneSpelling) {
  for (const char* bad : {"", "A", "a b", "-a", "ä", "123456789012345678901234567890123"}) {
    EXPECT_FALSE(AccountId::parse(bad).has_value()) << bad;
  }
  EXPECT_TRUE(AccountId::parse("12345678901234567890123456789012").has_value());
}

}  // namespace
}  // namespace counterfoil
