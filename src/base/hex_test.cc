#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace counterfoil {
namespace {

TEST(Hex, WritesLowerCaseAndReadsBothCases) {
  const std::array<std::uint8_t, 4> bytes{0x00, 0x7f, 0xab, 0xff};

  EXPECT_EQ(to_hex(bytes), "007fabff");
  EXPECT_EQ(from_hex("007FaBfF"), std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  EXPECT_EQ(from_hex(""), std::vector<std::uint8_t>{});
}

TEST(Hex, RefusesOddLengthAndForeignCharacters) {
  for (const std::string_view bad :
       {"0", "000", "0g", "g0", "0x", " 0", "0 ", "\xff\xff", "+1", "-1"}) {
    EXPECT_FALSE(from_hex(bad).has_value()) << bad;
  }
}

TEST(Hex, FillsExactlyTheGivenBytes) {
  std::array<std::uint8_t, 2> out{};

  EXPECT_TRUE(from_hex_into("beEF", out));
  EXPECT_EQ(out, (std::array<std::uint8_t, 2>{0xbe, 0xef}));
  EXPECT_FALSE(from_hex_into("bee", out));
  EXPECT_FALSE(from_hex_into("beef00", out));
}

}  // namespace
}  // namespace counterfoil
