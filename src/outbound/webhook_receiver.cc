#include "outbound/webhook_receiver.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "base/loopback.h"
#include "outbound/address_rule.h"
#include "outbound/head_call.h"
#include "outbound/http_client.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint16_t kHttpsPort = 443;

AddressRule rule_of(const ReceiverRules& rules) {
  return {.where = AddressRule::Where::kPublic, .also = rules.networks};
}

bool is_listed(const ReceiverRules& rules, const IpAddress& address) {
  return std::ranges::any_of(rules.networks,
                             [&](const Cidr& network) { return network.contains(address); });
}

bool is_port_fine(const ReceiverRules& rules, std::uint16_t port) {
  return port == kHttpsPort || std::ranges::find(rules.ports, port) != rules.ports.end();
}

HttpPeer peer_of(const WebUrl& url, const ReceiverRules& rules) {
  return {.host = url.host,
          .port = url.port,
          .authority = url.authority,
          .tls = url.tls,
          .authorities = rules.authorities,
          .addresses = rule_of(rules)};
}

}  // namespace

std::expected<WebUrl, std::string> parse_receiver(std::string_view url,
                                                  const ReceiverRules& rules) {
  auto parsed = url.size() <= kReceiverUrlBytesMax ? WebUrl::parse(url) : std::nullopt;
  if (!parsed) {
    return std::unexpected(
        "a webhook wants a whole URL without user part and fragment, such as "
        "https://hooks.example.com/counterfoil");
  }
  const auto address = IpAddress::parse(parsed->host);
  if (address && !is_listed(rules, *address)) {
    return std::unexpected(
        "a webhook wants the name of a host, not an address; the operator can list addresses "
        "(webhooks.networks)");
  }
  if (!parsed->tls && !(address && is_loopback(*address))) {
    return std::unexpected("a webhook wants https: what is told must not be read on its way");
  }
  if (!is_port_fine(rules, parsed->port)) {
    return std::unexpected(
        "a webhook wants port 443; the operator can list others (webhooks.ports)");
  }
  return std::move(*parsed);
}

std::expected<void, std::string> check_receiver(const WebUrl& url, const ReceiverRules& rules) {
  asio::io_context io;
  tcp::resolver resolver(io);
  std::optional<error_code> outcome;
  bool is_fine = false;
  resolver.async_resolve(
      url.host, std::to_string(url.port),
      [&](error_code fault, const tcp::resolver::results_type& found) {
        outcome = fault;
        is_fine = std::ranges::all_of(found, [rule = rule_of(rules)](const auto& entry) {
          const asio::ip::address& address = entry.endpoint().address();
          return rule.allows(address.is_v4() ? IpAddress::v4(address.to_v4().to_bytes())
                                             : IpAddress::v6(address.to_v6().to_bytes()));
        });
      });
  io.run_for(kReceiverTimeMax);
  if (!outcome) {
    resolver.cancel();
    return std::unexpected(url.host + ": looking up the name took too long; try again");
  }
  if (*outcome) {
    return std::unexpected(url.host + ": the name leads nowhere (" + outcome->message() + ")");
  }
  if (!is_fine) {
    return std::unexpected(url.host +
                           ": the name leads to an address that is not public; the operator can "
                           "list networks of their own (webhooks.networks)");
  }
  return {};
}

std::expected<HttpReply, std::string> call_receiver(const WebUrl& url, HttpCall call,
                                                    const ReceiverRules& rules) {
  call.target = url.target;
  return head_call(peer_of(url, rules), call, kReceiverTimeMax);
}

}  // namespace counterfoil
