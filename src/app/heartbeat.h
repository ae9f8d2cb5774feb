#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "authority/gatekeeper.h"
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
    Gatekeeper& gatekeeper;
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

 private:
  // doubt_of_clock says what is wrong with the wall clock; nullopt: nothing.
  [[nodiscard]] std::optional<std::string> doubt_of_clock();
  void tell(const std::optional<std::string>& trouble);

  Parts parts_;
  ClockWatch clock_watch_;
  bool clock_stepped_ = false;
  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;  // under mutex_
};

}  // namespace counterfoil
