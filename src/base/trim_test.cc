#include "base/trim.h"

#include <gtest/gtest.h>

#include <string_view>

namespace counterfoil {
namespace {

TEST(Trim, TakesWhiteSpaceOffBothEndsAndNoneFromWithin) {
  EXPECT_EQ(trim("\r\n\t a b \t\r\n"), "a b");
  EXPECT_EQ(trim("a b"), "a b");
}

TEST(Trim, LeavesNothingOfWhatIsBlankAlone) {
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \t\r\n"), "");
}

TEST(Trim, TakesTheCharactersThatAreNamedAndNoOthers) {
  EXPECT_EQ(trim("\t a \t", " "), "\t a \t");
  EXPECT_EQ(trim(" \"a'b\" ", " \"'"), "a'b");
}

TEST(Trim, BorrowsFromTheText) {
  constexpr std::string_view kText = "  a";
  EXPECT_EQ(trim(kText).data(), kText.data() + 2);
}

}  // namespace
}  // namespace counterfoil
