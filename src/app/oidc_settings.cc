#include "app/oidc_settings.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "app/secret_input.h"
#include "app/wrong_setting.h"
#include "base/ip_address.h"
#include "base/loopback.h"
#include "base/trim.h"
#include "crypto/secret_bytes.h"
#include "keys/life.h"
#include "outbound/http_client.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

constexpr std::size_t kNameCharactersMax = 40;  // on a button
constexpr std::size_t kWordBytesMax = 256;
constexpr std::string_view kReturnPath = "/login/oidc";

bool is_this_machine(const WebUrl& url) {
  const auto address = IpAddress::parse(url.host);
  return url.host == "localhost" || (address && is_loopback(*address));
}

bool is_issuer(std::string_view text) {
  const auto url = WebUrl::parse(text);
  return url && !text.contains('?') && (url->tls || is_this_machine(*url));
}

// words are the elements of a comma list, each printable and without blanks.
std::expected<std::vector<std::string>, Failure> words(const Config& config, std::string_view key) {
  std::vector<std::string> read;
  if (config.text(key).empty()) {
    return read;
  }
  for (const auto part : config.text(key) | std::views::split(',')) {
    const std::string_view word = trim(std::string_view(part), " ");
    const bool is_fine = !word.empty() && word.size() <= kWordBytesMax &&
                         std::ranges::all_of(word, [](char c) { return c > ' ' && c <= '~'; });
    if (!is_fine) {
      return wrong_setting(config, key, "wants words without blanks, by comma");
    }
    read.emplace_back(word);
  }
  return read;
}

std::expected<std::vector<Cidr>, Failure> networks(const Config& config) {
  const auto texts = words(config, "oidc.networks");
  if (!texts) {
    return std::unexpected(texts.error());
  }
  std::vector<Cidr> read;
  for (const std::string& text : *texts) {
    const auto network = Cidr::parse(text);
    if (!network) {
      return wrong_setting(config, "oidc.networks", text + ": " + describe(network.error()));
    }
    read.push_back(*network);
  }
  return read;
}

std::expected<void, Failure> check_texts(const Config& config) {
  if (!is_issuer(config.text("oidc.issuer"))) {
    return wrong_setting(config, "oidc.issuer",
                         "wants the issuer as the provider's discovery document writes it, such as "
                         "https://id.example.com; http is for a provider on localhost alone");
  }
  if (config.text("console.listen").empty()) {
    return wrong_setting(config, "oidc.issuer",
                         "there is no console to sign in to; set console.listen");
  }
  if (config.text("oidc.client_id").empty()) {
    return wrong_setting(config, "oidc.client_id",
                         "wants the client id that the provider gave this node");
  }
  if (config.text("oidc.client_secret_file").empty()) {
    return wrong_setting(config, "oidc.client_secret_file",
                         "wants the path of a file (0600) with the client secret");
  }
  if (!is_plain_text(config.text("oidc.name"), kNameCharactersMax)) {
    return wrong_setting(config, "oidc.name",
                         "wants at most 40 characters, none of them control characters");
  }
  return {};
}

// What is set without an issuer was meant for one.
std::expected<void, Failure> check_unused(const Config& config) {
  for (const std::string_view key : {"oidc.client_id", "oidc.client_secret_file", "oidc.name",
                                     "oidc.second_factor_amr", "oidc.second_factor_acr"}) {
    if (!config.text(key).empty()) {
      return wrong_setting(config, key, "says nothing without oidc.issuer; set that, too");
    }
  }
  return {};
}

}  // namespace

std::expected<std::optional<OidcSettings>, Failure> read_oidc(const Config& config) {
  const std::string& issuer = config.text("oidc.issuer");
  const auto checked = issuer.empty() ? check_unused(config) : check_texts(config);
  if (!checked) {
    return std::unexpected(checked.error());
  }
  if (issuer.empty()) {
    return std::nullopt;
  }
  auto means = words(config, "oidc.second_factor_amr");
  auto levels = words(config, "oidc.second_factor_acr");
  auto private_networks = networks(config);
  if (!means || !levels || !private_networks) {
    return std::unexpected(!means    ? means.error()
                           : !levels ? levels.error()
                                     : private_networks.error());
  }
  const std::string& name = config.text("oidc.name");
  const std::chrono::seconds max_age(config.number("oidc.max_age_s"));
  return OidcSettings{.issuer = issuer,
                      .client_id = config.text("oidc.client_id"),
                      .client_secret_file = config.text("oidc.client_secret_file"),
                      .name = name.empty() ? WebUrl::parse(issuer)->host : name,
                      .authorities = config.text("oidc.authorities_file"),
                      .networks = std::move(*private_networks),
                      .max_age = max_age.count() == 0 ? std::nullopt : std::optional(max_age),
                      .trusted_means = std::move(*means),
                      .trusted_levels = std::move(*levels)};
}

std::expected<SecretBytes, Failure> read_provider_secret(const OidcSettings& settings) {
  const auto client = HttpClient::make({.host = "localhost",
                                        .port = 443,
                                        .authority = "localhost",
                                        .tls = true,
                                        .authorities = settings.authorities});
  if (!client) {
    return std::unexpected(Failure{ExitCode::kUsage, "oidc.authorities_file: " + client.error()});
  }
  return read_secret_file(settings.client_secret_file);
}

std::vector<std::string> oidc_return_uris(const std::vector<std::string>& origins) {
  std::vector<std::string> uris;
  uris.reserve(origins.size());
  for (const std::string& origin : origins) {
    uris.push_back(origin + std::string(kReturnPath));
  }
  return uris;
}

}  // namespace counterfoil
