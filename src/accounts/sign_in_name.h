#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// A person signs in with an e-mail address. normal_email gives its one spelling (control S-55):
// Unicode's NFKC with letter case folded and what is not seen left out, without blanks around it.
// Every look-up, counter and lock uses it, so no variant of a name has a budget of its own.
//
// nullopt: it is not UTF-8, has more than kNormalEmailBytesMax bytes, not exactly one '@' with
// something on both sides, or blanks or control characters inside. Whether mail arrives there is
// not asked.
inline constexpr std::size_t kNormalEmailBytesMax = 254;
[[nodiscard]] std::optional<std::string> normal_email(std::string_view typed);

}  // namespace counterfoil
