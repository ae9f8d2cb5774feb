#pragma once

#include <string_view>

namespace counterfoil::http {

// is_utf8_type tells whether a Content-Type field names `type`, in any letter case, with no
// parameter but charset=utf-8 (RFC 9110 section 8.3). Another charset would make other text of the
// same bytes.
[[nodiscard]] bool is_utf8_type(std::string_view field, std::string_view type);

}  // namespace counterfoil::http
