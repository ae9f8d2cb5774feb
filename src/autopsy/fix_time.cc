#include "autopsy/fix_time.h"

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/form.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::size_t kWholeSeconds = 17;  // "20240627-11:17:25"

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.begin(), text.end(), value);
  return value;
}

}  // namespace

std::optional<std::int64_t> fix_time_us(std::string_view text) {
  if (text.size() < kWholeSeconds || text[8] != '-' || text[11] != ':' || text[14] != ':' ||
      !is_digits(text.substr(0, 8)) || !is_digits(text.substr(9, 2)) ||
      !is_digits(text.substr(12, 2)) || !is_digits(text.substr(15, 2))) {
    return std::nullopt;
  }
  std::string fraction;
  if (text.size() > kWholeSeconds) {
    fraction = text.substr(kWholeSeconds + 1);
    if (text[kWholeSeconds] != '.' || !is_digits(fraction) || fraction.size() > 6) {
      return std::nullopt;
    }
  }
  fraction.resize(6, '0');
  const std::chrono::year_month_day date{
      std::chrono::year(number(text.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(number(text.substr(4, 2)))),
      std::chrono::day(static_cast<unsigned>(number(text.substr(6, 2))))};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(number(text.substr(9, 2))) +
                    std::chrono::minutes(number(text.substr(12, 2))) +
                    std::chrono::seconds(number(text.substr(15, 2))) +
                    std::chrono::microseconds(number(fraction));
  return time.time_since_epoch().count();
}

std::string fix_time_text(std::int64_t us, unsigned decimals) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(us)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const std::string text =
      fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  const std::string fraction = fmt::format("{:06}", clock.subseconds().count());
  return decimals == 0 ? text : text + "." + fraction.substr(0, decimals);
}

}  // namespace counterfoil::autopsy
