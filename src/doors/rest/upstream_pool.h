#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <vector>

#include "base/time.h"
#include "doors/net/loop.h"
#include "doors/net/timer_wheel.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_addresses.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_probe.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"

namespace counterfoil {

// UpstreamPool keeps one loop's connections to the targets of the upstream. A request goes to the
// target that has the fewest of this loop under way; the targets take turns where they have as
// many. A kept connection to another target is used rather than that a request waits for a new one,
// which is then opened for the next. Of the connections to one target the one used last is used
// first, so that those beyond the need grow old and are closed.
//
// How the targets are is known to all loops (UpstreamHealth); this pool tells what it sees, and
// probes those whose turn it is. Belongs to its loop's thread.
class UpstreamPool final : public UpstreamKeeper {
 public:
  // Everything must outlive it.
  UpstreamPool(net::Loop& loop, RestShared& shared, DoorCounters& counters);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;
  UpstreamPool(UpstreamPool&&) = delete;
  UpstreamPool& operator=(UpstreamPool&&) = delete;

  // start begins to look after targets and kept connections.
  void start();

  enum class Wanted : std::uint8_t {
    kAny,
    kNew,  // one that carried no request yet
  };
  // acquire gives a connection; or nullptr, and on_upstream_ready() or on_upstream_refused() will
  // be called later; or kOverloaded; or kUpstreamOut when no target gets requests.
  [[nodiscard]] std::expected<UpstreamConnection*, Reason> acquire(UpstreamUser& user,
                                                                   Wanted wanted);
  // cancel: the user waits no longer.
  void cancel(const UpstreamUser& user);
  // give_back takes a connection that ended its answer, to be used again if it can be.
  void give_back(UpstreamConnection& connection);
  // discard closes one that cannot.
  void discard(UpstreamConnection& connection);

  // note_answer: the connection's target gave a whole answer. note_fault: it did not; a late answer
  // counts only if the target gave this loop no other one meanwhile, for then it is one request
  // that takes long.
  void note_answer(const UpstreamConnection& connection);
  void note_fault(const UpstreamConnection& connection, UpstreamFault fault);
  // retry_after is when to ask again after kUpstreamOut.
  [[nodiscard]] std::chrono::seconds retry_after() const;

  // close_all ends everything; nobody is called back any more.
  void close_all();

 private:
  // Lane is what belongs to one target.
  struct Lane;
  // Tried is a set of targets, a bit each.
  using Tried = std::uint32_t;
  struct Waiter {
    UpstreamUser* user;
    Wanted wanted;
    Tried tried;  // targets that took no connection for it
  };

  void on_connected(UpstreamConnection& connection) override;
  void on_connect_failed(UpstreamConnection& connection) override;
  void on_idle_lost(UpstreamConnection& connection) override;

  template <typename Fits>
  [[nodiscard]] Lane* least_busy(Fits fits);
  [[nodiscard]] Lane& lane_of(const UpstreamConnection& connection);
  [[nodiscard]] UpstreamConnection* take_kept();
  void open_one(Lane& lane);
  void open_enough();
  void put(UpstreamConnection& connection, Wanted is);
  void remove(UpstreamConnection& connection);
  // refuse_hopeless answers those who wait and have no target left.
  void refuse_hopeless();
  void look();
  void look_after(Lane& lane);
  void show();

  net::Loop& loop_;
  RestShared& shared_;
  const UpstreamOptions& options_;
  DoorCounters& counters_;
  net::WheelTimer look_timer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::deque<Waiter> waiting_;
  std::size_t turn_ = 0;  // of the lanes
  // Of all lanes together:
  std::size_t count_ = 0;  // open or opening
  std::size_t idle_ = 0;
  std::size_t connecting_ = 0;
  bool is_closed_ = false;
};

}  // namespace counterfoil
