#include "autopsy/respelling.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/form.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::size_t kPlacesMax = 8;
constexpr std::size_t kNumberMax = 40;  // characters; longer ones are no numbers of trade

bool is_number(std::string_view value) { return value.size() <= kNumberMax && is_decimal(value); }

std::string without_zeros(std::string value) {
  if (value.contains('.')) {
    value.erase(value.find_last_not_of('0') + 1);
    if (value.ends_with('.')) {
      value.pop_back();
    }
  }
  return value;
}

double number_of(std::string_view value) {
  double number = 0;
  std::from_chars(value.begin(), value.end(), number);
  return number;
}

std::string written(double number, std::chars_format format) {
  std::array<char, 400> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number, format);
  return error == std::errc() ? std::string(text.begin(), end) : std::string();
}

// fixed rounds half away from zero on the decimal text, as most formatters do on such numbers.
std::string fixed(double number, std::size_t places) {
  std::array<char, 400> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number,
                                          std::chars_format::fixed, static_cast<int>(places));
  return error == std::errc() ? std::string(text.begin(), end) : std::string();
}

// fixed_text cuts or fills the places of a decimal text without going through a binary fraction.
std::string fixed_text(const std::string& value, std::size_t places) {
  const std::size_t point = std::min(value.find('.'), value.size());
  std::string digits = point == value.size() ? "" : value.substr(point + 1);
  digits.resize(places, '0');
  return value.substr(0, point) + (places == 0 ? "" : "." + digits);
}

Spelling numbers(std::function<std::string(const std::string&)> spell) {
  return [spell = std::move(spell)](const std::string& value) -> std::optional<std::string> {
    if (!is_number(value)) {
      return std::nullopt;
    }
    std::string text = spell(value);
    return text.empty() || text == value ? std::nullopt : std::optional(std::move(text));
  };
}

std::vector<Spelling> likely_numbers() {
  std::vector<Spelling> made{
      numbers([](const std::string& value) { return without_zeros(value); }),
      numbers([](const std::string& value) {
        const std::string bare = without_zeros(value);
        return bare.contains('.') ? bare : bare + ".0";
      }),
      numbers([](const std::string& value) { return value + (value.contains('.') ? "0" : ".0"); }),
  };
  for (std::size_t places = 0; places <= kPlacesMax; ++places) {
    made.push_back(
        numbers([places](const std::string& value) { return fixed_text(value, places); }));
  }
  return made;
}

std::vector<Spelling> far_numbers() {
  std::vector<Spelling> made;
  for (std::size_t places = 0; places <= kPlacesMax; ++places) {
    made.push_back(
        numbers([places](const std::string& value) { return fixed(number_of(value), places); }));
  }
  for (const std::size_t places : {9U, 10U, 12U, 15U, 16U, 18U}) {
    made.push_back(
        numbers([places](const std::string& value) { return fixed_text(value, places); }));
  }
  // Neighbours of the binary fraction: what sums and products leave behind.
  for (const int steps : {0, 1, -1, 2, -2, 3, -3, 4, -4}) {
    made.push_back(numbers([steps](const std::string& value) {
      double number = number_of(value);
      const double goal = steps > 0 ? std::numeric_limits<double>::infinity()
                                    : -std::numeric_limits<double>::infinity();
      for (int step = 0; step < std::abs(steps); ++step) {
        number = std::nextafter(number, goal);
      }
      return written(number, std::chars_format::fixed);
    }));
  }
  made.push_back(numbers([](const std::string& value) {
    return written(static_cast<double>(static_cast<float>(number_of(value))),
                   std::chars_format::fixed);
  }));
  made.push_back(numbers([](const std::string& value) {
    // A long whole number as a binary fraction: the first 17 digits are right, zeros follow.
    const std::string digits = written(number_of(value), std::chars_format::scientific);
    const std::size_t mark = digits.find('e');
    if (value.contains('.') || mark == std::string::npos) {
      return std::string();
    }
    std::string mantissa = digits.substr(0, mark);
    std::erase(mantissa, '.');
    mantissa.resize(std::max(mantissa.size(), value.size()), '0');
    return mantissa;
  }));
  return made;
}

// Scientific is a number taken apart exactly: 0.digits times 10 to the exponent, first digit not 0.
struct Scientific {
  std::string sign;
  std::string digits;
  int exponent = 0;  // of the first digit
};

std::optional<Scientific> take_apart(const std::string& value) {
  const std::size_t mark = std::min(value.find_first_of("eE"), value.size());
  std::string number = value.substr(0, mark);
  if (number.size() > kNumberMax || !is_decimal(number)) {
    return std::nullopt;
  }
  int power = 0;
  if (mark < value.size()) {
    std::string_view digits = std::string_view(value).substr(mark + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), power);
    if (error != std::errc() || end != digits.end() || std::abs(power) > 30) {
      return std::nullopt;
    }
  }
  Scientific parts;
  if (number.starts_with('-')) {
    parts.sign = "-";
    number.erase(0, 1);
  }
  const std::size_t point = std::min(number.find('.'), number.size());
  std::erase(number, '.');
  const std::size_t first = number.find_first_not_of('0');
  if (first == std::string::npos) {
    return std::nullopt;
  }
  parts.digits = number.substr(first);
  parts.digits.erase(parts.digits.find_last_not_of('0') + 1);
  parts.exponent = static_cast<int>(point) - static_cast<int>(first) - 1 + power;
  return parts;
}

std::string plain(const Scientific& parts, std::size_t places) {
  std::string whole = "0";
  std::string fraction;
  const auto exponent = static_cast<std::size_t>(std::abs(parts.exponent));
  if (parts.exponent < 0) {
    fraction = std::string(exponent - 1, '0') + parts.digits;
  } else if (parts.digits.size() <= exponent + 1) {
    whole = parts.digits + std::string(exponent + 1 - parts.digits.size(), '0');
  } else {
    whole = parts.digits.substr(0, exponent + 1);
    fraction = parts.digits.substr(exponent + 1);
  }
  fraction.resize(std::max(fraction.size(), places), '0');
  return parts.sign + whole + (fraction.empty() ? "" : "." + fraction);
}

// ExponentStyle is how a language writes a number with an exponent.
struct ExponentStyle {
  std::string_view letter;
  std::size_t width;      // digits of the exponent, at least
  std::string_view plus;  // before an exponent that is not negative
  bool has_point;         // behind a single digit, too
};

std::optional<std::string> with_exponent(const std::string& value, const ExponentStyle& style) {
  const auto parts = take_apart(value);
  if (!parts || (parts->exponent < 0 && style.plus != "+") ||
      (style.has_point && parts->digits.size() > 1)) {
    return std::nullopt;
  }
  std::string exponent = std::to_string(std::abs(parts->exponent));
  exponent.insert(0, style.width - std::min(style.width, exponent.size()), '0');
  std::string text = parts->sign + parts->digits.substr(0, 1);
  if (parts->digits.size() > 1) {
    text += "." + parts->digits.substr(1);
  } else if (style.has_point) {
    text += ".0";
  }
  text += style.letter;
  text += parts->exponent < 0 ? "-" : style.plus;
  return text + exponent;
}

std::vector<Spelling> make_exponents() {
  std::vector<Spelling> made;
  for (const std::string_view letter : {"e", "E"}) {
    for (const std::size_t width : {2U, 1U, 3U}) {
      for (const std::string_view plus : {"+", "", "%2B"}) {
        for (const bool point : {false, true}) {
          const ExponentStyle style{
              .letter = letter, .width = width, .plus = plus, .has_point = point};
          made.emplace_back(
              [style](const std::string& value) { return with_exponent(value, style); });
        }
      }
    }
  }
  for (const std::size_t places : {0U, 8U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 10U, 12U, 18U}) {
    made.emplace_back([=](const std::string& value) -> std::optional<std::string> {
      const auto parts = has_exponent(value) ? take_apart(value) : std::nullopt;
      return parts ? std::optional(plain(*parts, places)) : std::nullopt;
    });
  }
  return made;
}

}  // namespace

bool respell(const Form& form, const Spelling& spelling, const EmitForm& emit) {
  Form all = form;
  std::size_t changed = 0;
  for (std::size_t at = 0; at < form.fields.size(); ++at) {
    const Field& field = form.fields[at];
    auto text = field.has_equals && !is_timestamp(field) ? spelling(field.value) : std::nullopt;
    if (!text || *text == field.value) {
      continue;
    }
    ++changed;
    all.fields[at].value = *text;
    Form one = form;
    one.fields[at].value = std::move(*text);
    if (!emit(std::move(one))) {
      return false;
    }
  }
  return changed < 2 || emit(std::move(all));
}

const std::vector<Spelling>& number_spellings(Reach reach) {
  static const std::vector<Spelling> kLikely = likely_numbers();
  static const std::vector<Spelling> kFar = far_numbers();
  return reach == Reach::kLikely ? kLikely : kFar;
}

const std::vector<Spelling>& exponent_spellings() {
  static const std::vector<Spelling> kSpellings = make_exponents();
  return kSpellings;
}

bool has_exponent(std::string_view value) {
  const std::size_t mark = value.find_first_of("eE");
  if (mark == std::string_view::npos || !is_decimal(value.substr(0, mark))) {
    return false;
  }
  std::string_view exponent = value.substr(mark + 1);
  exponent.remove_prefix(exponent.starts_with('+') || exponent.starts_with('-') ? 1 : 0);
  return is_digits(exponent);
}

}  // namespace counterfoil::autopsy
