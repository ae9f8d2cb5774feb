#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "base/ip_address.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {

// How many addresses of X-Forwarded-For are looked at, from the right; one more is refused.
inline constexpr std::size_t kForwardedForHopsMax = 10;

// client_of gives the address of the client behind proxies that are trusted (control S-40).
//
//   fields   all header lines of the request; several X-Forwarded-For are one list.
//   peer     the address of the socket. Unless it is trusted it is the answer, and no header is
//            believed.
//   trusted  the proxies' networks.
//   returns  read from the right, the first address that is not trusted; the leftmost when all
//            are; the peer when there is none. What stands further left anybody may have written,
//            so it is not looked at.
//   errors   kForwardedForMalformed: an entry on the way is not a plain address. Ports, brackets,
//            zones, names and empty entries are none. kForwardedForTooLong.
//
// Forwarded, X-Real-IP, True-Client-IP and their like are never looked at.
[[nodiscard]] std::expected<IpAddress, Refusal> client_of(std::span<const Field> fields,
                                                          const IpAddress& peer,
                                                          std::span<const Cidr> trusted);

}  // namespace counterfoil::http
