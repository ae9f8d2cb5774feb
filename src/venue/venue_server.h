#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "venue/venue_options.h"

namespace counterfoil::venue {

enum class VenueError : std::uint8_t {
  kBadAddress,    // bind_address is no IP address
  kCannotListen,  // the port is taken, or the system says no
  kBadOptions,    // check_options() says what
};
// describe gives a sentence for people: what is wrong and what to do.
[[nodiscard]] std::string_view describe(VenueError error);

// VenueServer is a running venue: one thread that owns everything. Loopback plain HTTP/1.1 with
// keep-alive and pipelining.
class VenueServer {
 public:
  // start listens and serves from the moment it returns. `clock` must outlive the server.
  [[nodiscard]] static std::expected<std::unique_ptr<VenueServer>, VenueError> start(
      VenueOptions options, const Clock& clock);

  VenueServer(const VenueServer&) = delete;
  VenueServer& operator=(const VenueServer&) = delete;
  VenueServer(VenueServer&&) = delete;
  VenueServer& operator=(VenueServer&&) = delete;
  ~VenueServer();  // stops

  [[nodiscard]] std::uint16_t port() const;
  // tick lets the market maker act once and returns when it has. For tests and demos; does nothing
  // without a market maker, or once stopped. Any thread but the server's own.
  void tick();
  // stop closes all connections and joins the thread. Safe to call again.
  void stop();

 private:
  struct Impl;
  explicit VenueServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace counterfoil::venue
