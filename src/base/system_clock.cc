#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

#include <chrono>

#include "base/time.h"

namespace counterfoil {
namespace {

std::chrono::nanoseconds read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

BootClock::time_point BootClock::now() { return time_point(read(CLOCK_BOOTTIME)); }

Timestamp SystemClock::now() const {
  return Timestamp(std::chrono::floor<std::chrono::microseconds>(read(CLOCK_REALTIME)));
}

BootTime SystemClock::boot_now() const { return BootClock::now(); }

}  // namespace counterfoil
