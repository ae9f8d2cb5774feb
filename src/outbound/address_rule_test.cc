#include "outbound/address_rule.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/ip_address.h"

namespace counterfoil {
namespace {

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(AddressRule, RefusesBothEndsOfEveryNetworkThatLeadsNowhereGood) {
  for (const std::string_view text : {"0.0.0.0",
                                      "0.255.255.255",
                                      "10.0.0.0",
                                      "10.255.255.255",
                                      "100.64.0.0",
                                      "100.127.255.255",
                                      "127.0.0.1",
                                      "127.255.255.255",
                                      "169.254.169.254",
                                      "172.16.0.0",
                                      "172.31.255.255",
                                      "192.0.0.1",
                                      "192.0.2.1",
                                      "192.168.0.1",
                                      "192.168.255.255",
                                      "198.18.0.0",
                                      "198.19.255.255",
                                      "198.51.100.7",
                                      "203.0.113.9",
                                      "224.0.0.1",
                                      "239.255.255.255",
                                      "240.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "::1",
                                      "64:ff9b::1",
                                      "100::1",
                                      "2001::1",
                                      "2001:db8::1",
                                      "2002:7f00:1::",
                                      "fc00::1",
                                      "fdff::1",
                                      "fe80::1",
                                      "febf::1",
                                      "ff02::1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(is_public_address(address(text))) << text;
  }
}

TEST(AddressRule, TakesTheNeighboursOfThoseNetworks) {
  for (const std::string_view text :
       {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
        "2001:200::1", "2003::1", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public_address(address(text))) << text;
  }
}

TEST(AddressRule, NamedNetworksAreFineAndNoOthers) {
  const AddressRule rule{.also = {Cidr::parse("10.20.0.0/16").value()}};
  EXPECT_TRUE(rule.allows(address("10.20.255.255")));
  EXPECT_FALSE(rule.allows(address("10.21.0.0")));
  EXPECT_TRUE(rule.allows(address("8.8.8.8")));
}

TEST(AddressRule, LoopbackIsThisMachineAlone) {
  const AddressRule rule{.where = AddressRule::Where::kLoopback};
  EXPECT_TRUE(rule.allows(address("127.0.0.1")));
  EXPECT_TRUE(rule.allows(address("::1")));
  EXPECT_FALSE(rule.allows(address("8.8.8.8")));
  EXPECT_FALSE(rule.allows(address("10.0.0.1")));
}

}  // namespace
}  // namespace counterfoil
