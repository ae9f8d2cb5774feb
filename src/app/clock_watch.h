#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "authority/acceptance.h"
#include "base/time.h"

namespace counterfoil {

// ClockWatch compares the wall clock with the boot-time clock, which never steps, and says when the
// wall clock cannot be believed (control S-44): timestamps of requests are judged by it, so a step
// would let old requests in or lock honest ones out.
//
// A time service slews a clock by up to 500 ppm; the baseline follows up to twice that, so only
// steps add up. Pure: the readings come in as values. One thread at a time.
class ClockWatch {
 public:
  static constexpr std::chrono::seconds kAlarm{1};  // a step beyond: worth telling
  // Beyond: nothing is accepted.
  static constexpr std::chrono::seconds kDoubt = Acceptance::kClockDoubt;

  enum class Standing : std::uint8_t { kSteady, kStepped, kInDoubt };

  // Confirmed says whether the machine's time service vouches for the clock: then a step was a
  // correction, and the new time becomes the baseline.
  enum class Confirmed : std::uint8_t { kNo, kYes };

  // look takes one reading of both clocks, made together.
  [[nodiscard]] Standing look(Timestamp wall, BootTime boot, Confirmed confirmed);
  // step is how far the wall clock was, at the last look, from where the boot-time clock says it
  // should be.
  [[nodiscard]] std::chrono::microseconds step() const { return step_; }
  // confirm takes the clock of the last look as right: an operator says so.
  void confirm();
  // offset is how far the wall clock is ahead of the boot-time clock when it is right. Not before
  // the first look.
  [[nodiscard]] std::chrono::microseconds offset() const { return baseline_->offset; }

 private:
  struct Baseline {
    std::chrono::microseconds offset;  // wall minus boot
    BootTime seen_at;
  };
  std::optional<Baseline> baseline_;
  std::chrono::microseconds step_{0};
};

// time_service_confirms asks the kernel whether a time service keeps its clock synchronised.
[[nodiscard]] ClockWatch::Confirmed time_service_confirms();

}  // namespace counterfoil
