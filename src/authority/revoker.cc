#include "authority/revoker.h"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
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
  const auto round = std::make_shared<Round>();
  {
    const std::scoped_lock lock(mutex_);
    round->waiting_for = loops_.size();
    for (EventLoop* const loop : loops_) {
      const bool posted = loop->post([round] {
        const std::scoped_lock round_lock(round->mutex);
        --round->waiting_for;
        round->changed.notify_all();
      });
      if (!posted) {  // an ended loop accepts nothing
        const std::scoped_lock round_lock(round->mutex);
        --round->waiting_for;
      }
    }
  }
  std::unique_lock lock(round->mutex);
  return round->changed.wait_for(lock, kWaitMax, [&] { return round->waiting_for == 0; });
}

}  // namespace counterfoil
