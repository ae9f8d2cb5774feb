#pragma once

#include <cstdint>

namespace counterfoil::simulation {

// SeededRandom gives the same numbers for the same seed on every machine (splitmix64).
class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  // below gives 0 to bound - 1; `bound` is not 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  // one_in is true once in `times` on average; 0: never.
  bool one_in(std::uint64_t times) { return times != 0 && below(times) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace counterfoil::simulation
