#include "wire/http/forwarded_for.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

constexpr std::string_view kMalformed = "malformed";
constexpr std::string_view kTooLong = "too long";

const std::vector<Cidr>& trusted() {
  static const std::vector<Cidr> networks = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("192.0.2.9"),
                                             *Cidr::parse("2001:db8:1::/48")};
  return networks;
}

std::string client(const std::vector<Field>& fields, std::string_view peer = "10.0.0.1") {
  const auto found = client_of(fields, *IpAddress::parse(peer), trusted());
  if (found) {
    return found->to_string();
  }
  EXPECT_EQ(found.error().status, 400);
  return std::string(found.error().kind == RefusalKind::kForwardedForMalformed ? kMalformed
                                                                               : kTooLong);
}
std::string client_by(std::string_view value, std::string_view peer = "10.0.0.1") {
  return client({{.name = "X-Forwarded-For", .value = value}}, peer);
}

struct ListCase {
  std::string_view value;
  std::string_view client;
};
constexpr ListCase kLists[] = {
    {"203.0.113.7", "203.0.113.7"},
    {"203.0.113.7, 10.0.0.2", "203.0.113.7"},
    {"203.0.113.7,10.0.0.2,192.0.2.9", "203.0.113.7"},
    {"203.0.113.7 \t,\t 10.0.0.2", "203.0.113.7"},
    {"2001:db8::7", "2001:db8::7"},
    {"2001:DB8::7, 2001:db8:1::1", "2001:db8::7"},
    {"::ffff:203.0.113.7", "203.0.113.7"},
    {"203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"},
    // What stands left of the first hop that is not trusted, anybody may have written.
    {"198.51.100.1, 203.0.113.7", "203.0.113.7"},
    {"10.0.0.3, 203.0.113.7, 10.0.0.2", "203.0.113.7"},
    {"nonsense, 203.0.113.7", "203.0.113.7"},
    {",,, 203.0.113.7", "203.0.113.7"},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m, 203.0.113.7", "203.0.113.7"},
    // All are trusted.
    {"10.0.0.3", "10.0.0.3"},
    {"10.0.0.3, 10.0.0.2", "10.0.0.3"},
    // Malformed on the way.
    {"", kMalformed},
    {" ", kMalformed},
    {",", kMalformed},
    {"203.0.113.7,", kMalformed},
    {"203.0.113.7, ,10.0.0.2", kMalformed},
    {",10.0.0.2", kMalformed},
    {"203.0.113.7:1234", kMalformed},
    {"[2001:db8::7]", kMalformed},
    {"[2001:db8::7]:443", kMalformed},
    {"\"203.0.113.7\"", kMalformed},
    {"unknown", kMalformed},
    {"_hidden", kMalformed},
    {"gw.test", kMalformed},
    {"for=203.0.113.7", kMalformed},
    {"203.0.113.07", kMalformed},
    {"203.0.113", kMalformed},
    {"203.0.113.256", kMalformed},
    {"203.0.113.0/24", kMalformed},
    {"3405803783", kMalformed},
    {"0xcb.0.113.7", kMalformed},
    {"::203.0.113.7", kMalformed},
    {"fe80::1%eth0", kMalformed},
    {"203.0.113.7 203.0.113.8", kMalformed},
    {"203.0.113.7; 10.0.0.2", kMalformed},
    {"203.0.113.7, unknown, 10.0.0.2", kMalformed},
};

TEST(ForwardedFor, IsReadFromTheRightPastTrustedHops) {
  for (const ListCase& list : kLists) {
    EXPECT_EQ(client_by(list.value), list.client) << "'" << list.value << "'";
  }
}

TEST(ForwardedFor, IsNotBelievedFromAPeerThatIsNotTrusted) {
  for (const ListCase& list : kLists) {
    EXPECT_EQ(client_by(list.value, "192.0.2.8"), "192.0.2.8") << "'" << list.value << "'";
  }
}

TEST(ForwardedFor, LeavesThePeerWhenThereIsNone) {
  EXPECT_EQ(client({}), "10.0.0.1");
  EXPECT_EQ(client({}, "::ffff:10.0.0.1"), "10.0.0.1");
}

TEST(ForwardedFor, OfSeveralLinesIsOneList) {
  const Field host{.name = "Host", .value = "192.0.2.77"};
  EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "203.0.113.7"},
                    host,
                    {.name = "x-forwarded-for", .value = "10.0.0.3, 10.0.0.2"}}),
            "203.0.113.7");
  EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "203.0.113.7"},
                    {.name = "X-FORWARDED-FOR", .value = "198.51.100.1"}}),
            "198.51.100.1");
  EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "203.0.113.7"},
                    {.name = "X-Forwarded-For", .value = ""}}),
            kMalformed);
  EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "unknown"},
                    {.name = "X-Forwarded-For", .value = "198.51.100.1"}}),
            "198.51.100.1");
}

TEST(ForwardedFor, LooksAtNoOtherHeader) {
  for (const std::string_view name :
       {"X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP",
        "X-Forwarded", "Forwarded-For", "X-Forwarded-For-Original", "X-Cluster-Client-IP", "Via"}) {
    EXPECT_EQ(client({{.name = name, .value = "203.0.113.7"}}), "10.0.0.1") << name;
    EXPECT_EQ(client({{.name = name, .value = "nonsense"}}), "10.0.0.1") << name;
    EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "198.51.100.1"},
                      {.name = name, .value = "203.0.113.7"}}),
              "198.51.100.1")
        << name;
  }
}

TEST(ForwardedFor, IsFollowedForTenHops) {
  std::string nine;
  for (std::size_t i = 0; i < kForwardedForHopsMax - 1; ++i) {
    nine += ", 10.0.0.2";
  }

  EXPECT_EQ(client_by("203.0.113.7" + nine), "203.0.113.7");
  EXPECT_EQ(client_by("10.0.0.3" + nine), "10.0.0.3");
  EXPECT_EQ(client_by("203.0.113.7, 10.0.0.2" + nine), kTooLong);
  EXPECT_EQ(client_by("198.51.100.1, 203.0.113.7" + nine), "203.0.113.7") << "not looked at";
  EXPECT_EQ(client({{.name = "X-Forwarded-For", .value = "203.0.113.7"},
                    {.name = "X-Forwarded-For", .value = "10.0.0.3" + nine}}),
            kTooLong);
}

}  // namespace
}  // namespace counterfoil::http
