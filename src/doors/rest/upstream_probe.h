#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "doors/net/loop.h"
#include "doors/net/timer_wheel.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_addresses.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"
#include "wire/http/response_head.h"

namespace counterfoil {

// UpstreamProbe finds out whether one target is well, on a connection of its own: it has to take
// the connection and, where there is a health path, to answer it with 2xx or 3xx; each within
// connect_time_max. Used for one probe after another. Belongs to its loop's thread.
class UpstreamProbe final : private UpstreamKeeper, private UpstreamUser {
 public:
  // Everything must outlive it. `target` is the place of the target in the upstream's list.
  UpstreamProbe(net::Loop& loop, const RestShared& shared, UpstreamAddresses& addresses,
                std::size_t target);
  ~UpstreamProbe() = default;
  UpstreamProbe(const UpstreamProbe&) = delete;
  UpstreamProbe& operator=(const UpstreamProbe&) = delete;
  UpstreamProbe(UpstreamProbe&&) = delete;
  UpstreamProbe& operator=(UpstreamProbe&&) = delete;

  // start begins one, while none is under way. `done` is called once, with the fault, or nullopt
  // when all is well; but never after close().
  using Done = std::move_only_function<void(std::optional<UpstreamFault>)>;
  void start(Done done);
  void close();

 private:
  void on_connected(UpstreamConnection& connection) override;
  void on_connect_failed(UpstreamConnection& connection) override;
  void on_idle_lost(UpstreamConnection& connection) override;
  void on_upstream_ready(UpstreamConnection& connection) override;
  void on_upstream_refused(Reason reason) override;
  void on_upstream_bytes() override;
  void on_upstream_lost(Loss loss) override;

  void end(std::optional<UpstreamFault> fault);

  net::Loop& loop_;
  const RestShared& shared_;
  UpstreamAddresses& addresses_;
  std::size_t target_;
  net::WheelTimer timer_;
  UpstreamConnection::Pointer connection_;
  http::ResponseHead answer_;
  Done done_;
};

}  // namespace counterfoil
