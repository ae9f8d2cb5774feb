#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::autopsy {

// code_points decodes UTF-8; nullopt: it is none.
[[nodiscard]] std::optional<std::vector<char32_t>> code_points(std::string_view text);
// utf16_units gives the UTF-16 code units of a UTF-8 text.
[[nodiscard]] std::optional<std::vector<std::uint16_t>> utf16_units(std::string_view text);
// in_charset writes a UTF-8 text in another charset, by the system's tables (iconv); nullopt: the
// text has characters that the charset lacks, or the system does not know it.
[[nodiscard]] std::optional<std::string> in_charset(std::string_view text, const char* charset);

}  // namespace counterfoil::autopsy
