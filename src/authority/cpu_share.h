#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace counterfoil {

// CpuShare keeps background work within a share of one core: what it has cost is paid back by time
// that passes. One thread at a time.
class CpuShare {
 public:
  using Cost = std::chrono::nanoseconds;
  // `part`: 10 is a tenth of a core. `ahead_max`: how much may be spent at once after a rest.
  CpuShare(int part, Cost ahead_max) : part_(part), ahead_max_(ahead_max), left_(ahead_max) {}

  // may_spend reports whether something is left at `now`.
  [[nodiscard]] bool may_spend(BootTime now) {
    const Cost gained = at_ == BootTime{} ? Cost(0) : Cost((now - at_) / part_);
    at_ = now;
    left_ = std::min(ahead_max_, left_ + gained);
    return left_ > Cost(0);
  }
  // spend may leave a debt: what work costs is known when it is done.
  void spend(Cost cost) { left_ -= cost; }

 private:
  int part_;
  Cost ahead_max_;
  Cost left_;
  BootTime at_{};
};

}  // namespace counterfoil
