#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

// ForceTimes are the times of the revocation protocol, the same for all nodes of an installation.
// The margin between `right_lasts` and `counted_out_after` pays for clock rates that differ (by up
// to 1 %, assumed and said in the manual) and for the way from the last look to the first byte.
struct ForceTimes {
  std::chrono::milliseconds beat_interval{250};
  std::chrono::milliseconds right_lasts{4'500};        // after the heartbeat was sent
  std::chrono::milliseconds counted_out_after{5'000};  // after the commit, on the authority's clock
  // Reading and cancelling go on so much longer than the right lasts (to 10 minutes), so that an
  // outage of the registry does not keep people from closing positions; a change is then in force
  // so much later where a gateway does not answer.
  std::chrono::milliseconds relaxed_for{0};

  // bound is the longest that any gateway may act on what was before a change.
  [[nodiscard]] std::chrono::milliseconds bound() const { return counted_out_after + relaxed_for; }
  bool operator==(const ForceTimes&) const = default;
};

// Beat is one heartbeat on its way to the registry: a quorum transaction that writes what the
// gateway has applied and reads the registry's revision.
struct Beat {
  std::uint64_t number = 0;  // 1, 2, ... of one gateway process
  BootTime sent_at;
  Revision applied;
  bool operator==(const Beat&) const = default;
};

// RightToAccept decides until when a gateway may accept requests. A heartbeat sent at `t` extends
// the right to `t + right_lasts`, but only once everything up to the revision that the heartbeat
// read is applied: so a gateway whose feed is stuck loses the right like one that is cut off. It
// counts from the sending, not from the answer, so the gateway always gives up before an authority
// counts it out.
//
// A pure machine: it sends nothing and reads no clock. Answers may come late, doubled, in any order
// or never; each only ever adds what its own heartbeat earned. One thread at a time.
class RightToAccept {
 public:
  // Heartbeats that wait for their answer or for the feed. Past it the oldest is given up, which
  // can only end the right earlier.
  static constexpr std::size_t kWaitingMax = 64;

  explicit RightToAccept(ForceTimes times) : times_(times) {}

  // beat gives the heartbeat to be sent at `now`, or nullopt while the interval since the last one
  // still runs. What was applied since then is reported without waiting for the interval, for a
  // revocation may wait for it; but not before the last heartbeat was answered, so that a slow
  // registry is not asked faster than it answers.
  [[nodiscard]] std::optional<Beat> beat(BootTime now);
  // answered takes the revision that heartbeat `number` read. An unknown or repeated number changes
  // nothing.
  void answered(std::uint64_t number, const Revision& read);
  // applied says that everything up to `revision` is in force here: in the table, dead sessions
  // cut, and every event loop has come round since. A step back is ignored within one incarnation;
  // another incarnation replaces what was applied.
  void applied(const Revision& revision);

  // until is the end of the right. It starts in the past and never moves back.
  [[nodiscard]] BootTime until() const { return until_; }
  [[nodiscard]] const Revision& applied_revision() const { return applied_; }

 private:
  struct Waiting {
    std::uint64_t number;
    BootTime sent_at;
    std::optional<Revision> read;  // nullopt: not answered yet
  };
  void settle();

  ForceTimes times_;
  std::uint64_t last_number_ = 0;
  std::optional<BootTime> last_sent_;
  bool last_is_answered_ = false;
  Revision reported_;            // by the last heartbeat
  std::deque<Waiting> waiting_;  // by number
  Revision applied_;
  BootTime until_{};
};

}  // namespace counterfoil
