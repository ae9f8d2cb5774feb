#include "base/percent.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace counterfoil {
namespace {

TEST(Percent, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b+c/d=\xc3\xa9"), "a%20b%2Bc%2Fd%3D%C3%A9");
}

TEST(Percent, DecodesOnceAndOnlyOnce) {
  EXPECT_EQ(percent_decode("%2541%2b+"), "%41++");
  EXPECT_EQ(form_decode("a+b%2B"), "a b+");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(Percent, RefusesBrokenEscapes) {
  for (const std::string_view bad : {"%", "%1", "a%zz", "%g0", "%0g", "%%41", "x%4"}) {
    EXPECT_FALSE(percent_decode(bad).has_value()) << bad;
    EXPECT_FALSE(form_decode(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace counterfoil
