#pragma once

#include <cstdint>
#include <span>

namespace counterfoil {

// RandomSource gives bytes nobody can guess. Safe to call from any thread.
class RandomSource {
 public:
  RandomSource() = default;
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;
  RandomSource(RandomSource&&) = delete;
  RandomSource& operator=(RandomSource&&) = delete;
  virtual ~RandomSource() = default;
  // fill writes every byte of `out`. false: the source failed; `out` must not be used and the
  // operation must end (control S-06). There is no weaker source to fall back to.
  [[nodiscard]] virtual bool fill(std::span<std::uint8_t> out) = 0;
};

// SystemRandom asks the kernel (getrandom, which waits until the pool is seeded).
class SystemRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> out) override;
};

}  // namespace counterfoil
