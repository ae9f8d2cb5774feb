#pragma once

#include <atomic>
#include <chrono>

#include "base/time.h"

namespace counterfoil {

// ManualClock stands still until a test moves it. Safe to call from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  [[nodiscard]] Timestamp now() const override { return now_.load(); }
  [[nodiscard]] BootTime boot_now() const override { return boot_.load(); }
  // advance moves both clocks, as time does.
  void advance(std::chrono::microseconds by) {
    now_ = now_.load() + by;
    boot_ = boot_.load() + by;
  }
  // step moves the wall clock alone, as a wrong time service does.
  void step(std::chrono::microseconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Timestamp> now_;
  std::atomic<BootTime> boot_{BootTime(std::chrono::hours(1))};
};

}  // namespace counterfoil
