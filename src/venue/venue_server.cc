#include "venue/venue_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/time.h"
#include "venue/exchange.h"
#include "venue/http_session.h"
#include "venue/identity.h"
#include "venue/market_maker.h"
#include "venue/venue_options.h"
#include "venue/venue_service.h"

namespace counterfoil::venue {
namespace {

using boost::asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};

Doorkeeper doorkeeper_for(VenueOptions& options) {
  return options.standalone_keys.empty() ? Doorkeeper(std::move(options.proof_secrets))
                                         : Doorkeeper(std::move(options.standalone_keys));
}

}  // namespace

std::string_view describe(VenueError error) {
  switch (error) {
    case VenueError::kBadAddress:
      return "The address to listen on is not an IP address; write it like 127.0.0.1:9010.";
    case VenueError::kCannotListen:
      return "The venue cannot listen there; another program has the port, or it is below 1024: "
             "choose another.";
    case VenueError::kBadOptions:
      return "The venue's options contradict each other.";
  }
  std::unreachable();
}

struct VenueServer::Impl {
  Impl(VenueOptions options, const Clock& clock_to_use)
      : clock(clock_to_use),
        maker_options(options.market_maker),
        connections_max(options.connections_max),
        exchange({.initial_balances = std::move(options.initial_balances),
                  .accounts_max = options.accounts_max,
                  .seed = options.seed}),
        service(exchange, options.limits, doorkeeper_for(options)) {
    if (maker_options.interval.count() > 0) {
      maker.emplace(exchange, options.seed);
    }
  }

  [[nodiscard]] std::expected<void, VenueError> listen(const std::string& address,
                                                       std::uint16_t port) {
    Code fault;
    const auto parsed = boost::asio::ip::make_address(address, fault);
    if (fault) {
      return std::unexpected(VenueError::kBadAddress);
    }
    const tcp::endpoint endpoint(parsed, port);
    (void)acceptor.open(endpoint.protocol(), fault);
    if (!fault) {
      (void)acceptor.set_option(boost::asio::socket_base::reuse_address(true), fault);
    }
    if (!fault) {
      (void)acceptor.bind(endpoint, fault);
    }
    if (!fault) {
      (void)acceptor.listen(boost::asio::socket_base::max_listen_connections, fault);
    }
    const tcp::endpoint bound = fault ? tcp::endpoint() : acceptor.local_endpoint(fault);
    if (fault) {
      return std::unexpected(VenueError::kCannotListen);
    }
    bound_port = bound.port();
    return {};
  }

  // trade_history makes a past that ends now, then the books of now.
  void trade_history() {
    if (!maker) {
      return;
    }
    const Timestamp now = clock.now();
    for (std::size_t left = maker_options.history_ticks; left > 0; --left) {
      maker->tick(now - (std::chrono::minutes(1) * left), MarketMaker::Depth::kThin);
    }
    maker->tick(now);
  }

  void run() {
    accept();
    tick_later();
    thread = std::thread([this] { loop.run(); });
  }

  void accept() {
    acceptor.async_accept([this](const Code& fault, tcp::socket socket) {
      if (!acceptor.is_open()) {
        return;
      }
      if (fault) {
        // Out of descriptors, most likely: asking again at once would only burn the processor.
        accept_pause.expires_after(kAcceptPause);
        accept_pause.async_wait([this](const Code& stopped) {
          if (!stopped) {
            accept();
          }
        });
        return;
      }
      begin_session(std::move(socket));
      accept();
    });
  }

  void begin_session(tcp::socket socket) {
    if (sessions.size() >= connections_max) {
      return;  // The socket closes as it goes.
    }
    const auto session = std::make_shared<HttpSession>(
        std::move(socket), service, clock,
        [this](const std::shared_ptr<HttpSession>& ended) { sessions.erase(ended); });
    sessions.insert(session);
    session->start();
  }

  void tick_later() {
    if (!maker) {
      return;
    }
    tick_timer.expires_after(maker_options.interval);
    tick_timer.async_wait([this](const Code& fault) {
      if (fault || !acceptor.is_open()) {
        return;
      }
      maker->tick(clock.now());
      tick_later();
    });
  }

  // close_all runs in the loop's thread; when it is done nothing keeps the loop alive.
  void close_all() {
    Code ignored;
    (void)acceptor.close(ignored);
    accept_pause.cancel();
    tick_timer.cancel();
    const std::set<std::shared_ptr<HttpSession>> open = sessions;
    for (const auto& session : open) {
      session->close();
    }
  }

  const Clock& clock;
  MarketMakerOptions maker_options;
  std::size_t connections_max;
  Exchange exchange;
  VenueService service;
  std::optional<MarketMaker> maker;
  boost::asio::io_context loop{1};
  tcp::acceptor acceptor{loop};
  boost::asio::steady_timer accept_pause{loop};
  boost::asio::steady_timer tick_timer{loop};
  std::set<std::shared_ptr<HttpSession>> sessions;
  std::uint16_t bound_port = 0;
  std::thread thread;
};

std::expected<std::unique_ptr<VenueServer>, VenueError> VenueServer::start(VenueOptions options,
                                                                           const Clock& clock) {
  if (check_options(options)) {
    return std::unexpected(VenueError::kBadOptions);
  }
  const std::string address = options.bind_address;
  const std::uint16_t port = options.port;
  auto impl = std::make_unique<Impl>(std::move(options), clock);
  if (const auto listening = impl->listen(address, port); !listening) {
    return std::unexpected(listening.error());
  }
  impl->trade_history();
  impl->run();
  return std::unique_ptr<VenueServer>(new VenueServer(std::move(impl)));
}

VenueServer::VenueServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VenueServer::~VenueServer() {  // NOLINT(bugprone-exception-escape): out of memory ends the process
  stop();
}

std::uint16_t VenueServer::port() const { return impl_->bound_port; }

void VenueServer::tick() {
  if (!impl_->thread.joinable() || !impl_->maker) {
    return;
  }
  std::promise<void> done;
  boost::asio::post(impl_->loop, [&] {
    impl_->maker->tick(impl_->clock.now());
    done.set_value();
  });
  done.get_future().wait();
}

void VenueServer::stop() {
  if (!impl_->thread.joinable()) {
    return;
  }
  boost::asio::post(impl_->loop, [this] { impl_->close_all(); });
  impl_->thread.join();
}

}  // namespace counterfoil::venue
