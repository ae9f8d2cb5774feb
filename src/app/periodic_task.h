#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace counterfoil {

// Priority of a task's thread.
enum class Priority : std::uint8_t {
  kNormal,
  kBackground,  // gives way to the event loops where cores are few
};

// PeriodicTask does one thing again and again on a thread of its own, the first time at once. The
// destructor lets a run that is under way finish and does not begin another.
class PeriodicTask {
 public:
  PeriodicTask(Priority priority, std::chrono::milliseconds every,
               std::move_only_function<void()> work);
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;
  PeriodicTask(PeriodicTask&&) = delete;
  PeriodicTask& operator=(PeriodicTask&&) = delete;
  ~PeriodicTask() = default;

  // wake has the work done soon instead of at its time. Any thread.
  void wake();

 private:
  void run(const std::stop_token& stop);

  Priority priority_;
  std::chrono::milliseconds every_;
  std::move_only_function<void()> work_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;  // under mutex_
  std::jthread thread_;
};

}  // namespace counterfoil
