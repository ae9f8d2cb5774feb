#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <vector>

#include "doors/net/loop.h"
#include "doors/net/timer_wheel.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_addresses.h"
#include "doors/rest/upstream_connection.h"
#include "verify/reason.h"

namespace counterfoil {

// UpstreamPool keeps one loop's connections to the upstream. The one used last is used first, so
// that those beyond the need grow old and are closed.
class UpstreamPool final : public UpstreamKeeper {
 public:
  // Everything must outlive it.
  UpstreamPool(net::Loop& loop, RestShared& shared, DoorCounters& counters);
  ~UpstreamPool() = default;
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;
  UpstreamPool(UpstreamPool&&) = delete;
  UpstreamPool& operator=(UpstreamPool&&) = delete;

  enum class Wanted : std::uint8_t {
    kAny,
    kNew,  // one that carried no request yet
  };
  // acquire gives a connection; or nullptr, and on_upstream_ready() or on_upstream_refused() will
  // be called later; or kOverloaded.
  [[nodiscard]] std::expected<UpstreamConnection*, Reason> acquire(UpstreamUser& user,
                                                                   Wanted wanted);
  // cancel: the user waits no longer.
  void cancel(const UpstreamUser& user);
  // give_back takes a connection that ended its answer, to be used again if it can be.
  void give_back(UpstreamConnection& connection);
  // discard closes one that cannot.
  void discard(UpstreamConnection& connection);
  // close_all ends everything; nobody is called back any more.
  void close_all();

 private:
  struct Waiter {
    UpstreamUser* user;
    Wanted wanted;
  };

  void on_connected(UpstreamConnection& connection) override;
  void on_connect_failed(UpstreamConnection& connection) override;
  void on_idle_lost(UpstreamConnection& connection) override;

  void open_one();
  void open_enough();
  void put(UpstreamConnection& connection, Wanted is);
  void remove(UpstreamConnection& connection);
  void close_old();
  void show();

  net::Loop& loop_;
  RestShared& shared_;
  const UpstreamOptions& options_;
  DoorCounters& counters_;
  UpstreamAddresses addresses_;
  net::WheelTimer age_timer_;
  std::vector<UpstreamConnection::Pointer> all_;  // open or opening
  std::vector<UpstreamConnection*> idle_;         // the one used last is last
  std::deque<Waiter> waiting_;
  std::size_t connecting_ = 0;
  std::size_t next_endpoint_ = 0;
  bool is_closed_ = false;
};

}  // namespace counterfoil
