#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "authority/acceptance.h"
#include "authority/gateway_feed.h"
#include "base/time.h"

namespace counterfoil {

// Heartbeat gives the gateway the right to accept that its feed has earned (authority/
// gateway_feed.h), but none while the wall clock is in doubt, and tells the operator when something
// keeps the right from being extended.
class Heartbeat {
 public:
  // Everything must outlive it.
  struct Parts {
    GatewayFeed& feed;
    Acceptance& acceptance;
    const Clock& clock;
    Log& log;
  };
  explicit Heartbeat(const Parts& parts) : parts_(parts) {}

  // beat does what is due. Call it several times a second and whenever the feed wakes it, one
  // thread at a time.
  void beat();
  // trouble is what keeps the right from being extended, in a sentence for the operator; nullopt:
  // nothing. Any thread.
  [[nodiscard]] std::optional<std::string> trouble() const;

  // ClockState is how the wall clock stood at the last beat. `step`: how far it is from where the
  // boot-time clock says it should be.
  struct ClockState {
    std::chrono::microseconds step{0};
    bool is_in_doubt = false;
  };
  [[nodiscard]] ClockState clock_state() const;  // any thread
  // confirm_clock is an operator's word that the clock is right after a step of `step`: the next
  // beat gives the right back. false: the clock is not in doubt, or stands elsewhere by now. Any
  // thread.
  [[nodiscard]] bool confirm_clock(std::chrono::microseconds step);

 private:
  // look_at_clock says what is wrong with the wall clock; nullopt: nothing.
  [[nodiscard]] std::optional<std::string> look_at_clock();
  void note_step(ClockWatch::Standing standing);
  void tell(const std::optional<std::string>& trouble);

  Parts parts_;
  bool clock_stepped_ = false;
  std::optional<std::chrono::microseconds> believed_offset_;  // of the last beat
  mutable std::mutex mutex_;
  ClockWatch clock_watch_;  // under mutex_, as is all below
  ClockState clock_;
  std::optional<std::string> trouble_;
};

}  // namespace counterfoil
