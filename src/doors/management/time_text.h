#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace counterfoil {

// time_text writes UTC as RFC 3339 with milliseconds: "2026-03-01T12:00:00.123Z". Years 0000 to
// 9999; anything beyond is written as the nearest of them.
[[nodiscard]] std::string time_text(Timestamp time);

// parse_time reads RFC 3339 in UTC: date, 'T', time with up to six decimals of the second, 'Z'.
// nullopt: anything else, or a date that no calendar has.
[[nodiscard]] std::optional<Timestamp> parse_time(std::string_view text);

}  // namespace counterfoil
