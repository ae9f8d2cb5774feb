#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace counterfoil {

// DateLine writes "Date: Sun, 06 Nov 1994 08:49:37 GMT" and CRLF (RFC 9110 section 5.6.7), anew
// only when the second has changed. Belongs to one loop.
class DateLine {
 public:
  [[nodiscard]] std::string_view at(Timestamp now);

 private:
  std::int64_t second_ = -1;
  std::array<char, 48> text_{};
  std::size_t size_ = 0;
};

}  // namespace counterfoil
