#include "doors/rest/rest_loop.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "doors/net/connection_counts.h"
#include "doors/net/listener.h"
#include "doors/net/loop.h"
#include "doors/net/proxy_greeting.h"
#include "doors/net/socket.h"
#include "doors/net/timer_wheel.h"
#include "doors/rest/client_connection.h"
#include "doors/rest/exchange.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "wire/proxy/proxy_header.h"

namespace counterfoil {
namespace {

constexpr std::size_t kSpareExchangesMax = 1024;
// After a failed accept, such as for want of file descriptors, trying at once would only burn time.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

// Listening is one acceptor, and the pause after a fault of it.
struct RestLoop::Listening {
  Listening(Acceptor opened, std::move_only_function<void()> try_again)
      : acceptor(std::move(opened)), pause(std::move(try_again)) {}
  Acceptor acceptor;
  boost::asio::ip::tcp::endpoint peer;
  net::WheelTimer pause;
};

RestLoop::RestLoop(RestShared& shared, const SharedRestRules& rules)
    : shared_(shared),
      rules_(rules),
      net_(shared.parts.clock),
      upstream_head_(shared),
      request_ids_(shared.parts.random),
      lane_(shared.parts.recorder.add_lane()),
      pool_(net_, shared, counters_) {}

RestLoop::~RestLoop() { stop(); }

std::expected<void, std::string> RestLoop::listen(
    const std::vector<net::ListenAddress>& addresses) {
  for (const net::ListenAddress& address : addresses) {
    auto acceptor = net::listen(net_.io(), address);
    if (!acceptor) {
      return std::unexpected(std::move(acceptor.error()));
    }
    const std::size_t at = listening_.size();
    listening_.push_back(
        std::make_unique<Listening>(std::move(*acceptor), [this, at] { accept(*listening_[at]); }));
  }
  return {};
}

void RestLoop::start() {
  net_.start();
  shared_.parts.loops.add(*this);
  (void)net_.post([this] {
    pool_.start();
    for (const auto& listening : listening_) {
      accept(*listening);
    }
  });
}

void RestLoop::accept(Listening& listening) {
  if (is_draining_) {
    return;
  }
  listening.acceptor.async_accept(
      listening.peer,
      [this, &listening](const boost::system::error_code& fault, net::Socket socket) {
        if (fault == boost::asio::error::operation_aborted || is_draining_) {
          return;
        }
        if (fault) {
          listening.pause.set(net_.timers(), kAcceptPause);
          return;
        }
        accepted(std::move(socket), net::address_of(listening.peer));
        accept(listening);
      });
}

void RestLoop::accepted(net::Socket socket, const IpAddress& peer) {
  const bool is_proxy = rules_->is_proxy(peer);
  if (rules_->client_address == ClientAddress::kProxyProtocol) {
    if (is_proxy) {
      greet(std::move(socket), peer);
    } else {
      counters_.proxy_headers_failed.add();  // the socket closes
    }
    return;
  }
  auto place = is_proxy ? shared_.counts.enter() : shared_.counts.enter(peer, net_.timers().now());
  if (!place) {
    counters_.connections_refused.add();
    return;  // the socket closes
  }
  serve(std::move(socket), peer, std::move(*place));
}

void RestLoop::greet(net::Socket socket, const IpAddress& peer) {
  auto place = shared_.counts.enter();
  if (!place) {
    counters_.connections_refused.add();
    return;
  }
  const auto begun = std::make_shared<net::ProxyGreeting>(net_, std::move(socket));
  greetings_.insert(begun.get());
  begun->start(shared_.options.proxy_header_time_max,
               [this, peer, greeting = begun.get(),
                place = std::move(*place)](std::optional<proxy::ProxyHeader> header) mutable {
                 greetings_.erase(greeting);
                 if (!header) {
                   counters_.proxy_headers_failed.add();
                   return;
                 }
                 net::Socket accepted = greeting->take_socket();
                 if (header->client && !place.count_as(*header->client, net_.timers().now())) {
                   counters_.connections_refused.add();
                   return;
                 }
                 serve(std::move(accepted), header->client.value_or(peer), std::move(place));
               });
}

void RestLoop::serve(net::Socket socket, const IpAddress& client, net::ConnectionPlace place) {
  counters_.connections_accepted.add();
  const ClientConnection::Pointer connection(
      new ClientConnection(*this, std::move(socket), client, std::move(place), rules_->server_tls));
  connections_.insert(connection.get());
  connection->start();
}

void RestLoop::forget(ClientConnection& connection) { connections_.erase(&connection); }

void RestLoop::stop_accepting() {
  for (const auto& listening : listening_) {
    boost::system::error_code ignored;
    listening->pause.cancel();
    (void)listening->acceptor.close(ignored);
  }
  for (net::ProxyGreeting* const greeting : std::exchange(greetings_, {})) {
    greeting->close();
  }
}

void RestLoop::take_over(SharedRestRules rules) {
  (void)net_.post([this, taken = std::move(rules)] { rules_ = LocalRestRules(taken); });
}

void RestLoop::drain() {
  (void)net_.post([this] {
    if (std::exchange(is_draining_, true)) {
      return;
    }
    stop_accepting();
    // Draining one may make it forget itself.
    const std::vector<ClientConnection*> all(connections_.begin(), connections_.end());
    for (ClientConnection* const connection : all) {
      connection->drain();
    }
  });
}

void RestLoop::close_all() {
  is_draining_ = true;
  stop_accepting();
  const std::vector<ClientConnection*> all(connections_.begin(), connections_.end());
  for (ClientConnection* const connection : all) {
    connection->close();
  }
  pool_.close_all();
}

void RestLoop::stop() {
  (void)net_.post([this] { close_all(); });
  net_.stop();
  // Not before the thread has ended: until then it is asked, and answers.
  shared_.parts.loops.remove(*this);
}

std::unique_ptr<Exchange> RestLoop::take_exchange() {
  std::unique_ptr<Exchange> exchange;
  if (spare_exchanges_.empty()) {
    exchange = std::make_unique<Exchange>(shared_);
  } else {
    exchange = std::move(spare_exchanges_.back());
    spare_exchanges_.pop_back();
  }
  exchange->rules = rules_;
  return exchange;
}

void RestLoop::give_back(std::unique_ptr<Exchange> exchange) {
  exchange->reset();
  if (spare_exchanges_.size() < kSpareExchangesMax) {
    spare_exchanges_.push_back(std::move(exchange));
  }
}

}  // namespace counterfoil
