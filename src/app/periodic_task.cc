#include "app/periodic_task.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace counterfoil {
namespace {

constexpr int kBackgroundNice = 10;

}  // namespace

PeriodicTask::PeriodicTask(Priority priority, std::chrono::milliseconds every,
                           std::move_only_function<void()> work)
    : priority_(priority),
      every_(every),
      work_(std::move(work)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void PeriodicTask::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void PeriodicTask::run(const std::stop_token& stop) {
  if (priority_ == Priority::kBackground) {
    // On Linux a thread has a nice value of its own. What fails here costs speed and nothing else.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kBackgroundNice);
  }
  while (!stop.stop_requested()) {
    work_();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, every_, [this] { return woken_; });
    woken_ = false;
  }
}

}  // namespace counterfoil
