#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "doors/net/socket.h"

namespace counterfoil::net {

// ListenAddress is where a door listens. Port 0: any free one.
struct ListenAddress {
  IpAddress address;
  std::uint16_t port = 0;

  // parse reads "127.0.0.1:8080" or "[::1]:8080". The error is a sentence.
  [[nodiscard]] static std::expected<ListenAddress, std::string> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  bool operator==(const ListenAddress&) const = default;
};

// reserve_port finds out whether a door may listen at `address`, and which port it gets there. Many
// loops share one port (SO_REUSEPORT), which would hide that another program of the same user has
// it: so this asks once without sharing. The error is a sentence.
[[nodiscard]] std::expected<ListenAddress, std::string> reserve_port(const ListenAddress& address);

// listen opens one loop's share of the port.
[[nodiscard]] std::expected<Acceptor, std::string> listen(boost::asio::io_context& io,
                                                          const ListenAddress& address);

// address_of is an endpoint's address as we compare it.
[[nodiscard]] IpAddress address_of(const boost::asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] boost::asio::ip::tcp::endpoint endpoint_of(const ListenAddress& address);

}  // namespace counterfoil::net
