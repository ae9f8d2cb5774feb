#include "wire/fix/fix_fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace counterfoil::fix {
namespace {

std::string with_soh(std::string_view printed) {
  std::string message(printed);
  std::ranges::replace(message, '|', kSoh);
  return message;
}

// The vendor's Logout sample; its BodyLength and CheckSum are right (binance.md, 4.4).
constexpr std::string_view kLogout =
    "8=FIX.4.4|9=55|35=5|34=3|49=GhQHzrLR|52=20240611-09:44:25.543|56=SPOT|10=249|";

TEST(FixFields, ReadsAWholeMessage) {
  const std::string message = with_soh(kLogout);

  const auto fields = read_fields(message);

  ASSERT_TRUE(fields.has_value());
  EXPECT_TRUE(fields->whole);
  EXPECT_EQ(fields->all.size(), 8U);
  EXPECT_EQ(fields->find(49), "GhQHzrLR");
  EXPECT_EQ(fields->find(96), std::nullopt);
}

TEST(FixFields, TellsABrokenFrame) {
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"9=55", "9=54"},
                                 {"10=249", "10=250"},
                                 {"10=249", "10=49"},
                                 {"34=3", "34=4"}}) {
    std::string message = with_soh(kLogout);
    message.replace(message.find(from), from.size(), to);

    const auto fields = read_fields(message);

    ASSERT_TRUE(fields.has_value()) << to;
    EXPECT_FALSE(fields->whole) << to;
  }
}

TEST(FixFields, RefusesWhatHasNoFields) {
  for (const std::string_view text :
       {"", "8=FIX.4.4", "8|", "=1|", "x=1|", "1234567890=1|", "8=a||"}) {
    EXPECT_FALSE(read_fields(with_soh(text)).has_value()) << text;
  }
}

TEST(FixFields, LimitsTheNumberOfFields) {
  std::string message;
  for (std::size_t i = 0; i < kFieldsMax; ++i) {
    message += with_soh("58=x|");
  }
  EXPECT_TRUE(read_fields(message).has_value());
  EXPECT_FALSE(read_fields(message + with_soh("58=x|")).has_value());
}

}  // namespace
}  // namespace counterfoil::fix
