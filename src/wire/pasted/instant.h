#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace counterfoil::pasted {

// read_instant reads "2026-01-02T03:04:05.678Z", with an offset in place of Z as well, and a blank
// for the T, at the beginning of a text. Without Z and offset it is no instant: nullopt.
[[nodiscard]] std::optional<Timestamp> read_instant(std::string_view text);
// read_http_date reads "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::optional<Timestamp> read_http_date(std::string_view text);

}  // namespace counterfoil::pasted
