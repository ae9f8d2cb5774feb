#pragma once

#include <string_view>

namespace counterfoil::http {

// is_host_and_port reports whether `text` is what a Host header may hold here: a host name (labels
// of letters, digits, '-' and '_', 1 to 63 bytes, 253 in all, a final dot allowed), an IPv4
// address or an IPv6 address in brackets; then optionally ':' and a port from 1 to 65535. User
// parts, percent escapes and what else RFC 3986 section 3.2 would take are refused: nobody who
// means well sends them.
[[nodiscard]] bool is_host_and_port(std::string_view text);

}  // namespace counterfoil::http
