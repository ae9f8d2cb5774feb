#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace counterfoil {

// RequestId is 32 lower-case hex digits: 16 that belong to one event loop of one start, 16 that
// count up.
class RequestId {
 public:
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  friend class RequestIdSource;
  std::array<char, 32> text_{};
};

// RequestIdSource belongs to one event loop.
class RequestIdSource {
 public:
  // When the random source fails the ids begin with zeros: they name requests, they protect
  // nothing.
  explicit RequestIdSource(RandomSource& random);
  [[nodiscard]] RequestId next();

 private:
  std::array<char, 16> prefix_{};
  std::uint64_t counter_ = 0;
};

}  // namespace counterfoil
