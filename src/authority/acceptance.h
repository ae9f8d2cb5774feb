#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace counterfoil {

// Acceptance is what this gateway may accept at the moment, as each request asks: until when it has
// the right, while which clock is believed, and stamped from when on a request may change anything.
// It outlives every version of the operator's rules. Written by one thread at a time, read by any,
// without a lock.
class Acceptance {
 public:
  // A wall clock that has stepped by more against the boot-time clock is not believed: a request
  // judged by it could be outside of its true window (control S-44). So each request looks, and not
  // one that comes between the step and the next heartbeat gets through.
  static constexpr std::chrono::seconds kClockDoubt{30};
  // A stamp may be this far ahead of the clock.
  static constexpr std::chrono::seconds kStampAhead{1};

  // `relaxed_for`: ForceTimes::relaxed_for.
  explicit Acceptance(std::chrono::milliseconds relaxed_for = {}) : relaxed_for_(relaxed_for) {}

  // extend gives the right until `until`, which begins in the past. `offset` is how far the wall
  // clock is ahead of the boot-time clock when it can be believed.
  void extend(BootTime until, std::chrono::microseconds offset) {
    offset_us_.store(offset.count(), std::memory_order_relaxed);
    until_ns_.store(until.time_since_epoch().count(), std::memory_order_release);
  }
  // end takes the right away.
  void end() { until_ns_.store(kNoRight, std::memory_order_release); }

  // holds reports whether a request may be accepted at `now`; `boot` is read just after it. `acts`:
  // it does more than read or cancel.
  [[nodiscard]] bool holds(Timestamp now, BootTime boot, bool acts = true) const {
    const BootTime by_right = acts ? boot : boot - relaxed_for_;
    return by_right.time_since_epoch().count() < until_ns_.load(std::memory_order_acquire) &&
           believes(now, boot);
  }
  // believes is the part of it about the clock.
  [[nodiscard]] bool believes(Timestamp now, BootTime boot) const {
    const std::chrono::microseconds offset(offset_us_.load(std::memory_order_relaxed));
    return std::chrono::abs(offset_of(now, boot) - offset) <= kClockDoubt;
  }
  [[nodiscard]] static std::chrono::microseconds offset_of(Timestamp now, BootTime boot) {
    return now.time_since_epoch() -
           std::chrono::duration_cast<std::chrono::microseconds>(boot.time_since_epoch());
  }

  // forget_before says that what was received before `now` is not remembered: state-changing
  // requests that may be from then are refused. After a clock was set back, `now` may be earlier
  // than what was said before: as after a restart at this time, what counts is the new time.
  void forget_before(Timestamp now) { set_changes_from(now + kStampAhead); }
  void set_changes_from(Timestamp stamp) {
    changes_from_us_.store(to_unix_us(stamp), std::memory_order_release);
  }
  // changes_from is the earliest stamp of a request that may change anything.
  [[nodiscard]] Timestamp changes_from() const {
    return from_unix_us(changes_from_us_.load(std::memory_order_acquire));
  }

 private:
  static constexpr std::int64_t kNoRight = INT64_MIN;

  std::chrono::nanoseconds relaxed_for_;
  std::atomic<std::int64_t> until_ns_{kNoRight};  // of the boot clock
  std::atomic<std::int64_t> offset_us_{0};
  std::atomic<std::int64_t> changes_from_us_{0};
};

}  // namespace counterfoil
