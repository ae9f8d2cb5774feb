#include "doors/rest/date_line.h"

#include <fmt/core.h>
#include <fmt/format.h>  // IWYU pragma: keep (clang does not find format_to_n in the library)

#include <array>
#include <chrono>
#include <string_view>

#include "base/time.h"

namespace counterfoil {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view DateLine::at(Timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second.time_since_epoch().count() != second_) {
    second_ = second.time_since_epoch().count();
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    const auto written = fmt::format_to_n(
        text_.begin(), text_.size(), "Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
        kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        time.hours().count(), time.minutes().count(), time.seconds().count());
    size_ = written.size < text_.size() ? written.size : text_.size();
  }
  return {text_.data(), size_};
}

}  // namespace counterfoil
