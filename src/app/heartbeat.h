#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "authority/gatekeeper.h"
#include "authority/revoker.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {

// Heartbeat keeps a gateway's right to accept in force: reads the registry's revision, brings the
// replica there, waits for the event loops, and only then extends the right (authority/
// right_to_accept.h decides how far). It ends the right while the wall clock is in doubt.
class Heartbeat {
 public:
  // Everything must outlive it.
  struct Parts {
    const Registry& registry;
    Replica& replica;
    Revoker& revoker;
    Gatekeeper& gatekeeper;
    const Clock& clock;
    Log& log;
  };
  explicit Heartbeat(const Parts& parts) : parts_(parts), right_(ForceTimes{}) {}

  // beat does what is due. Call it several times a second, one thread at a time.
  void beat();
  // trouble is what keeps the right from being extended, in a sentence for the operator; nullopt:
  // nothing. Any thread.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  [[nodiscard]] bool clock_is_sound();
  [[nodiscard]] bool bring_up_to(const Revision& revision);
  void tell(const std::optional<std::string>& trouble);

  Parts parts_;
  RightToAccept right_;
  ClockWatch clock_watch_;
  bool clock_stepped_ = false;
  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;  // under mutex_
};

}  // namespace counterfoil
