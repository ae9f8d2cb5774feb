#include "wire/pasted/instant.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace counterfoil::pasted {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits reads numbers of a fixed width off the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}
  bool ok = true;

  int take(std::size_t width) {
    int value = 0;
    if (text_.size() < width || !std::ranges::all_of(text_.substr(0, width), is_digit)) {
      ok = false;
      return 0;
    }
    std::from_chars(text_.begin(), text_.begin() + width, value);
    text_.remove_prefix(width);
    return value;
  }
  // skip passes over one byte out of `any`.
  void skip(std::string_view any) {
    if (text_.empty() || !any.contains(text_.front())) {
      ok = false;
      return;
    }
    text_.remove_prefix(1);
  }
  // fraction reads ".123456", if it is there, as microseconds.
  std::chrono::microseconds fraction() {
    if (text_.empty() || (text_.front() != '.' && text_.front() != ',')) {
      return {};
    }
    text_.remove_prefix(1);
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    while (!text_.empty() && is_digit(text_.front())) {
      micros += unit * (text_.front() - '0');
      unit /= 10;
      text_.remove_prefix(1);
    }
    return std::chrono::microseconds(micros);
  }
  [[nodiscard]] std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

std::optional<Timestamp> instant(int year, unsigned month, unsigned day,
                                 std::chrono::seconds time) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || time < std::chrono::seconds(0) || time > std::chrono::hours(24)) {
    return std::nullopt;
  }
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::sys_days(date) + time);
}

std::chrono::seconds take_time(Digits& digits) {
  const int hour = digits.take(2);
  digits.skip(":");
  const int minute = digits.take(2);
  digits.skip(":");
  const int second = digits.take(2);
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace

std::optional<Timestamp> read_instant(std::string_view text) {
  Digits digits(text);
  const int year = digits.take(4);
  digits.skip("-");
  const int month = digits.take(2);
  digits.skip("-");
  const int day = digits.take(2);
  digits.skip("T ");
  const std::chrono::seconds time = take_time(digits);
  const std::chrono::microseconds fraction = digits.fraction();
  if (!digits.ok || digits.rest().empty()) {
    return std::nullopt;
  }
  std::chrono::seconds offset{};
  const char sign = digits.rest().front();
  if (sign == '+' || sign == '-') {
    digits.skip("+-");
    offset = std::chrono::hours(digits.take(2));
    if (digits.rest().starts_with(':')) {
      digits.skip(":");
    }
    offset += std::chrono::minutes(digits.take(2));
    offset = sign == '-' ? -offset : offset;
  } else if (sign != 'Z') {
    return std::nullopt;
  }
  const auto found = instant(year, static_cast<unsigned>(month), static_cast<unsigned>(day), time);
  return digits.ok && found ? std::optional(*found + fraction - offset) : std::nullopt;
}

std::optional<Timestamp> read_http_date(std::string_view text) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) {
    return std::nullopt;
  }
  Digits day_digits(text.substr(comma + 2));
  const int day = day_digits.take(2);
  day_digits.skip(" ");
  const std::string_view name = day_digits.rest().substr(0, 3);
  const auto month = std::ranges::find(kMonths, name);
  if (!day_digits.ok || month == kMonths.end()) {
    return std::nullopt;
  }
  Digits digits(day_digits.rest().substr(3));
  digits.skip(" ");
  const int year = digits.take(4);
  digits.skip(" ");
  const std::chrono::seconds time = take_time(digits);
  if (!digits.ok || digits.rest() != " GMT") {
    return std::nullopt;
  }
  return instant(year, static_cast<unsigned>(month - kMonths.begin()) + 1,
                 static_cast<unsigned>(day), time);
}

}  // namespace counterfoil::pasted
