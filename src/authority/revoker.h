#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace counterfoil {

// EventLoop is one thread of a door that accepts requests, as the revocation sees it.
class EventLoop {
 public:
  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;
  virtual ~EventLoop() = default;
  // post has `work` run on the loop's thread, after what it is doing now. false: the loop has
  // ended.
  virtual bool post(std::move_only_function<void()> work) = 0;
};

// Revoker makes sure that a change is in force: the last look at a key and the first byte upstream
// happen in one step of one loop thread, so when every loop has come round once after the replica
// was changed, no request straddles the answer.
class Revoker {
 public:
  static constexpr std::chrono::seconds kWaitMax{5};

  void add(EventLoop& loop);
  void remove(EventLoop& loop);
  // wait_until_in_force returns true once every loop has come round, false when one had not after
  // kWaitMax: then the change is stored but may not be called in force. Must not be called from a
  // loop's thread.
  [[nodiscard]] bool wait_until_in_force();

 private:
  std::mutex mutex_;
  std::vector<EventLoop*> loops_;
};

}  // namespace counterfoil
