#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace counterfoil {

// is_public_address: none of the networks that lead back to us, to our neighbours, or nowhere
// (control S-77): a name that others choose must not take us there.
[[nodiscard]] bool is_public_address(const IpAddress& address);

// AddressRule says where a call may go whose peer's name is not ours to trust. It is asked about
// every address that the name has, and the connection goes to one that was asked about.
struct AddressRule {
  enum class Where : std::uint8_t {
    kPublic,    // anywhere but to private networks
    kLoopback,  // to this machine alone: what is called without TLS
  };
  Where where = Where::kPublic;
  std::vector<Cidr> also = {};  // with kPublic: networks of the operator's own that are fine

  [[nodiscard]] bool allows(const IpAddress& address) const;
};

}  // namespace counterfoil
