#include "keys/permission.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace counterfoil {
namespace {

TEST(PermissionTable, ReadsAndWritesNamesInItsOwnOrder) {
  const auto table = PermissionTable::create({"USER_DATA", "TRADE", "WITHDRAW"});
  ASSERT_TRUE(table.has_value());

  const auto set = table->parse("WITHDRAW, USER_DATA");

  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(table->to_text(*set), "USER_DATA,WITHDRAW");
  EXPECT_TRUE(set->contains_all(*table->find("WITHDRAW")));
  EXPECT_FALSE(set->intersects(*table->find("TRADE")));
  EXPECT_EQ(set->size(), 2U);
  EXPECT_TRUE(table->parse("")->empty());
}

TEST(PermissionTable, NamesTheUnknownPermission) {
  const auto table = PermissionTable::create({"USER_DATA"});

  EXPECT_EQ(table->parse("USER_DATA,trade").error(), "trade");
  EXPECT_EQ(table->parse("USER_DATA,,").error(), "");
}

TEST(PermissionTable, HoldsThirtyTwoAndNotOneMore) {
  std::vector<std::string> names;
  for (int i = 0; i < 32; ++i) {
    names.push_back("P" + std::to_string(i));
  }
  EXPECT_TRUE(PermissionTable::create(names).has_value());
  EXPECT_TRUE(PermissionTable::create(names)->find("P31").has_value());
  names.emplace_back("P32");
  EXPECT_FALSE(PermissionTable::create(names).has_value());
  EXPECT_FALSE(PermissionTable::create({"A", "A"}).has_value());
  EXPECT_FALSE(PermissionTable::create({"a"}).has_value());
  EXPECT_FALSE(PermissionTable::create({""}).has_value());
}

}  // namespace
}  // namespace counterfoil
