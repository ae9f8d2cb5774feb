#include "wire/http/host.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace counterfoil::http {
namespace {

TEST(Host, TakesNamesAndAddressesWithAPort) {
  for (const std::string_view text :
       {"gw.test", "GW.test.", "localhost:8080", "a", "my_host", "127.0.0.1:1", "a:65535",
        "xn--bcher-kva.example", "[::1]", "[2001:db8::1]:443", "[::ffff:10.0.0.1]"}) {
    EXPECT_TRUE(is_host_and_port(text)) << text;
  }
}

TEST(Host, RefusesAllElse) {
  for (const std::string_view text : {"",         ".",          "..",     ".a",          "a..b",
                                      "a.b..",    ":80",        "a:",     "a:0",         "a:65536",
                                      "a:000080", "a:+8",       "a b",    " a",          "a ",
                                      "a/",       "a?b",        "a#b",    "me@a",        "me:pw@a",
                                      "a,b",      "a\\b",       "a%41",   "caf\xc3\xa9", "::1",
                                      "[::1",     "[]",         "[a]",    "[127.0.0.1]", "[::1]x",
                                      "[::1]:",   "[::1%eth0]", "[::1]]", "a[::1]",      "*"}) {
    EXPECT_FALSE(is_host_and_port(text)) << text;
  }
}

TEST(Host, LengthsAreThoseOfTheNameSystem) {
  const std::string label(63, 'a');
  EXPECT_TRUE(is_host_and_port(label + ".test"));
  EXPECT_FALSE(is_host_and_port(label + "a.test"));

  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), 253U);
  EXPECT_TRUE(is_host_and_port(longest));
  EXPECT_TRUE(is_host_and_port(longest + ".:443"));
  EXPECT_FALSE(is_host_and_port(longest + "a"));
}

}  // namespace
}  // namespace counterfoil::http
