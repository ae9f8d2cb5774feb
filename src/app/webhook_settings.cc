#include "app/webhook_settings.h"

#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "app/wrong_setting.h"
#include "base/ip_address.h"
#include "base/trim.h"
#include "outbound/http_client.h"
#include "outbound/web_url.h"
#include "outbound/webhook_receiver.h"

namespace counterfoil {
namespace {

std::vector<std::string_view> elements(std::string_view list) {
  std::vector<std::string_view> found;
  if (list.empty()) {
    return found;
  }
  for (const auto part : std::views::split(list, ',')) {
    found.push_back(trim(std::string_view(part), " "));
  }
  return found;
}

// check_authorities sees that the file can be read before anything waits for it.
std::expected<void, Failure> check_authorities(const Config& config, const std::string& file) {
  if (file.empty()) {
    return {};
  }
  const auto client = HttpClient::make({.host = "localhost",
                                        .port = 443,
                                        .authority = "localhost",
                                        .tls = true,
                                        .authorities = file});
  return client ? std::expected<void, Failure>()
                : wrong_setting(config, "webhooks.authorities_file", client.error());
}

}  // namespace

std::expected<ReceiverRules, Failure> read_webhooks(const Config& config) {
  ReceiverRules rules{.authorities = config.text("webhooks.authorities_file")};
  for (const std::string_view text : elements(config.text("webhooks.networks"))) {
    const auto network = Cidr::parse(text);
    if (!network) {
      return wrong_setting(config, "webhooks.networks",
                           std::string(text) + ": " + describe(network.error()));
    }
    rules.networks.push_back(*network);
  }
  for (const std::string_view text : elements(config.text("webhooks.ports"))) {
    const auto port = read_port(text);
    if (!port) {
      return wrong_setting(config, "webhooks.ports",
                           "wants port numbers, from 1 to 65535, by comma");
    }
    rules.ports.push_back(*port);
  }
  if (const auto fine = check_authorities(config, rules.authorities); !fine) {
    return std::unexpected(fine.error());
  }
  return rules;
}

}  // namespace counterfoil
