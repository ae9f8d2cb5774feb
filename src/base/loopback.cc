#include "base/loopback.h"

#include <cstddef>
#include <cstdint>

#include "base/ip_address.h"

namespace counterfoil {

bool is_loopback(const IpAddress& address) {
  constexpr std::uint8_t kLoopbackNetwork = 127;
  constexpr std::size_t kFirstOctetOfV4 = 12;
  return address.is_v4() ? address.bytes()[kFirstOctetOfV4] == kLoopbackNetwork
                         : address == IpAddress::parse("::1");
}

}  // namespace counterfoil
