#pragma once

#include <string_view>

namespace counterfoil {

// common_password_lines gives common_passwords.txt without its comments: words in lower case, in
// the order of their bytes, each but the last followed by LF.
[[nodiscard]] std::string_view common_password_lines();

// is_common_password tells whether `word` (lower case) is one of them.
[[nodiscard]] bool is_common_password(std::string_view word);

}  // namespace counterfoil
