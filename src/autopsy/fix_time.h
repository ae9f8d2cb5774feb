#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil::autopsy {

// fix_time_us reads SendingTime (52): YYYYMMDD-HH:MM:SS with 0, 3 or 6 decimals, UTC, in µs.
[[nodiscard]] std::optional<std::int64_t> fix_time_us(std::string_view text);
// fix_time_text writes it with `decimals` of them.
[[nodiscard]] std::string fix_time_text(std::int64_t us, unsigned decimals);

}  // namespace counterfoil::autopsy
