#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
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

// Sixteen digits are read at once and sixteen bytes written: all of them at every place, in such a
// block and behind it.
TEST(Hex, ReadsWhatItWritesAtEveryPlace) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t value = 0; value < 256; ++value) {
    for (std::size_t place = 0; place < 19; ++place) {
      std::vector<std::uint8_t> bytes(19, 0x5a);
      bytes[place] = static_cast<std::uint8_t>(value);
      std::string expected;
      for (const std::uint8_t byte : bytes) {
        expected += kDigits[byte / 16];
        expected += kDigits[byte % 16];
      }
      std::string written = "before";
      append_hex(bytes, written);
      ASSERT_EQ(written, "before" + expected);
      ASSERT_EQ(from_hex(expected), bytes);
    }
  }
}

TEST(Hex, RefusesAForeignCharacterAtEveryPlace) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool is_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    for (std::size_t place = 0; place < 38; ++place) {
      std::string text(38, '7');
      text[place] = c;
      ASSERT_EQ(from_hex(text).has_value(), is_digit) << value << " at " << place;
    }
  }
}

}  // namespace
}  // namespace counterfoil
