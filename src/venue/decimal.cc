#include "venue/decimal.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace counterfoil::venue {

void Decimal::append_to(std::string& out) const {
  // 19 digits, a point, a sign; filled from the end.
  std::array<char, 24> digits{};
  std::size_t at = digits.size();
  // The magnitude of the smallest value does not fit a signed number.
  std::uint64_t rest =
      units_ < 0 ? ~static_cast<std::uint64_t>(units_) + 1 : static_cast<std::uint64_t>(units_);
  for (int place = 0; place <= kDecimals || rest != 0; ++place) {
    if (place == kDecimals) {
      digits[--at] = '.';
    }
    digits[--at] = static_cast<char>('0' + (rest % 10));
    rest /= 10;
  }
  if (units_ < 0) {
    digits[--at] = '-';
  }
  out.append(std::string_view(digits.data() + at, digits.size() - at));
}

std::string Decimal::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace counterfoil::venue
