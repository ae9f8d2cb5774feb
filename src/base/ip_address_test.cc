#include "base/ip_address.h"

#include <gtest/gtest.h>

#include <string_view>

namespace counterfoil {
namespace {

TEST(IpAddress, TreatsMappedAndPlainIpv4AsOne) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(IpAddress::parse("::FFFF:c000:0201")->to_string(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0::1")->to_string(), "2001:db8::1");
}

TEST(IpAddress, RefusesSpellingsThatOtherProgramsReadDifferently) {
  for (const std::string_view bad : {"",
                                     "1",
                                     "1.2.3",
                                     "1.2.3.4.5",
                                     "010.0.0.1",
                                     "1.2.3.04",
                                     "256.1.1.1",
                                     "1.2.3.4 ",
                                     " 1.2.3.4",
                                     "0x0a.1",
                                     "1.2.3.a",
                                     "1..2.3",
                                     "::10.0.0.1",
                                     "fe80::1%eth0",
                                     "[::1]",
                                     "1:2:3:4:5:6:7",
                                     "::ffff:1.2.3.04",
                                     "::g",
                                     "1.2.3.-4",
                                     "+1.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(bad).has_value()) << bad;
  }
}

// Found by fuzzing: the system writes such an address with dots, in the form that parse refuses.
TEST(IpAddress, WritesAnAddressBelowThe96thBitInHexadecimal) {
  EXPECT_EQ(IpAddress::parse("::ffff:1")->to_string(), "::ffff:1");
  EXPECT_EQ(IpAddress::parse("::1:0")->to_string(), "::1:0");
  EXPECT_EQ(IpAddress::parse("::1")->to_string(), "::1");
  EXPECT_EQ(IpAddress::parse("::")->to_string(), "::");
}

struct CidrCase {
  std::string_view list;
  std::string_view peer;
  bool contained;
};

constexpr CidrCase kCidrCases[] = {
    {"203.0.113.7", "203.0.113.7", true},           {"203.0.113.7", "203.0.113.8", false},
    {"203.0.113.0/24", "203.0.113.255", true},      {"203.0.113.0/24", "203.0.114.0", false},
    {"203.0.113.0/25", "203.0.113.127", true},      {"203.0.113.0/25", "203.0.113.128", false},
    {"128.0.0.0/1", "255.255.255.255", true},       {"128.0.0.0/1", "127.255.255.255", false},
    {"203.0.113.0/24", "::ffff:203.0.113.9", true}, {"::ffff:10.0.0.0/120", "10.0.0.77", true},
    {"::ffff:10.0.0.0/120", "10.0.1.0", false},     {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},   {"2001:db8::1", "2001:db8::1", true},
    {"2001:db8::/32", "203.0.113.7", false},        {"::/1", "203.0.113.7", false},
    {"::/80", "::ffff:203.0.113.7", false},         {"::/1", "2001:db8::1", true},
};

TEST(Cidr, ContainsExactlyItsNetwork) {
  for (const CidrCase& row : kCidrCases) {
    const auto cidr = Cidr::parse(row.list);
    ASSERT_TRUE(cidr.has_value()) << row.list;
    EXPECT_EQ(cidr->contains(*IpAddress::parse(row.peer)), row.contained)
        << row.list << " " << row.peer;
  }
}

TEST(Cidr, IsWrittenInOneForm) {
  EXPECT_EQ(Cidr::parse("::ffff:10.0.0.0/120")->to_string(), "10.0.0.0/24");
  EXPECT_EQ(Cidr::parse("10.1.2.3/32")->to_string(), "10.1.2.3");
  EXPECT_EQ(Cidr::parse("2001:db8::/48")->to_string(), "2001:db8::/48");
}

TEST(Cidr, RefusesWithTheCorrectedForm) {
  const auto host_bits = Cidr::parse("10.0.0.1/8");

  ASSERT_FALSE(host_bits.has_value());
  EXPECT_EQ(host_bits.error().kind, CidrErrorKind::kHostBitsSet);
  EXPECT_EQ(host_bits.error().corrected, "10.0.0.0/8");
}

TEST(Cidr, NamesEachMistake) {
  EXPECT_EQ(Cidr::parse("0.0.0.0/0").error().kind, CidrErrorKind::kWholeInternet);
  EXPECT_EQ(Cidr::parse("::/0").error().kind, CidrErrorKind::kWholeInternet);
  EXPECT_EQ(Cidr::parse("::ffff:0.0.0.0/96").error().kind, CidrErrorKind::kWholeInternet);
  EXPECT_EQ(Cidr::parse("1.2.3.4/33").error().kind, CidrErrorKind::kPrefixLength);
  EXPECT_EQ(Cidr::parse("1.2.3.4/").error().kind, CidrErrorKind::kPrefixLength);
  EXPECT_EQ(Cidr::parse("1.2.3.4/08").error().kind, CidrErrorKind::kPrefixLength);
  EXPECT_EQ(Cidr::parse("010.0.0.1").error().kind, CidrErrorKind::kNotAnAddress);
}

}  // namespace
}  // namespace counterfoil
