#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace counterfoil::net {

// WorkerPool runs what may block (the store, other threads) away from the event loops. Bounded:
// when too much waits, it refuses. Safe to call from any thread.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t waiting_max);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  WorkerPool(WorkerPool&&) = delete;
  WorkerPool& operator=(WorkerPool&&) = delete;
  ~WorkerPool();  // stops

  // run has `job` run soon. false: too much waits, or the pool was stopped; `job` will not run.
  [[nodiscard]] bool run(std::move_only_function<void()> job);
  // stop lets everything run that was taken, then joins the threads.
  void stop();

 private:
  void work();

  std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> waiting_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace counterfoil::net
