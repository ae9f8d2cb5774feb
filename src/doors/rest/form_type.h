#pragma once

#include <string_view>

#include "wire/http/request_head.h"

namespace counterfoil {

// is_form_type reports whether a Content-Type is application/x-www-form-urlencoded, in UTF-8 if it
// names a charset. Any other parameter, or a malformed one, makes it something else.
[[nodiscard]] bool is_form_type(std::string_view content_type);

// says_form reports whether the one Content-Type of a request is that. Two are none.
[[nodiscard]] bool says_form(const http::RequestHead& head);

}  // namespace counterfoil
