#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "authority/right_to_accept.h"
#include "base/time.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil {

// GatewayAnswer is what became of one gateway during the wait: a line of the receipt.
struct GatewayAnswer {
  enum class Kind : std::uint8_t {
    kWaiting,     // neither yet
    kApplied,     // it reported the revision, or a newer one, applied
    kCountedOut,  // its right to accept has ended, whatever it does
  };
  std::string gateway;
  Kind kind = Kind::kWaiting;
  Revision applied;  // kApplied: what it reported
  BootTime since{};  // when the authority learned it, on its own boot clock
  GatewayEntry first_read = {};
  bool operator==(const GatewayAnswer&) const = default;
};

// RevocationWait decides when a revocation may be answered. After the commit at revision R the
// authority reads, linearizably, which gateways are on the roll, and waits for each of them to
// report R applied, or until the bound has passed on the authority's own clock since the
// commit: by then a gateway that had not heard of R has lost its right. A gateway that comes onto
// the roll later reads R or newer with its first heartbeat, and accepts nothing before it has
// applied that.
//
// A pure machine. One thread at a time.
class RevocationWait {
 public:
  // `committed_at` is read after the commit has returned.
  RevocationWait(ForceTimes times, Revision committed, BootTime committed_at)
      : times_(times), committed_(committed), committed_at_(committed_at) {}

  // on_roll takes one reading of the roll, begun after the commit. The first one fixes who is
  // waited for; later ones bring reports. A gateway that is no longer on the roll is waited for all
  // the same: that it left is not known to be true before its time is over.
  void on_roll(const Roll& roll, BootTime now);
  // passed_time counts out who did not report in time.
  void passed_time(BootTime now);

  // is_over: no gateway can accept anything against the revision any more. Not before the first
  // reading.
  [[nodiscard]] bool is_over() const;
  // ends_at is when it is over at the latest.
  [[nodiscard]] BootTime ends_at() const { return committed_at_ + times_.bound(); }
  // silent names the gateways that were counted out and have not beaten once during the whole wait,
  // as of a reading begun after its end: they can be struck off the roll, with the count of beats
  // given.
  [[nodiscard]] std::vector<GatewayEntry> silent(const Roll& at_the_end) const;
  // answers has one line for each gateway, by name.
  [[nodiscard]] std::vector<GatewayAnswer> answers() const;
  [[nodiscard]] const Revision& committed() const { return committed_; }

 private:
  ForceTimes times_;
  Revision committed_;
  BootTime committed_at_;
  bool has_read_ = false;
  bool was_whole_ = false;
  bool time_is_over_ = false;
  std::map<std::string, GatewayAnswer> answers_;
};

}  // namespace counterfoil
