#include "authority/request_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "authority/authority_fixture.h"

namespace counterfoil {
namespace {

TEST(RequestIds, Are32HexDigitsAndNeverRepeat) {
  ScriptedRandom random;
  RequestIdSource source(random);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id(source.next().text());
    ASSERT_EQ(id.size(), 32U);
    ASSERT_TRUE(std::ranges::all_of(
        id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }));
    ASSERT_TRUE(seen.insert(id).second) << id;
  }
}

TEST(RequestIds, OfTwoLoopsDiffer) {
  ScriptedRandom random;
  RequestIdSource one(random);
  RequestIdSource other(random);

  EXPECT_NE(one.next().text().substr(0, 16), other.next().text().substr(0, 16));
}

TEST(RequestIds, GoOnWithoutRandomnessForTheyProtectNothing) {
  ScriptedRandom random;
  random.fails = true;
  RequestIdSource source(random);

  EXPECT_EQ(source.next().text(), "00000000000000000000000000000001");
}

}  // namespace
}  // namespace counterfoil
