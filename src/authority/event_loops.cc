#include "authority/event_loops.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace counterfoil {
namespace {

// Round calls `done` when the last who holds it lets go: after its loop came round, or with an
// ended loop's queue.
class Round {
 public:
  explicit Round(std::move_only_function<void()> done) : done_(std::move(done)) {}
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;
  Round(Round&&) = delete;
  Round& operator=(Round&&) = delete;
  ~Round() { done_(); }

 private:
  std::move_only_function<void()> done_;
};

}  // namespace

void EventLoops::add(EventLoop& loop) {
  const std::scoped_lock lock(mutex_);
  loops_.push_back(&loop);
}

void EventLoops::remove(EventLoop& loop) {
  const std::scoped_lock lock(mutex_);
  std::erase(loops_, &loop);
}

void EventLoops::pass(std::move_only_function<void()> done) {
  const auto round = std::make_shared<Round>(std::move(done));
  const std::scoped_lock lock(mutex_);
  for (EventLoop* const loop : loops_) {
    // Who runs the work may keep it for a while, so it gives the round away as soon as it runs.
    (void)loop->post([held = round]() mutable { held.reset(); });
  }
}

bool EventLoops::wait_pass(std::chrono::milliseconds at_most) {
  // Shared with the round, which may end after the wait gave up.
  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_over = false;
  };
  const auto waiting = std::make_shared<Waiting>();
  pass([waiting] {
    const std::scoped_lock lock(waiting->mutex);
    waiting->is_over = true;
    waiting->changed.notify_all();
  });
  std::unique_lock lock(waiting->mutex);
  return waiting->changed.wait_for(lock, at_most, [&] { return waiting->is_over; });
}

}  // namespace counterfoil
