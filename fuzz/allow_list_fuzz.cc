// Target: AllowList::parse, Cidr::parse and IpAddress::parse on one text. Property: what is
// accepted has one text that is read back as the same value; a network contains its own first
// address and nothing that differs within its prefix; a list contains exactly what one of its
// networks contains; an IPv4 address and its mapped form are one.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "keys/allow_list.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) {
    return;
  }
  require(IpAddress::parse(address->to_string()) == address);
  require(IpAddress::v6(address->bytes()) == *address);
  if (address->is_v4()) {
    require(IpAddress::parse("::ffff:" + address->to_string()) == address);
  }
  // A single address is a network of itself alone.
  const auto network = Cidr::parse(text);
  require(network.has_value() && network->prefix_bits() == 128 && network->contains(*address));
}

// flipped is the network's first address with one bit changed, counted from the left.
IpAddress flipped(const Cidr& network, std::size_t bit) {
  std::array<std::uint8_t, 16> bytes = network.network().bytes();
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (0x80U >> (bit % 8)));
  return IpAddress::v6(bytes);
}

void check_network(const Cidr& network) {
  require(Cidr::parse(network.to_string()) == network);
  require(network.prefix_bits() > 0 && network.prefix_bits() <= 128);
  require(network.contains(network.network()));
  for (std::size_t bit = 0; bit < 128; ++bit) {
    const IpAddress other = flipped(network, bit);
    const bool is_foreign_v4 = other.is_v4() && network.prefix_bits() < 96;
    require(network.contains(other) == (bit >= network.prefix_bits() && !is_foreign_v4));
  }
}

void check_list(const AllowList& list) {
  require(AllowList::parse(list.to_text()) == list);
  require(list.networks().size() <= AllowList::kEntriesMax);
  require(list.is_any() == list.networks().empty());
  for (const Cidr& network : list.networks()) {
    check_network(network);
    const IpAddress outside = flipped(network, network.prefix_bits() - 1U);
    const bool is_in_another = std::ranges::any_of(
        list.networks(), [&](const Cidr& other) { return other.contains(outside); });
    require(list.contains(network.network()));
    require(list.contains(outside) == is_in_another);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_address(text);
  if (const auto network = Cidr::parse(text)) {
    check_network(*network);
  } else {
    require(!describe(network.error()).empty());
  }
  if (const auto list = AllowList::parse(text)) {
    check_list(*list);
  } else {
    require(!list.error().empty());
  }
  return 0;
}
