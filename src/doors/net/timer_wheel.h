#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/time.h"

namespace counterfoil::net {

class TimerWheel;

// TimerLink is a place in a list of timers.
struct TimerLink {
  TimerLink* previous = nullptr;
  TimerLink* next = nullptr;
};

// WheelTimer is one deadline of one owner. Setting it again costs next to nothing: it is only
// looked at when its old place in the wheel comes round. Belongs to the loop's thread.
class WheelTimer : private TimerLink {
 public:
  // expired is called on the loop's thread, at most once for each set(), up to a tick late. It may
  // set the timer again and may destroy it.
  explicit WheelTimer(std::move_only_function<void()> expired) : expired_(std::move(expired)) {}
  WheelTimer(const WheelTimer&) = delete;
  WheelTimer& operator=(const WheelTimer&) = delete;
  WheelTimer(WheelTimer&&) = delete;
  WheelTimer& operator=(WheelTimer&&) = delete;
  ~WheelTimer() { unlink(); }

  // set makes the timer expire `after` from now, instead of whatever was set before.
  void set(TimerWheel& wheel, std::chrono::nanoseconds after);
  void cancel() { is_set_ = false; }
  [[nodiscard]] bool is_set() const { return is_set_; }

 private:
  friend class TimerWheel;
  void unlink();

  std::move_only_function<void()> expired_;
  std::uint64_t looked_at_ = 0;  // the tick at which its slot comes round next
  std::uint64_t due_ = 0;        // the tick at which it expires
  bool is_set_ = false;
};

// TimerWheel keeps the time-outs of one event loop: coarse, because a time-out of seconds may be a
// tick late, and cheap, because every request moves one and hardly any expires.
//
// It reads no clock: its owner says what time it is, so a test can move time.
class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{20};

  explicit TimerWheel(BootTime now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  TimerWheel(TimerWheel&&) = delete;
  TimerWheel& operator=(TimerWheel&&) = delete;
  ~TimerWheel();

  // advance lets everything expire that is due at `now`.
  void advance(BootTime now);
  // now is the instant of the last advance(): up to a tick old.
  [[nodiscard]] BootTime now() const { return epoch_ + kTick * tick_; }

 private:
  friend class WheelTimer;
  static constexpr std::size_t kSlots = 1024;  // of a tick each; longer times go round again

  void link(WheelTimer& timer);
  void visit(TimerLink& slot);

  BootTime epoch_;
  std::uint64_t tick_ = 0;
  std::array<TimerLink, kSlots> slots_{};  // each the head of a ring
};

}  // namespace counterfoil::net
