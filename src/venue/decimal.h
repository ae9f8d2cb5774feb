#pragma once

#include <compare>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil::venue {

enum class DecimalError : std::uint8_t {
  kMalformed,   // not digits, or digits, one point and digits
  kTooPrecise,  // more than eight decimals
  kOverflow,    // above Decimal::max()
};

// Decimal is an amount of money, a price or a quantity: a whole number of hundred-millionths in 64
// bits, so up to 92,233,720,368.54775807 either way. There is no floating point in this room.
//
// + and - end the process when the result does not fit: every sum that people can influence is
// bounded before (by what the ledger issued, by the filters), so that would be our own mistake, and
// money must not wrap around. The free functions below say no instead.
class Decimal {
 public:
  static constexpr int kDecimals = 8;
  static constexpr std::int64_t kUnitsPerOne = 100'000'000;

  constexpr Decimal() = default;
  [[nodiscard]] static constexpr Decimal from_units(std::int64_t units) { return Decimal(units); }
  [[nodiscard]] static constexpr Decimal max() {
    return Decimal(std::numeric_limits<std::int64_t>::max());
  }
  // parse reads "12", "12.5" or "0.00000001": digits, with a point and digits after them or not. No
  // sign, no exponent, no blank. Zeros behind the eighth decimal are too precise like other digits.
  [[nodiscard]] static constexpr std::expected<Decimal, DecimalError> parse(std::string_view text);
  // of is parse for the tables in our own source; a mistake there does not compile.
  [[nodiscard]] static consteval Decimal of(std::string_view text) { return parse(text).value(); }

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  [[nodiscard]] constexpr bool is_zero() const { return units_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const { return units_ > 0; }

  // append_to writes all eight decimals, as the venue's answers have them: "0.10000000".
  void append_to(std::string& out) const;
  [[nodiscard]] std::string text() const;

  constexpr Decimal operator+(Decimal other) const;
  constexpr Decimal operator-(Decimal other) const;
  constexpr Decimal& operator+=(Decimal other) { return *this = *this + other; }
  constexpr Decimal& operator-=(Decimal other) { return *this = *this - other; }
  constexpr auto operator<=>(const Decimal&) const = default;

 private:
  explicit constexpr Decimal(std::int64_t units) : units_(units) {}

  std::int64_t units_ = 0;
};

// checked_add gives nullopt when the sum does not fit; saturating_add stays at the largest value,
// for statistics that run for ever.
[[nodiscard]] constexpr std::optional<Decimal> checked_add(Decimal left, Decimal right);
[[nodiscard]] constexpr Decimal saturating_add(Decimal left, Decimal right);

// multiply gives left × right when it fits and needs no more than eight decimals; else nullopt.
// multiply_down cuts the rest off (towards zero) and is nullopt only when the product does not fit.
[[nodiscard]] constexpr std::optional<Decimal> multiply(Decimal left, Decimal right);
[[nodiscard]] constexpr std::optional<Decimal> multiply_down(Decimal left, Decimal right);

// divide_down gives left / right cut off behind the eighth decimal. nullopt: right is zero, or the
// quotient does not fit.
[[nodiscard]] constexpr std::optional<Decimal> divide_down(Decimal left, Decimal right);

// is_multiple reports whether `value` is a whole number of `step`s; round_down gives the largest
// such number at or below `value`. Both want value >= 0 and step > 0.
[[nodiscard]] constexpr bool is_multiple(Decimal value, Decimal step) {
  return value.units() % step.units() == 0;
}
[[nodiscard]] constexpr Decimal round_down(Decimal value, Decimal step) {
  return Decimal::from_units(value.units() - (value.units() % step.units()));
}

// --- What follows is how, not what. ---

namespace decimal_detail {

__extension__ using Wide = __int128;

[[nodiscard]] constexpr std::optional<Decimal> narrow(Wide units) {
  if (units > std::numeric_limits<std::int64_t>::max() ||
      units < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return Decimal::from_units(static_cast<std::int64_t>(units));
}

[[nodiscard]] constexpr Wide product(Decimal left, Decimal right) {
  return static_cast<Wide>(left.units()) * static_cast<Wide>(right.units());
}

// Reader takes digits into a number that stays within Decimal::max().
struct Reader {
  std::int64_t units = 0;
  bool overflow = false;
  constexpr void take(int digit) {
    overflow = overflow || __builtin_mul_overflow(units, std::int64_t{10}, &units) ||
               __builtin_add_overflow(units, std::int64_t{digit}, &units);
  }
};

[[nodiscard]] constexpr bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace decimal_detail

constexpr std::expected<Decimal, DecimalError> Decimal::parse(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  if (!decimal_detail::all_digits(whole) || !decimal_detail::all_digits(fraction)) {
    return std::unexpected(DecimalError::kMalformed);
  }
  if (fraction.size() > kDecimals) {
    return std::unexpected(DecimalError::kTooPrecise);
  }
  decimal_detail::Reader reader;
  for (const char digit : whole) {
    reader.take(digit - '0');
  }
  for (std::size_t place = 0; place < kDecimals; ++place) {
    reader.take(place < fraction.size() ? fraction[place] - '0' : 0);
  }
  if (reader.overflow) {
    return std::unexpected(DecimalError::kOverflow);
  }
  return Decimal(reader.units);
}

constexpr Decimal Decimal::operator+(Decimal other) const {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(units_, other.units_, &sum)) {
    std::abort();
  }
  return Decimal(sum);
}

constexpr Decimal Decimal::operator-(Decimal other) const {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(units_, other.units_, &difference)) {
    std::abort();
  }
  return Decimal(difference);
}

constexpr std::optional<Decimal> checked_add(Decimal left, Decimal right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left.units(), right.units(), &sum)) {
    return std::nullopt;
  }
  return Decimal::from_units(sum);
}

constexpr Decimal saturating_add(Decimal left, Decimal right) {
  return checked_add(left, right).value_or(Decimal::max());
}

constexpr std::optional<Decimal> multiply(Decimal left, Decimal right) {
  if (decimal_detail::product(left, right) % Decimal::kUnitsPerOne != 0) {
    return std::nullopt;
  }
  return multiply_down(left, right);
}

constexpr std::optional<Decimal> multiply_down(Decimal left, Decimal right) {
  return decimal_detail::narrow(decimal_detail::product(left, right) / Decimal::kUnitsPerOne);
}

constexpr std::optional<Decimal> divide_down(Decimal left, Decimal right) {
  if (right.is_zero()) {
    return std::nullopt;
  }
  return decimal_detail::narrow(static_cast<decimal_detail::Wide>(left.units()) *
                                Decimal::kUnitsPerOne / right.units());
}

}  // namespace counterfoil::venue
