#include "app/clock_watch.h"

#include <sys/timex.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "authority/acceptance.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;

constexpr int kSlewMaxPpm = 1'000;

}  // namespace

ClockWatch::Standing ClockWatch::look(Timestamp wall, BootTime boot, Confirmed confirmed) {
  const microseconds offset = Acceptance::offset_of(wall, boot);
  if (!baseline_) {
    baseline_ = Baseline{.offset = offset, .seen_at = boot};
  }
  const auto passed = std::chrono::duration_cast<microseconds>(boot - baseline_->seen_at);
  const microseconds follow = passed * kSlewMaxPpm / 1'000'000;
  baseline_->offset += std::clamp(offset - baseline_->offset, -follow, follow);
  baseline_->seen_at = boot;
  step_ = offset - baseline_->offset;
  if (std::chrono::abs(step_) <= kAlarm) {
    return Standing::kSteady;
  }
  if (std::chrono::abs(step_) <= kDoubt) {
    return Standing::kStepped;
  }
  if (confirmed == Confirmed::kYes) {
    baseline_->offset = offset;
    return Standing::kStepped;
  }
  return Standing::kInDoubt;
}

void ClockWatch::confirm() { baseline_->offset += std::exchange(step_, microseconds(0)); }

ClockWatch::Confirmed time_service_confirms() {
  timex state{};  // modes 0: only reads
  const int answer = ::adjtimex(&state);
  const bool synchronised = answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  return synchronised ? ClockWatch::Confirmed::kYes : ClockWatch::Confirmed::kNo;
}

}  // namespace counterfoil
