#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// The forms of names that a profile may hold. Each function tells what is wrong, as the rest of a
// sentence that begins with the name, or nullopt when nothing is.

// fault_of_header_name: a token of RFC 9110 section 5.6.2, at most 64 characters, that is neither
// one of the headers that frame or route a message nor one of ours (X-Counterfoil-...).
[[nodiscard]] std::optional<std::string> fault_of_header_name(std::string_view name);

// fault_of_parameter_name: 1 to 64 of [A-Za-z0-9_.-], so that it never needs percent-encoding.
[[nodiscard]] std::optional<std::string> fault_of_parameter_name(std::string_view name);

// fault_of_profile_name: 1 to 32 of [a-z0-9-].
[[nodiscard]] std::optional<std::string> fault_of_profile_name(std::string_view name);

// fault_of_sentence: 1 to 300 bytes of text for people, without control characters.
[[nodiscard]] std::optional<std::string> fault_of_sentence(std::string_view text);

// fault_of_route_path: '/' followed by segments of unreserved and sub-delimiter characters, ':' and
// '@' (RFC 3986 section 3.3, without percent escapes), or {name}; see Route's limits.
[[nodiscard]] std::optional<std::string> fault_of_route_path(std::string_view path);

}  // namespace counterfoil
