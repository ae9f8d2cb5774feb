#include "doors/net/listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/error_code.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/ip_address.h"
#include "doors/net/socket.h"

namespace counterfoil::net {
namespace {

using boost::asio::ip::tcp;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int kBacklog = 4096;

enum class Sharing : std::uint8_t { kAlone, kShared };

std::string cannot_listen(const ListenAddress& address, const boost::system::error_code& fault) {
  const std::string where = address.to_string();
  if (fault == boost::asio::error::address_in_use) {
    return "Cannot listen on " + where +
           ": the port is in use. Stop the program that has it, or choose another port.";
  }
  if (fault == boost::asio::error::access_denied) {
    return "Cannot listen on " + where +
           ": not permitted. Ports below 1024 need the capability CAP_NET_BIND_SERVICE.";
  }
  return "Cannot listen on " + where + ": " + fault.message() + ".";
}

void open(Acceptor& acceptor, const ListenAddress& address, Sharing sharing,
          boost::system::error_code& fault) {
  const tcp::endpoint endpoint = endpoint_of(address);
  (void)acceptor.open(endpoint.protocol(), fault);
  if (!fault) {
    (void)acceptor.set_option(boost::asio::socket_base::reuse_address(true), fault);
  }
  if (!fault && sharing == Sharing::kShared) {
    (void)acceptor.set_option(ReusePort(true), fault);
  }
  if (!fault && !address.address.is_v4()) {
    // One listener, one family: an operator who wants both says so.
    (void)acceptor.set_option(boost::asio::ip::v6_only(true), fault);
  }
  if (!fault) {
    (void)acceptor.bind(endpoint, fault);
  }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::expected<ListenAddress, std::string> ListenAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, std::min(colon, text.size()));
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = IpAddress::parse(host);
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_port(text.substr(colon + 1));
  if (!address || !port || in_brackets != host.contains(':')) {
    return std::unexpected("'" + std::string(text) +
                           "' is not an address to listen on. Write 127.0.0.1:8080 or [::1]:8080; "
                           "port 0 means any free one.");
  }
  return ListenAddress{.address = *address, .port = *port};
}

std::string ListenAddress::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::expected<ListenAddress, std::string> reserve_port(const ListenAddress& address) {
  boost::asio::io_context io;
  Acceptor acceptor(io);
  boost::system::error_code fault;
  open(acceptor, address, Sharing::kAlone, fault);
  if (!fault && address.port != 0) {
    // bind() alone passes beside another socket that is bound and does not listen yet.
    (void)acceptor.listen(1, fault);
  }
  if (fault) {
    return std::unexpected(cannot_listen(address, fault));
  }
  const tcp::endpoint bound = acceptor.local_endpoint(fault);
  return ListenAddress{.address = address.address, .port = bound.port()};
}

std::expected<Acceptor, std::string> listen(boost::asio::io_context& io,
                                            const ListenAddress& address) {
  Acceptor acceptor(io);
  boost::system::error_code fault;
  open(acceptor, address, Sharing::kShared, fault);
  if (!fault) {
    (void)acceptor.listen(kBacklog, fault);
  }
  if (fault) {
    return std::unexpected(cannot_listen(address, fault));
  }
  return acceptor;
}

IpAddress address_of(const tcp::endpoint& endpoint) {
  return endpoint.address().is_v4() ? IpAddress::v4(endpoint.address().to_v4().to_bytes())
                                    : IpAddress::v6(endpoint.address().to_v6().to_bytes());
}

tcp::endpoint endpoint_of(const ListenAddress& address) {
  if (!address.address.is_v4()) {
    return {boost::asio::ip::address_v6(address.address.bytes()), address.port};
  }
  boost::asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(address.address.bytes().begin() + 12, bytes.size(), bytes.begin());
  return {boost::asio::ip::address_v4(bytes), address.port};
}

}  // namespace counterfoil::net
