#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace counterfoil::http {

inline constexpr auto kDefaultApiKeyNames = std::to_array<std::string_view>({"x-mbx-apikey"});

// FieldRules is what a listener knows of header names beyond HTTP itself.
//
//   api_key_names  names that carry an API key: lower case, '-' between words, at most
//                  kReservedNameSizeMax bytes each. A spelling of one with '_' is refused, and so
//                  is one in a trailer section. Borrowed: must outlive every object it is given to.
//   identity       whether identity headers (is_identity_header()) of a request are dropped: by
//                  every listener that passes requests on. One that answers them itself may have
//                  names of its own among them.
enum class IdentityFields : std::uint8_t { kDropped, kKept };
struct FieldRules {
  std::span<const std::string_view> api_key_names = kDefaultApiKeyNames;
  IdentityFields identity = IdentityFields::kDropped;
};
inline constexpr std::size_t kReservedNameSizeMax = 64;

// equals_ignoring_case compares ASCII text; bytes at and above 80 hex must be equal.
[[nodiscard]] bool equals_of_one_size(std::string_view a, std::string_view b);  // not for others
[[nodiscard]] inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && equals_of_one_size(a, b);
}

// same_field_name compares header names the way a careless reader behind us might: without regard
// to letter case, and with '_' equal to '-'.
[[nodiscard]] bool same_field_name(std::string_view a, std::string_view b);

// is_token reports whether `text` can be a header name or method (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text);

// is_identity_header reports whether `name` begins with "x-counterfoil-" in any letter case and
// with '_' read as '-': the names in which the gateway, and nobody else, speaks to the upstream
// (control S-31). parse_request_head() drops such fields, unless its rules keep them.
[[nodiscard]] bool is_identity_header(std::string_view name);

// is_framing_name reports whether `name` (any case, '_' as '-') decides where a message ends or
// which host it is for: Content-Length, Transfer-Encoding, Connection, Keep-Alive, Expect, Host,
// TE, Trailer, Upgrade.
[[nodiscard]] bool is_framing_name(std::string_view name);

// is_hop_by_hop reports whether `name` (any case) is for one connection only and never passed on:
// Connection, Keep-Alive, every Proxy-..., TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings
// (control S-33). Names that the Connection header lists are so too: has_connection_option() of
// the head tells. Content-Length is not among them, but whoever writes a head frames it anew and
// leaves the received one out.
[[nodiscard]] bool is_hop_by_hop(std::string_view name);

// lists reports whether `name` is a member of the comma-separated `list` (any case), as Connection
// and Upgrade have it. is_list_of_tokens: every member is a token or empty.
[[nodiscard]] bool lists(std::string_view list, std::string_view name);
[[nodiscard]] bool is_list_of_tokens(std::string_view list);

}  // namespace counterfoil::http
