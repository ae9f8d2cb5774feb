#include "base/base64.h"

#include <gtest/gtest.h>

#include <string_view>

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

}  // namespace
}  // namespace counterfoil
