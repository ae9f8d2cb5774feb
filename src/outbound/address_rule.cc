#include "outbound/address_rule.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/loopback.h"

namespace counterfoil {
namespace {

// The list of control S-77. ::ffff:0:0/96 is missing: an IPv4 address is kept in that form, and
// judged by the IPv4 rows.
constexpr auto kRefused = std::to_array<std::string_view>({
    "0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",   "240.0.0.0/4",    "::/127",
    "64:ff9b::/96",    "100::/64",       "2001::/23",     "2001:db8::/32",  "2002::/16",
    "fc00::/7",        "fe80::/10",      "ff00::/8",
});

const std::vector<Cidr>& refused() {
  static const std::vector<Cidr> networks = [] {
    std::vector<Cidr> made;
    made.reserve(kRefused.size());
    for (const std::string_view text : kRefused) {
      made.push_back(Cidr::parse(text).value());
    }
    return made;
  }();
  return networks;
}

}  // namespace

bool is_public_address(const IpAddress& address) {
  return std::ranges::none_of(refused(),
                              [&](const Cidr& network) { return network.contains(address); });
}

bool AddressRule::allows(const IpAddress& address) const {
  switch (where) {
    case Where::kLoopback:
      return is_loopback(address);
    case Where::kPublic:
      return is_public_address(address) || std::ranges::any_of(also, [&](const Cidr& network) {
               return network.contains(address);
             });
  }
  return false;
}

}  // namespace counterfoil
