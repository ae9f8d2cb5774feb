#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace counterfoil::proxy {

// The longest headers that pass, line end and signature included. Version 1 has no longer ones;
// of version 2 the addresses take 52 bytes and a proxy's own words (TLVs) the rest.
inline constexpr std::size_t kV1BytesMax = 107;
inline constexpr std::size_t kV2BytesMax = 2048;

// ProxyHeader is what a proxy says of the connection that begins behind it.
struct ProxyHeader {
  std::size_t size_bytes = 0;
  // nullopt: the proxy speaks for itself (LOCAL) or does not know (UNKNOWN). Then the address is
  // the socket's.
  std::optional<IpAddress> client;

  bool operator==(const ProxyHeader&) const = default;
};

// ProxyFault says why the bytes are no header that is taken here. The connection is closed.
enum class ProxyFault : std::uint8_t {
  kNoSignature,  // they begin neither like version 1 nor like version 2
  kTooLong,
  kLine,     // version 1: not the grammar of its one line
  kVersion,  // version 2: another version, or a command other than LOCAL and PROXY
  kFamily,   // version 2: not TCP over IPv4 or IPv6
  kLength,   // version 2: too short for its addresses, or its TLVs do not end where it ends
};

// parse_proxy_header reads the PROXY header, version 1 or 2, from the start of what a connection
// has received. nullopt: it is not whole yet, and all of `received` belongs to it. Neither
// allocates nor keeps anything; cheap enough to be called for each piece that arrives.
//
// Only TCP is taken: a client without an IP address (AF_UNIX) could not be held against an
// allow-list. TLVs are stepped over, the checksum among them: TCP has its own.
//
// Source: haproxy.org, "The PROXY protocol versions 1 & 2", sections 2.1 and 2.2.
[[nodiscard]] std::expected<std::optional<ProxyHeader>, ProxyFault> parse_proxy_header(
    std::string_view received);

}  // namespace counterfoil::proxy
