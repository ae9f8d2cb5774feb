#include "base/base64.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {
namespace {

struct Rfc4648Case {
  std::string_view plain;
  std::string_view encoded;
};

// RFC 4648 section 10.
constexpr Rfc4648Case kRfc4648[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  for (const Rfc4648Case& row : kRfc4648) {
    EXPECT_EQ(to_base64(as_bytes(row.plain)), row.encoded);
    const auto decoded = from_base64(row.encoded);
    ASSERT_TRUE(decoded.has_value()) << row.encoded;
    EXPECT_EQ(as_text(*decoded), row.plain);
  }
}

TEST(Base64, RefusesEverySecondSpellingOfTheSameBytes) {
  for (const std::string_view bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Zm8 ",
                                     " Zm8=", "Zm8=\n", "Zm-_", "====", "=", "Z===", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(bad).has_value()) << bad;
  }
}

TEST(Base64Url, HasItsOwnAlphabetAndNoPadding) {
  const std::vector<std::uint8_t> bytes{0xfb, 0xff, 0xfe, 0x00};

  EXPECT_EQ(to_base64url(bytes), "-__-AA");
  EXPECT_EQ(from_base64url("-__-AA"), bytes);
  for (const char* bad : {"+//+AA", "-__-AA==", "-__-AB", "-__-A", "-__ AA"}) {
    EXPECT_FALSE(from_base64url(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace counterfoil
