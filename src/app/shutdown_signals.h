#pragma once

#include <chrono>
#include <csignal>

namespace counterfoil {

// ShutdownSignals takes SIGINT and SIGTERM out of the hands of the default action: make one before
// the first thread, so that all threads leave them to it. The signals stay blocked when it ends: a
// second Ctrl-C must not cut a graceful end short half-way through a write.
class ShutdownSignals {
 public:
  ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;
  ShutdownSignals(ShutdownSignals&&) = delete;
  ShutdownSignals& operator=(ShutdownSignals&&) = delete;
  ~ShutdownSignals() = default;

  // wait returns when one of them has come.
  void wait();
  // came_within waits no longer than this; false: none came.
  [[nodiscard]] bool came_within(std::chrono::milliseconds at_most);

 private:
  sigset_t set_{};
};

}  // namespace counterfoil
