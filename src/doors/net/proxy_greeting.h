#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "doors/net/loop.h"
#include "doors/net/socket.h"
#include "doors/net/timer_wheel.h"
#include "wire/proxy/proxy_header.h"

namespace counterfoil::net {

// ProxyGreeting reads the PROXY header that an accepted connection has to begin with, and not a
// byte behind it: TLS or HTTP then finds the socket as if nothing had been there. Belongs to its
// loop's thread; it lives until its handler was called or it was closed, and until the operations
// under way have ended.
class ProxyGreeting final : public std::enable_shared_from_this<ProxyGreeting> {
 public:
  // Handler is given the header, and may take the socket then. nullopt: the connection is closed,
  // for it ended, began with something else, or took too long.
  using Handler = std::move_only_function<void(std::optional<proxy::ProxyHeader>)>;

  ProxyGreeting(Loop& loop, Socket socket);
  ProxyGreeting(const ProxyGreeting&) = delete;
  ProxyGreeting& operator=(const ProxyGreeting&) = delete;
  ProxyGreeting(ProxyGreeting&&) = delete;
  ProxyGreeting& operator=(ProxyGreeting&&) = delete;
  ~ProxyGreeting() = default;

  void start(std::chrono::milliseconds time_max, Handler done);
  // close ends it without a word to the handler.
  void close();
  [[nodiscard]] Socket take_socket() { return std::move(socket_); }

 private:
  void wait();
  void read();
  void end(std::optional<proxy::ProxyHeader> header);

  Loop& loop_;
  Socket socket_;
  Handler done_;  // empty: it has ended
  WheelTimer timer_;
  std::array<char, proxy::kV2BytesMax> received_;
  std::size_t size_ = 0;
};

}  // namespace counterfoil::net
