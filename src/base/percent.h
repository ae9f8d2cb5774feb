#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// percent_encode writes RFC 3986 unreserved characters as they are and all other bytes as %XX with
// upper-case digits.
[[nodiscard]] std::string percent_encode(std::string_view text);

// percent_decode turns each %XX (either case) into its byte, once; '+' stays '+'. nullopt: a '%'
// without two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// form_decode is percent_decode for application/x-www-form-urlencoded text: '+' is a blank.
[[nodiscard]] std::optional<std::string> form_decode(std::string_view text);

}  // namespace counterfoil
