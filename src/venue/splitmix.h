#pragma once

#include <cstdint>

namespace counterfoil::venue {

// splitmix scrambles a number, one to one. Predictable: for play money only.
// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
[[nodiscard]] constexpr std::uint64_t splitmix(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15U;
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31U);
}

// SplitMix gives the same numbers for the same seed on every machine and library.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  [[nodiscard]] std::uint64_t next() { return splitmix(state_ += 0x9E3779B97F4A7C15U); }
  // below gives 0 to bound - 1. Precondition: bound > 0. (A little uneven, which markets are too.)
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // between gives low to high, both included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace counterfoil::venue
