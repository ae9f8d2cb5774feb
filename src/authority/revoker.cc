#include "authority/revoker.h"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace counterfoil {
namespace {

// Round counts the loops that have not come by yet. Shared with the posted work, which may run
// after the wait gave up.
struct Round {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting_for = 0;
};

// Passing reports one loop to its round when it is destroyed: after it ran, or with an ended loop.
class Passing {
 public:
  explicit Passing(std::shared_ptr<Round> round) : round_(std::move(round)) {}
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  Passing(Passing&&) noexcept = default;
  Passing& operator=(Passing&&) = delete;
  ~Passing() {
    if (round_) {
      const std::scoped_lock lock(round_->mutex);
      --round_->waiting_for;
      round_->changed.notify_all();
    }
  }

 private:
  std::shared_ptr<Round> round_;
};

}  // namespace

void Revoker::add(EventLoop& loop) {
  const std::scoped_lock lock(mutex_);
  loops_.push_back(&loop);
}

void Revoker::remove(EventLoop& loop) {
  const std::scoped_lock lock(mutex_);
  std::erase(loops_, &loop);
}

bool Revoker::wait_until_in_force() {
  return replica_.catch_up(registry_).has_value() && pass_loops();
}

bool Revoker::pass_loops() {
  const auto round = std::make_shared<Round>();
  {
    const std::scoped_lock lock(mutex_);
    round->waiting_for = loops_.size();
    for (EventLoop* const loop : loops_) {
      // The work is to be taken apart as soon as it ran, so it gives its Passing away then.
      (void)loop->post(
          [passing = Passing(round)]() mutable { const Passing done(std::move(passing)); });
    }
  }
  std::unique_lock lock(round->mutex);
  return round->changed.wait_for(lock, wait_max_, [&] { return round->waiting_for == 0; });
}

}  // namespace counterfoil
