#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/time.h"
#include "doors/net/loop.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {

// UpstreamAddresses knows the addresses of the upstream: fixed when its host is an address, else
// looked up, and looked up again after a while. When a look-up fails, what was known before stays.
// Belongs to one loop's thread.
class UpstreamAddresses {
 public:
  // loop and target must outlive it.
  UpstreamAddresses(net::Loop& loop, const UpstreamTarget& target);

  using Use = std::move_only_function<void(const UpstreamConnection::Endpoints&)>;
  // use calls `use`, now or when they are known. None: the host has no address.
  void use(Use use);

 private:
  void look_up();
  void found(const boost::asio::ip::tcp::resolver::results_type& results);

  net::Loop& loop_;
  const UpstreamTarget& target_;
  boost::asio::ip::tcp::resolver resolver_;
  UpstreamConnection::Endpoints endpoints_;
  BootTime known_since_{};
  bool is_looking_up_ = false;
  std::vector<Use> waiting_;  // as many as connections may be opened
};

}  // namespace counterfoil
