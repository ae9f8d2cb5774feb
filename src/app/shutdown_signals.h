#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>

namespace counterfoil {

// ShutdownSignals takes SIGINT and SIGTERM, and SIGHUP if asked to, out of the hands of the default
// action: make one before the first thread, so that all threads leave them to it. The signals stay
// blocked when it ends: a second Ctrl-C must not cut a graceful end short half-way through a write.
class ShutdownSignals {
 public:
  enum class Hangup : std::uint8_t {
    kEndsTheProcess,  // as the system has it
    kReloads,         // it is one of the signals waited for
  };
  explicit ShutdownSignals(Hangup hangup = Hangup::kEndsTheProcess);
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;
  ShutdownSignals(ShutdownSignals&&) = delete;
  ShutdownSignals& operator=(ShutdownSignals&&) = delete;
  ~ShutdownSignals() = default;

  enum class Came : std::uint8_t { kShutdown, kReload };
  // wait returns when one of them has come. Those that come while nobody waits count as one.
  [[nodiscard]] Came wait();
  // came_within waits no longer than this; false: none came.
  [[nodiscard]] bool came_within(std::chrono::milliseconds at_most);

 private:
  sigset_t set_{};
};

}  // namespace counterfoil
