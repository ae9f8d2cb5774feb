#include "venue/interval.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace counterfoil::venue {
namespace {

using std::chrono::days;
using std::chrono::seconds;

// Seconds of each interval but the month, which has no one length.
constexpr std::array<seconds, kIntervalsCount> kLengths = {
    seconds(1),     seconds(60),     seconds(180),    seconds(300),
    seconds(900),   seconds(1800),   seconds(3600),   seconds(7200),
    seconds(14400), seconds(21600),  seconds(28800),  seconds(43200),
    seconds(86400), seconds(259200), seconds(604800), seconds(0)};

// 1970 began on a Thursday; the Monday of that week was three days before.
constexpr seconds kMondayOffset = days(3);

std::chrono::year_month month_of(Timestamp time) {
  const std::chrono::year_month_day date(std::chrono::floor<days>(time));
  return date.year() / date.month();
}
Timestamp first_of(std::chrono::year_month month) {
  return std::chrono::sys_days(month / std::chrono::day(1));
}

}  // namespace

std::optional<Interval> interval_named(std::string_view name) {
  const auto* const found = std::ranges::find(kIntervalNames, name);
  if (found == kIntervalNames.end()) {
    return std::nullopt;
  }
  return static_cast<Interval>(found - kIntervalNames.begin());
}

Timestamp open_of(Interval interval, Timestamp time) {
  if (interval == Interval::k1month) {
    return first_of(month_of(time));
  }
  const seconds offset = interval == Interval::k1w ? kMondayOffset : seconds(0);
  const Timestamp::duration length = kLengths[static_cast<std::size_t>(interval)];
  const Timestamp::duration since = time.time_since_epoch() + offset;
  return Timestamp(since - (since % length) - offset);
}

Timestamp next_open(Interval interval, Timestamp open) {
  if (interval == Interval::k1month) {
    return first_of(month_of(open) + std::chrono::months(1));
  }
  return open + kLengths[static_cast<std::size_t>(interval)];
}

}  // namespace counterfoil::venue
