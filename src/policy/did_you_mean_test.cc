#include "policy/did_you_mean.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

constexpr std::array<std::string_view, 5> kWords = {"weight", "orders", "permissions", "any", "a"};

struct NearCase {
  std::string_view name;
  std::string_view text;
  std::string_view meant;  // empty: nobody knows
};
constexpr NearCase kCases[] = {
    {"the_word_itself", "weight", "weight"},
    {"two_letters_swapped", "wieght", "weight"},
    {"one_left_out", "weigt", "weight"},
    {"one_inserted", "weightt", "weight"},
    {"one_changed", "wejght", "weight"},
    {"letter_case", "WEIGHT", "weight"},
    {"two_of_six", "weihgg", "weight"},
    {"three_of_six", "weixyz", ""},
    {"three_of_eleven", "permizxions", "permissions"},
    {"four_of_eleven", "pewwwwsions", ""},
    {"one_of_three", "any!", "any"},
    {"two_of_three", "axx", ""},
    {"empty", "", ""},
};
class Nearest : public testing::TestWithParam<NearCase> {};

TEST_P(Nearest, IsTheWordProbablyMeant) {
  EXPECT_EQ(nearest(GetParam().text, kWords).value_or(""), GetParam().meant);
}

INSTANTIATE_TEST_SUITE_P(Rows, Nearest, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(DidYouMean, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("wieght", kWords), " Did you mean 'weight'?");
  EXPECT_EQ(did_you_mean("colour", kWords), "");
  EXPECT_EQ(did_you_mean(std::string(10'000, 'w'), kWords), "");
  EXPECT_EQ(did_you_mean("weight", {}), "");
}

}  // namespace
}  // namespace counterfoil
