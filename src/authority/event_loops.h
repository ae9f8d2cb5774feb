#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

namespace counterfoil {

// EventLoop is one thread of a door that accepts requests, as a revocation sees it.
class EventLoop {
 public:
  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;
  virtual ~EventLoop() = default;
  // post has `work` run on the loop's thread, after what it is doing now, never inside post().
  // false: the loop has ended. A loop that ends with posted work destroys it without running it:
  // it accepts nothing any more, and that counts as having come round.
  virtual bool post(std::move_only_function<void()> work) = 0;
};

// EventLoops are the loops of one gateway. The last look at a key and the first byte upstream
// happen in one step of one loop thread, so when every loop has come round once after the copy of
// the registry was changed, no request straddles the change. Safe to call from any thread but a
// loop's.
class EventLoops {
 public:
  void add(EventLoop& loop);
  // remove must be called before the loop is destroyed.
  void remove(EventLoop& loop);

  // pass calls `done` once every loop has come round after the call; without loops at once. It runs
  // on the thread of the last loop to do so, and must be quick.
  void pass(std::move_only_function<void()> done);
  // wait_pass waits for that. false: a loop had not come round after `at_most`.
  [[nodiscard]] bool wait_pass(std::chrono::milliseconds at_most);

 private:
  std::mutex mutex_;
  std::vector<EventLoop*> loops_;
};

}  // namespace counterfoil
