#include "doors/console/console_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "authority/request_ids.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/calls/call_connection.h"
#include "doors/calls/descriptor.h"
#include "doors/calls/timed_stream.h"
#include "doors/calls/tls_stream.h"
#include "doors/console/browser_rules.h"
#include "doors/console/console_calls.h"
#include "doors/net/connection_counts.h"
#include "doors/net/listener.h"
#include "doors/net/tls.h"

namespace counterfoil {
namespace {

constexpr int kNoDescriptorPauseMs = 100;
constexpr std::chrono::seconds kHandshakeMax{5};

// Peer is where a connection comes from.
struct Peer {
  Descriptor socket;
  IpAddress address;
};

std::optional<Peer> accept_peer(int listening) {
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the kernel's own interface
  Descriptor socket(::accept4(listening, reinterpret_cast<sockaddr*>(&from), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.is_open()) {
    return std::nullopt;
  }
  IpAddress address;
  if (from.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    address = IpAddress::v4(bytes);
  } else {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    address = IpAddress::v6(bytes);
  }
  constexpr int kOn = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn));
  return Peer{.socket = std::move(socket), .address = address};
}

}  // namespace

struct ConsoleServer::Tls {
  net::TlsContext context;
};

std::vector<std::string> local_origins(const net::ListenAddress& at, bool is_tls) {
  const std::string scheme = is_tls ? "https://" : "http://";
  return {scheme + "localhost:" + std::to_string(at.port), scheme + at.to_string()};
}

std::expected<std::unique_ptr<ConsoleServer>, std::string> ConsoleServer::start(
    const Options& options, ConsoleParts parts, const Clock& clock) {
  std::unique_ptr<Tls> tls;
  if (!options.tls_certificate.empty()) {
    auto context =
        net::load_server_tls({.certificate = options.tls_certificate, .key = options.tls_key});
    if (!context) {
      return std::unexpected(std::move(context.error()));
    }
    tls = std::make_unique<Tls>(std::move(*context));
  }
  const auto at = net::reserve_port(options.listen);
  if (!at) {
    return std::unexpected(at.error());
  }
  boost::asio::io_context io;
  auto acceptor = net::listen(io, *at);
  if (!acceptor) {
    return std::unexpected(std::move(acceptor.error()));
  }
  boost::system::error_code fault;
  Descriptor socket(acceptor->release(fault));
  Descriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (fault || !stop.is_open() ||
      ::fcntl(socket.number(), F_SETFL, ::fcntl(socket.number(), F_GETFL) | O_NONBLOCK) != 0) {
    return std::unexpected(
        "no file descriptor is left for the console; raise the limit of open files (ulimit -n)");
  }
  ConsoleOrigin origin{.origins = options.origins.empty() ? local_origins(*at, tls != nullptr)
                                                          : options.origins};
  // What browsers say counts: a proxy of ours may end TLS before it gets here.
  origin.is_tls = origin.origins.front().starts_with("https://");
  return std::unique_ptr<ConsoleServer>(new ConsoleServer(std::move(socket), std::move(stop),
                                                          std::move(tls), std::move(origin),
                                                          options, std::move(parts), clock));
}

ConsoleServer::ConsoleServer(Descriptor socket, Descriptor stop, std::unique_ptr<Tls> tls,
                             ConsoleOrigin origin, const Options& options, ConsoleParts parts,
                             const Clock& clock)
    : socket_(std::move(socket)),
      stop_(std::move(stop)),
      tls_(std::move(tls)),
      origin_(std::move(origin)),
      limits_(options.limits),
      counts_(options.connections),
      parts_(std::move(parts)),
      clock_(clock),
      accepting_([this] { accept_connections(); }) {}

ConsoleServer::~ConsoleServer() {
  constexpr std::uint64_t kOne = 1;
  (void)!::write(stop_.number(), &kOne, sizeof(kOne));
  accepting_.join();
  connections_.clear();  // joins
}

void ConsoleServer::accept_connections() {
  std::array<pollfd, 2> watched{pollfd{.fd = socket_.number(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = stop_.number(), .events = POLLIN, .revents = 0}};
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (watched[1].revents != 0) {
      return;
    }
    join_finished();
    if (auto peer = accept_peer(socket_.number())) {
      begin(std::move(peer->socket), peer->address);
    } else if (errno == EMFILE || errno == ENFILE) {
      ::poll(&watched[1], 1, kNoDescriptorPauseMs);  // the connection waits until one is free
    }
  }
}

void ConsoleServer::begin(Descriptor peer, const IpAddress& address) {
  auto place = counts_.enter(address, clock_.boot_now());
  if (!place) {
    return;  // closed without a word: saying one would cost as much as being let in
  }
  const std::scoped_lock lock(mutex_);
  Connection& made = connections_.emplace_back();
  try {
    made.thread = std::jthread(
        [this, &made, address, peer = std::move(peer), place = std::move(*place)]() mutable {
          serve(peer, address);
          peer = Descriptor();
          const std::scoped_lock done(mutex_);
          made.is_done = true;
        });
  } catch (const std::system_error&) {
    connections_.pop_back();  // the machine has no thread left; the browser tries again
  }
}

void ConsoleServer::join_finished() {
  std::list<Connection> finished;  // joined without the lock
  const std::scoped_lock lock(mutex_);
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto here = next++;
    if (here->is_done) {
      finished.splice(finished.end(), connections_, here);
    }
  }
}

void ConsoleServer::serve(const Descriptor& peer, const IpAddress& address) {
  RequestIdSource ids(parts_.random);
  ConsoleCalls calls(parts_, origin_, address);
  TimedStream plain(peer.number(), stop_.number());
  if (!tls_) {
    CallConnection(plain, calls, limits_, ids).serve();
    return;
  }
  const auto encrypted = TlsStream::accept(tls_->context->native_handle(), plain,
                                           std::chrono::steady_clock::now() + kHandshakeMax);
  if (encrypted) {
    CallConnection(*encrypted, calls, limits_, ids).serve();
  }
}

}  // namespace counterfoil
