#pragma once

#include <chrono>
#include <cstdint>

namespace counterfoil {

// Timestamp is an instant in UTC, counted in microseconds from 1970. One request has one: the door
// reads the clock once and hands the value in.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// BootTime is an instant of the machine's boot-time clock: it never steps, and goes on while the
// machine sleeps. Only differences mean anything. Time-outs and caches use it (control S-44).
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  [[nodiscard]] static time_point now();
};
using BootTime = BootClock::time_point;

// Clock is where the time comes from. Safe to call from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  Clock(Clock&&) = delete;
  Clock& operator=(Clock&&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  [[nodiscard]] virtual BootTime boot_now() const = 0;
};

// SystemClock reads CLOCK_REALTIME and CLOCK_BOOTTIME.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] BootTime boot_now() const override;
};

[[nodiscard]] constexpr std::int64_t to_unix_ms(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t to_unix_us(Timestamp time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] constexpr Timestamp from_unix_ms(std::int64_t ms) {
  return Timestamp(std::chrono::milliseconds(ms));
}
[[nodiscard]] constexpr Timestamp from_unix_us(std::int64_t us) {
  return Timestamp(std::chrono::microseconds(us));
}

}  // namespace counterfoil
