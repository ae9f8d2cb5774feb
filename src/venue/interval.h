#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace counterfoil::venue {

// Interval is the length of a candle. Candles lie on a grid in UTC: weeks begin on Monday, months
// on their first day, the others at multiples from 1970.
enum class Interval : std::uint8_t {
  k1s,
  k1m,
  k3m,
  k5m,
  k15m,
  k30m,
  k1h,
  k2h,
  k4h,
  k6h,
  k8h,
  k12h,
  k1d,
  k3d,
  k1w,
  k1month,
};
inline constexpr auto kIntervalNames =
    std::to_array<std::string_view>({"1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h",
                                     "8h", "12h", "1d", "3d", "1w", "1M"});
inline constexpr std::size_t kIntervalsCount = kIntervalNames.size();
static_assert(kIntervalsCount == static_cast<std::size_t>(Interval::k1month) + 1);

// interval_named reads "1m" (a minute) and "1M" (a month) and their like; case matters.
[[nodiscard]] std::optional<Interval> interval_named(std::string_view name);

// open_of is where the candle begins that `time` falls into, next_open where the one behind it
// does. Both take times from 1970 to the year 9999.
[[nodiscard]] Timestamp open_of(Interval interval, Timestamp time);
[[nodiscard]] Timestamp next_open(Interval interval, Timestamp open);

}  // namespace counterfoil::venue
