#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace counterfoil {

// DrainPace says when the recorder is to be drained again. A drain costs about the same for each
// key in use, however often it was used; so under load it is better done seldom: it rests kRest
// times as long as it took, kRestMax at most. One thread at a time.
class DrainPace {
 public:
  static constexpr int kRest = 50;  // a fiftieth of a core
  static constexpr std::chrono::milliseconds kRestMax{2'000};

  // is_due: `is_pressing` says that what waits has begun to fill its room.
  [[nodiscard]] bool is_due(BootTime now, bool is_pressing) const {
    return is_pressing || now >= not_before_;
  }
  void drained(BootTime begun, BootTime ended) {
    const auto rest =
        std::chrono::duration_cast<std::chrono::milliseconds>((ended - begun) * kRest);
    not_before_ = ended + std::min(rest, kRestMax);
  }

 private:
  BootTime not_before_{};
};

}  // namespace counterfoil
