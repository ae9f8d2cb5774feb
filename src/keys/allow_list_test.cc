#include "keys/allow_list.h"

#include <gtest/gtest.h>

#include <string>

#include "base/ip_address.h"

namespace counterfoil {
namespace {

TEST(AllowList, OfNobodyContainsNobody) {
  EXPECT_FALSE(AllowList().contains(*IpAddress::parse("127.0.0.1")));
  EXPECT_FALSE(AllowList().is_any());
  EXPECT_TRUE(AllowList::any().contains(*IpAddress::parse("127.0.0.1")));
}

TEST(AllowList, ReadsItsOwnText) {
  const auto list = AllowList::parse("203.0.113.7, 10.0.0.0/8,2001:db8::/48,203.0.113.7");

  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->to_text(), "203.0.113.7,10.0.0.0/8,2001:db8::/48");
  EXPECT_EQ(*AllowList::parse(list->to_text()), *list);
  EXPECT_TRUE(list->contains(*IpAddress::parse("::ffff:10.9.9.9")));
  EXPECT_FALSE(list->contains(*IpAddress::parse("203.0.113.8")));
}

TEST(AllowList, TellsWhichEntryIsWrongAndHowToWriteIt) {
  const auto list = AllowList::parse("203.0.113.7,10.0.0.1/8");

  ASSERT_FALSE(list.has_value());
  EXPECT_EQ(list.error(),
            "\"10.0.0.1/8\": bits behind the prefix are set; did you mean 10.0.0.0/8?");
  EXPECT_FALSE(AllowList::parse("").has_value());
  EXPECT_FALSE(AllowList::parse("any,10.0.0.0/8").has_value());
  EXPECT_FALSE(AllowList::parse("10.0.0.0/8,").has_value());
}

TEST(AllowList, HoldsThirtyEntriesAndNotOneMore) {
  std::string text = "10.0.0.1";
  for (int i = 2; i <= 30; ++i) {
    text += ",10.0.0." + std::to_string(i);
  }
  EXPECT_TRUE(AllowList::parse(text).has_value());
  EXPECT_FALSE(AllowList::parse(text + ",10.0.0.31").has_value());
  EXPECT_TRUE(
      AllowList::parse(text + ",10.0.0.30").has_value());  // a repeated entry is no entry more
}

}  // namespace
}  // namespace counterfoil
