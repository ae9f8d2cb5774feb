#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "keys/api_key_id.h"
#include "registry/registry.h"
#include "replica/replica.h"

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
  // post has `work` run on the loop's thread, after what it is doing now, never inside post().
  // false: the loop has ended. A loop that ends with posted work destroys it without running it:
  // it accepts nothing any more, and that counts as having come round.
  virtual bool post(std::move_only_function<void()> work) = 0;
};

// Revoker makes sure that a change is in force: the last look at a key and the first byte upstream
// happen in one step of one loop thread, so when every loop has come round once after the replica
// was changed, no request straddles the answer. Safe to call from any thread but a loop's.
class Revoker {
 public:
  static constexpr std::chrono::seconds kWaitMax{5};

  // Both must outlive it. `wait_max` is shorter in tests alone.
  Revoker(Replica& replica, const Registry& registry, std::chrono::milliseconds wait_max = kWaitMax)
      : replica_(replica), registry_(registry), wait_max_(wait_max) {}

  void add(EventLoop& loop);
  // remove must be called before the loop is destroyed.
  void remove(EventLoop& loop);

  // wait_until_in_force returns true once everything committed before the call is in the replica
  // and every loop has come round since. false: the registry could not be read, or a loop had not
  // come round after kWaitMax; then the change is stored but may not be called in force.
  [[nodiscard]] bool wait_until_in_force();

  // hold_back ends an API key on this gateway although its revocation could not be recorded, and
  // waits for the loops like wait_until_in_force. let_go gives the word back to the registry.
  [[nodiscard]] bool hold_back(const ApiKeyId& id) {
    return replica_.hold_back(id) && pass_loops();
  }
  void let_go(const ApiKeyId& id) { replica_.let_go(id); }
  [[nodiscard]] bool replica_knows(const ApiKeyId& id) const {
    return static_cast<bool>(replica_.find(id));
  }

 private:
  [[nodiscard]] bool pass_loops();

  Replica& replica_;
  const Registry& registry_;
  std::chrono::milliseconds wait_max_;
  std::mutex mutex_;
  std::vector<EventLoop*> loops_;
};

}  // namespace counterfoil
