#include "accounts/account.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(AccountCodec, ReadsWhatItWrote) {
  const Account account = *suspend(demo_account(), "unpaid", kNow);

  EXPECT_EQ(decode_account(encode_account(account)), account);
}

TEST(AccountCodec, RefusesEveryCutAndEveryAddition) {
  const std::string bytes = encode_account(demo_account());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_account(bytes.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_account(bytes + std::string("\x07\x00", 2)).has_value());
  EXPECT_FALSE(decode_account("\x02" + bytes.substr(1)).has_value());
}

TEST(AccountId, HasOneSpelling) {
  for (const char* bad : {"", "A", "a b", "-a", "ä", "123456789012345678901234567890123"}) {
    EXPECT_FALSE(AccountId::parse(bad).has_value()) << bad;
  }
  EXPECT_TRUE(AccountId::parse("12345678901234567890123456789012").has_value());
}

}  // namespace
}  // namespace counterfoil
