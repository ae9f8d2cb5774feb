#include "app/own_gateway.h"

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "outbound/http_client.h"

namespace counterfoil {
namespace {

constexpr std::array<std::uint8_t, 4> kEverywhere{0, 0, 0, 0};
constexpr std::array<std::uint8_t, 4> kLoopback{127, 0, 0, 1};
constexpr std::string_view kLoopback6 = "::1";

IpAddress reached_at(const IpAddress& listens_at) {
  if (listens_at == IpAddress::v4(kEverywhere)) {
    return IpAddress::v4(kLoopback);
  }
  return listens_at == IpAddress() ? IpAddress::parse(kLoopback6).value_or(listens_at) : listens_at;
}

// A name of the gateway as a Host header has it: with its port, and an IPv6 address in brackets.
std::string authority_of(const std::string& name, std::uint16_t port) {
  const bool is_bare_v6 = name.contains(':') && !name.starts_with('[');
  return (is_bare_v6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

}  // namespace

std::expected<HttpClient, std::string> client_of(const OwnGateway& gateway) {
  if (gateway.client_address == ClientAddress::kProxyProtocol) {
    return std::unexpected(
        "connections to the gateway begin with a PROXY header, which only a proxy may write");
  }
  const std::string host = reached_at(gateway.listen.address).to_string();
  const std::uint16_t port = gateway.listen.port;
  return HttpClient::make(
      {.host = host,
       .port = port,
       .authority = authority_of(gateway.hosts.empty() ? host : gateway.hosts.front(), port),
       .tls = !gateway.tls_certificate.empty(),
       .authorities = {},
       .pinned_certificate = gateway.tls_certificate});
}

void OwnGatewayClient::set(std::optional<OwnGateway> gateway) {
  {
    const std::scoped_lock lock(mutex_);
    gateway_ = gateway ? std::make_shared<const OwnGateway>(std::move(*gateway)) : nullptr;
    client_ = nullptr;
  }
  (void)find();  // With the certificate as it is now, which the gateway has just read, too.
}

std::shared_ptr<const HttpClient> OwnGatewayClient::find() {
  std::shared_ptr<const OwnGateway> gateway;
  {
    const std::scoped_lock lock(mutex_);
    if (client_ || !gateway_) {
      return client_;
    }
    gateway = gateway_;
  }
  auto made = client_of(*gateway);
  if (!made) {
    return nullptr;
  }
  auto client = std::make_shared<const HttpClient>(std::move(*made));
  const std::scoped_lock lock(mutex_);
  if (gateway_ == gateway) {  // else it is another by now
    client_ = client;
  }
  return client;
}

}  // namespace counterfoil
