#pragma once

#include <cstddef>
#include <string_view>

namespace counterfoil::http {

// find_control gives the position of the first control byte, HTAB aside, in text[from, to), or
// `to`. Line ends are such bytes, so one pass both ends a line and checks it. 16 bytes a step.
[[nodiscard]] std::size_t find_control(std::string_view text, std::size_t from, std::size_t to);

// find_gap gives the position of the first control byte or blank, or the size of `text`. No target
// of a request may have one.
[[nodiscard]] std::size_t find_gap(std::string_view text);

// QueryScan is what scan_query saw.
struct QueryScan {
  bool acceptable;  // no blank, HTAB, '#' or '\'
  bool high_bytes;  // at or above 80 hex
};
[[nodiscard]] QueryScan scan_query(std::string_view query);

// has_broken_escape finds a '%' without two hex digits behind it.
[[nodiscard]] bool has_broken_escape(std::string_view query);

}  // namespace counterfoil::http
