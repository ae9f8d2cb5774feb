#include "venue/decimal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace counterfoil::venue {
namespace {

constexpr Decimal d(std::string_view text) { return Decimal::parse(text).value(); }

struct GoodCase {
  std::string_view name;
  std::string_view text;
  std::int64_t units;
  std::string_view printed;
};
void PrintTo(const GoodCase& row, std::ostream* out) { *out << row.name; }

class GoodDecimal : public testing::TestWithParam<GoodCase> {};

constexpr GoodCase kGood[] = {
    {"zero", "0", 0, "0.00000000"},
    {"whole", "12", 1'200'000'000, "12.00000000"},
    {"one_decimal", "0.1", 10'000'000, "0.10000000"},
    {"smallest", "0.00000001", 1, "0.00000001"},
    {"leading_zeros", "0007.50", 750'000'000, "7.50000000"},
    {"largest", "92233720368.54775807", std::numeric_limits<std::int64_t>::max(),
     "92233720368.54775807"},
};

TEST_P(GoodDecimal, IsReadAndPrintedWithAllItsDecimals) {
  const auto decimal = Decimal::parse(GetParam().text);

  ASSERT_TRUE(decimal.has_value());
  EXPECT_EQ(decimal->units(), GetParam().units);
  EXPECT_EQ(decimal->text(), GetParam().printed);
}

INSTANTIATE_TEST_SUITE_P(Decimal, GoodDecimal, testing::ValuesIn(kGood),
                         [](const auto& row) { return std::string(row.param.name); });

struct BadCase {
  std::string_view name;
  std::string_view text;
  DecimalError error;
};
void PrintTo(const BadCase& row, std::ostream* out) { *out << row.name; }

class BadDecimal : public testing::TestWithParam<BadCase> {};

constexpr BadCase kBad[] = {
    {"empty", "", DecimalError::kMalformed},
    {"point_alone", ".", DecimalError::kMalformed},
    {"nothing_before_the_point", ".5", DecimalError::kMalformed},
    {"nothing_behind_the_point", "5.", DecimalError::kMalformed},
    {"two_points", "1.2.3", DecimalError::kMalformed},
    {"minus", "-1", DecimalError::kMalformed},
    {"plus", "+1", DecimalError::kMalformed},
    {"exponent", "1e3", DecimalError::kMalformed},
    {"hex", "0x10", DecimalError::kMalformed},
    {"blank", " 1", DecimalError::kMalformed},
    {"comma", "1,5", DecimalError::kMalformed},
    {"ninth_decimal", "0.000000001", DecimalError::kTooPrecise},
    {"ninth_decimal_zero", "1.000000000", DecimalError::kTooPrecise},
    {"one_past_the_largest", "92233720368.54775808", DecimalError::kOverflow},
    {"far_too_large", "99999999999999999999", DecimalError::kOverflow},
};

TEST_P(BadDecimal, IsRefused) {
  const auto decimal = Decimal::parse(GetParam().text);

  ASSERT_FALSE(decimal.has_value());
  EXPECT_EQ(decimal.error(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Decimal, BadDecimal, testing::ValuesIn(kBad),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Decimal, PrintsWhatIsBelowZero) {
  EXPECT_EQ(Decimal::from_units(-1).text(), "-0.00000001");
  EXPECT_EQ(Decimal::from_units(std::numeric_limits<std::int64_t>::min()).text(),
            "-92233720368.54775808");
}

TEST(Decimal, AddsUpToTheLargestAndSaysNoOnePast) {
  const Decimal below = Decimal::from_units(std::numeric_limits<std::int64_t>::max() - 1);

  EXPECT_EQ(checked_add(below, Decimal::from_units(1)), Decimal::max());
  EXPECT_EQ(checked_add(below, Decimal::from_units(2)), std::nullopt);
  EXPECT_EQ(saturating_add(below, Decimal::from_units(2)), Decimal::max());
}

TEST(DecimalDeathTest, NeverWrapsAround) {
  EXPECT_DEATH((void)(Decimal::max() + Decimal::from_units(1)), "");
  EXPECT_DEATH((void)(Decimal::from_units(-2) - Decimal::max()), "");
}

TEST(Decimal, MultipliesExactlyOrNotAtAll) {
  EXPECT_EQ(multiply(d("60000.01"), d("0.00001")), d("0.6000001"));
  EXPECT_EQ(multiply(d("0.0001"), d("0.0001")), d("0.00000001"));
  EXPECT_EQ(multiply(d("0.0001"), d("0.00001")), std::nullopt);
  EXPECT_EQ(multiply_down(d("0.0001"), d("0.00019")), d("0.00000001"));
  EXPECT_EQ(multiply(d("1000000"), d("92233")), d("92233000000"));
  EXPECT_EQ(multiply(d("1000000"), d("92234")), std::nullopt);
  EXPECT_EQ(multiply_down(Decimal::max(), d("2")), std::nullopt);
}

TEST(Decimal, DividesDownwards) {
  EXPECT_EQ(divide_down(d("1"), d("3")), d("0.33333333"));
  EXPECT_EQ(divide_down(d("100"), d("60000")), d("0.00166666"));
  EXPECT_EQ(divide_down(d("1"), d("0")), std::nullopt);
  EXPECT_EQ(divide_down(Decimal::max(), d("0.5")), std::nullopt);
}

TEST(Decimal, KnowsTheGridOfAStep) {
  EXPECT_TRUE(is_multiple(d("0.03"), d("0.01")));
  EXPECT_FALSE(is_multiple(d("0.035"), d("0.01")));
  EXPECT_EQ(round_down(d("0.0399"), d("0.01")), d("0.03"));
  EXPECT_EQ(round_down(d("0.009"), d("0.01")), d("0"));
}

}  // namespace
}  // namespace counterfoil::venue
