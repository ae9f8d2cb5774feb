#include "doors/management/time_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace counterfoil {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr Timestamp kFirst = sys_days{year{0} / 1 / 1};
constexpr Timestamp kLast = sys_days{year{10000} / 1 / 1} - milliseconds(1);
constexpr std::size_t kSecondSize = 19;  // "2026-03-01T12:00:00"
constexpr std::size_t kDecimalsMax = 6;

// digits reads `count` digits at `at`; -1 when one is missing.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') {
      return -1;
    }
    value = (value * 10) + (c - '0');
  }
  return value;
}

// decimals reads ".5" to ".123456". nullopt: malformed.
std::optional<microseconds> decimals(std::string_view text) {
  if (text.empty()) {
    return microseconds(0);
  }
  const std::size_t count = text.size() - 1;
  if (text.front() != '.' || count == 0 || count > kDecimalsMax) {
    return std::nullopt;
  }
  int value = digits(text, 1, count);
  if (value < 0) {
    return std::nullopt;
  }
  for (std::size_t i = count; i < kDecimalsMax; ++i) {
    value *= 10;
  }
  return microseconds(value);
}

}  // namespace

std::string time_text(Timestamp time) {
  const auto shown = std::chrono::floor<milliseconds>(std::clamp(time, kFirst, kLast));
  const auto date = std::chrono::floor<days>(shown);
  const year_month_day calendar(date);
  const std::chrono::hh_mm_ss clock(shown - date);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()),
                     static_cast<unsigned>(calendar.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<Timestamp> parse_time(std::string_view text) {
  if (text.size() <= kSecondSize || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':' || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto fraction = decimals(text.substr(kSecondSize, text.size() - kSecondSize - 1));
  const int y = digits(text, 0, 4);
  const int mo = digits(text, 5, 2);
  const int d = digits(text, 8, 2);
  const int h = digits(text, 11, 2);
  const int mi = digits(text, 14, 2);
  const int s = digits(text, 17, 2);
  if (!fraction || std::min({y, mo, d, h, mi, s}) < 0 || h > 23 || mi > 59 || s > 59) {
    return std::nullopt;
  }
  const year_month_day date(year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)});
  if (!date.ok()) {
    return std::nullopt;
  }
  return Timestamp(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + *fraction;
}

}  // namespace counterfoil
