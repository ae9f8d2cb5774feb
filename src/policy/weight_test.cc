#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/route.h"

namespace counterfoil {
namespace {

using Condition = WeightRule::Condition;

Route route_with(std::vector<WeightRule> rules) {
  Route route;
  route.weight = 3;
  route.weight_rules = std::move(rules);
  return route;
}

struct WeightCase {
  std::string_view name;
  Condition condition;
  std::string_view query;
  std::string_view body;
  bool holds;
};

// Each rule is about the parameter "limit", threshold 100; a route weighs 3, or 50 where it holds.
constexpr WeightCase kWeights[] = {
    {"above_not_sent", Condition::kAbove, "", "", false},
    {"above_at_it", Condition::kAbove, "limit=100", "", false},
    {"above_one_past", Condition::kAbove, "limit=101", "", true},
    {"above_in_the_body", Condition::kAbove, "", "limit=101", true},
    {"above_of_two_the_querys", Condition::kAbove, "limit=1", "limit=101", false},
    {"above_of_two_in_the_query_the_first", Condition::kAbove, "limit=101&limit=1", "", true},
    {"above_name_percent_encoded", Condition::kAbove, "li%6Dit=101", "", true},
    {"above_digits_percent_encoded", Condition::kAbove, "limit=%3101", "", true},
    {"above_leading_zeros", Condition::kAbove, "limit=000101", "", true},
    {"above_twenty_digits", Condition::kAbove, "limit=99999999999999999999", "", true},
    {"above_two_to_the_64", Condition::kAbove, "limit=18446744073709551616", "", true},
    {"above_no_number", Condition::kAbove, "limit=many", "", false},
    {"above_negative", Condition::kAbove, "limit=-101", "", false},
    {"above_empty", Condition::kAbove, "limit=", "", false},
    {"above_no_equals_sign", Condition::kAbove, "limit", "", false},
    {"above_longer_name", Condition::kAbove, "limits=101", "", false},
    {"above_shorter_name", Condition::kAbove, "limi=101", "", false},
    {"above_broken_escape_is_itself", Condition::kAbove, "limit=1%0", "", false},
    {"above_behind_others", Condition::kAbove, "a=1&&b&limit=101&c=2", "", true},
    {"present", Condition::kPresent, "limit=1", "", true},
    {"present_and_empty", Condition::kPresent, "limit=", "", true},
    {"present_without_equals_sign", Condition::kPresent, "a=1&limit", "", true},
    {"present_not", Condition::kPresent, "a=limit", "", false},
    {"absent", Condition::kAbsent, "a=1", "", true},
    {"absent_not", Condition::kAbsent, "limit=1", "", false},
    {"absent_not_for_it_is_in_the_body", Condition::kAbsent, "", "limit=1", false},
};
class WeightOfRoute : public testing::TestWithParam<WeightCase> {};

TEST_P(WeightOfRoute, FollowsTheParameter) {
  const WeightCase& row = GetParam();
  const Route route = route_with(
      {{.parameter = "limit", .condition = row.condition, .threshold = 100, .weight = 50}});

  EXPECT_EQ(weight_of(route, row.query, row.body), row.holds ? 50U : 3U);
}

INSTANTIATE_TEST_SUITE_P(Rows, WeightOfRoute, testing::ValuesIn(kWeights),
                         [](const auto& row) { return std::string(row.param.name); });

struct ItemsCase {
  std::string_view name;
  std::string_view value;
  bool more_than_two;
};
constexpr ItemsCase kItems[] = {
    {"none", "", false},         {"two", "a,b", false},
    {"three", "a,b,c", true},    {"escaped_commas", "a%2Cb%2cc", true},
    {"only_commas", ",,", true}, {"json", "%5B%22a%22,%22b%22%5D", false},
};
class ItemsOfRoute : public testing::TestWithParam<ItemsCase> {};

TEST_P(ItemsOfRoute, AreCountedByTheirCommas) {
  const Route route = route_with({{.parameter = "symbols",
                                   .condition = Condition::kItemsAbove,
                                   .threshold = 2,
                                   .weight = 50}});

  EXPECT_EQ(weight_of(route, "symbols=" + std::string(GetParam().value), ""),
            GetParam().more_than_two ? 50U : 3U);
}

INSTANTIATE_TEST_SUITE_P(Rows, ItemsOfRoute, testing::ValuesIn(kItems),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(WeightOf, IsTheRoutesOwnWithoutRules) { EXPECT_EQ(weight_of(route_with({}), "x=1", ""), 3U); }

TEST(WeightOf, TheLastRuleThatHoldsWins) {
  const Route route = route_with(
      {{.parameter = "limit", .condition = Condition::kAbove, .threshold = 10, .weight = 5},
       {.parameter = "limit", .condition = Condition::kAbove, .threshold = 100, .weight = 9},
       {.parameter = "cheap", .condition = Condition::kPresent, .threshold = 0, .weight = 0}});

  EXPECT_EQ(weight_of(route, "limit=10", ""), 3U);
  EXPECT_EQ(weight_of(route, "limit=11", ""), 5U);
  EXPECT_EQ(weight_of(route, "limit=500", ""), 9U);
  EXPECT_EQ(weight_of(route, "limit=500&cheap=1", ""), 0U);
}

}  // namespace
}  // namespace counterfoil
