#pragma once

#include "base/ip_address.h"

namespace counterfoil {

// is_loopback: 127.0.0.0/8 or ::1, which only this machine can have.
[[nodiscard]] bool is_loopback(const IpAddress& address);

}  // namespace counterfoil
