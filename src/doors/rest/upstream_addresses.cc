#include "doors/rest/upstream_addresses.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "doors/net/listener.h"
#include "doors/net/loop.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {
namespace {

constexpr std::chrono::seconds kKnownFor{30};

}  // namespace

UpstreamAddresses::UpstreamAddresses(net::Loop& loop, const UpstreamTarget& target)
    : loop_(loop), target_(target), resolver_(loop.io()) {
  if (target.address) {
    endpoints_.push_back(net::endpoint_of({.address = *target.address, .port = target.port}));
  }
}

void UpstreamAddresses::use(Use use) {
  if (!target_.address && (endpoints_.empty() || loop_.timers().now() - known_since_ > kKnownFor)) {
    look_up();
  }
  if (endpoints_.empty()) {
    waiting_.push_back(std::move(use));
  } else {
    use(endpoints_);
  }
}

void UpstreamAddresses::look_up() {
  if (std::exchange(is_looking_up_, true)) {
    return;
  }
  resolver_.async_resolve(target_.host, std::to_string(target_.port),
                          [this](const boost::system::error_code& fault,
                                 const boost::asio::ip::tcp::resolver::results_type& results) {
                            is_looking_up_ = false;
                            if (!fault) {
                              found(results);
                            }
                            for (Use& use : std::exchange(waiting_, {})) {
                              use(endpoints_);
                            }
                          });
}

void UpstreamAddresses::found(const boost::asio::ip::tcp::resolver::results_type& results) {
  endpoints_.assign(results.begin(), results.end());
  known_since_ = loop_.timers().now();
}

}  // namespace counterfoil
