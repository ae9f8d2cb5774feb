#include "app/shutdown_signals.h"

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigtimedwait is POSIX, not C++
#include <time.h>    // NOLINT(modernize-deprecated-headers): timespec

#include <cerrno>
#include <chrono>

namespace counterfoil {

ShutdownSignals::ShutdownSignals(Hangup hangup) {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  if (hangup == Hangup::kReloads) {
    sigaddset(&set_, SIGHUP);
  }
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

ShutdownSignals::Came ShutdownSignals::wait() {
  int number = 0;
  while (sigwait(&set_, &number) != 0) {
  }
  return number == SIGHUP ? Came::kReload : Came::kShutdown;
}

bool ShutdownSignals::came_within(std::chrono::milliseconds at_most) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds(at_most - seconds).count()};
  return sigtimedwait(&set_, nullptr, &limit) > 0;
}

}  // namespace counterfoil
