#pragma once

#include <chrono>
#include <vector>

#include "authority/event_loops.h"
#include "authority/revocation_wait.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "keys/api_key_id.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {

// InForce says how a change came into force: since it was made, no gateway acts on what was before
// `revision`.
struct InForce {
  Revision revision;
  BootTime committed_at{};              // on the authority's boot clock, after the commit returned
  BootTime since{};                     // when the last gateway was known to have it
  std::vector<GatewayAnswer> gateways;  // by name; empty: the roll could not be read, and the whole
                                        // bound was waited out
  ForceTimes times;
};

// Revoker waits until a change is in force on every gateway (authority/revocation_wait.h decides
// when that is). Safe to call from any thread but an event loop's.
class Revoker {
 public:
  // Everything must outlive it. `replica` and `loops` are those of this node's own gateway.
  struct Parts {
    GatewayRoll& roll;
    Replica& replica;
    EventLoops& loops;
    const Clock& clock;
  };
  explicit Revoker(const Parts& parts, ForceTimes times = {}) : parts_(parts), times_(times) {}

  // wait_until_in_force returns when no gateway can accept anything against `committed` any more:
  // at once when all have reported it, after ForceTimes::bound() at the latest. Call it
  // right after the commit has returned, or for a revision that was read just now.
  [[nodiscard]] InForce wait_until_in_force(const Revision& committed);

  // hold_back ends an API key on this node's gateway although its revocation could not be recorded,
  // and waits for the loops; false: one did not come round. let_go gives the word back to the
  // registry.
  [[nodiscard]] bool hold_back(const ApiKeyId& id);
  void let_go(const ApiKeyId& id) { parts_.replica.let_go(id); }
  [[nodiscard]] bool replica_knows(const ApiKeyId& id) const {
    return static_cast<bool>(parts_.replica.find(id));
  }

 private:
  void strike_silent(const RevocationWait& wait);

  Parts parts_;
  ForceTimes times_;
};

}  // namespace counterfoil
