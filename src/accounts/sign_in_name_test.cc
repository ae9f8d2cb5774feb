#include "accounts/sign_in_name.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

TEST(SignInName, HasOneSpelling) {
  for (const std::string_view variant :
       {"ann@example.com", "Ann@Example.COM", "  ann@example.com\n",
        "\xef\xbd\x81nn@example.com",  // a full-width a
        "ann\xef\xbc\xa0"
        "example.com",                  // a full-width @
        "a\xe2\x80\x8bnn@example.com",  // a zero-width blank
        "\xc2\xa0"
        "ann@example.com\xe3\x80\x80",  // blanks that are not ASCII
        "ann@ex\xc2\xad"
        "ample.com"}) {  // a soft hyphen
    EXPECT_EQ(normal_email(variant), "ann@example.com") << variant;
  }
}

TEST(SignInName, ComposesWhatIsTypedInParts) {
  EXPECT_EQ(normal_email("ren\x65\xcc\x81@example.com"), "ren\xc3\xa9@example.com");
  EXPECT_EQ(normal_email("STRA\xe1\xba\x9e"
                         "E@example.com"),
            "strasse@example.com");
  EXPECT_EQ(normal_email("\xef\xac\x81n@example.com"), "fin@example.com") << "a ligature";
}

TEST(SignInName, OfOnceIsTheSameTwice) {
  for (const std::string_view typed : {"\xc7\x85@x", "\xe1\xbe\x88@x",
                                       "\xcd\x85\xcc\x80"
                                       "a@x",
                                       "\xe2\x84\xab"
                                       "@x"}) {
    const auto once = normal_email(typed);
    ASSERT_TRUE(once.has_value());
    EXPECT_EQ(normal_email(*once), once);
  }
}

TEST(SignInName, RefusesWhatIsNone) {
  for (const std::string& bad :
       {std::string(), std::string("ann"), std::string("@example.com"), std::string("ann@"),
        std::string("a@b@c"), std::string("a nn@example.com"), std::string("a\tnn@example.com"),
        std::string("ann@exam\xc2\x85ple.com"), std::string("ann\xff@example.com"),
        std::string("ann\0@example.com", 16)}) {
    EXPECT_EQ(normal_email(bad), std::nullopt) << bad;
  }
}

TEST(SignInName, HasALength) {
  const std::string host = "@example.com";
  const std::string longest = std::string(kNormalEmailBytesMax - host.size(), 'a') + host;

  EXPECT_EQ(normal_email(longest), longest);
  EXPECT_EQ(normal_email("a" + longest), std::nullopt);
  // One character that becomes eighteen.
  std::string swollen;
  for (int i = 0; i < 200; ++i) {
    swollen += "\xef\xb7\xba";
  }
  EXPECT_EQ(normal_email(swollen + host), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
