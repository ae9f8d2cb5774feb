#include "app/node_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/backup_places.h"
#include "app/command_context.h"
#include "app/config.h"
#include "app/nearest_word.h"
#include "app/node_paths.h"
#include "app/oidc_settings.h"
#include "app/webhook_settings.h"
#include "app/wrong_setting.h"
#include "authority/key_policies.h"
#include "authority/upstream_events.h"
#include "base/ip_address.h"
#include "base/loopback.h"
#include "base/trim.h"
#include "crypto/secret_arena.h"
#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/upstream_target.h"
#include "keys/allow_list.h"
#include "keys/key_format.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"

namespace counterfoil {
namespace {

struct Range {
  std::string_view key;
  std::int64_t least;
  std::int64_t most;
};
constexpr auto kRanges = std::to_array<Range>({
    {"rest.threads", 0, 256},
    {"rest.connections_max", 1, 1'000'000},
    {"rest.connections_per_address_max", 1, 1'000'000},
    {"rest.new_connections_per_address_max", 0, 1'000'000},
    {"upstream.connect_timeout_ms", 1, 60'000},
    {"upstream.timeout_ms", 1, 600'000},
    {"upstream.body_idle_ms", 0, 600'000},
    {"upstream.wait_ms", 1, 60'000},
    {"upstream.failures_max", 0, 1'000},
    {"upstream.backoff_max_ms", 500, 600'000},
    {"upstream.health_interval_ms", 100, 600'000},
    {"upstream.connections_max", 1, 65'536},
    {"keys.expires_days", 0, 3'650},
    {"oidc.max_age_s", 0, 86'400},
    {"replay.capacity", 1'000, 1'000'000'000},
    {"revocations.reads_outlast_s", 0, 600},
});

std::expected<void, Failure> check_ranges(const Config& config) {
  for (const Range& range : kRanges) {
    const std::int64_t value = config.number(range.key);
    if (value < range.least || value > range.most) {
      return wrong_setting(config, range.key,
                           "wants a number from " + std::to_string(range.least) + " to " +
                               std::to_string(range.most));
    }
  }
  return {};
}

std::size_t size_of(const Config& config, std::string_view key) {
  return static_cast<std::size_t>(config.number(key));  // check_ranges: not negative
}

// is_line_word: what may stand in a header and in a line of the proof text.
bool is_line_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::expected<std::string, Failure> profile_text(const Config& config) {
  const std::string& file = config.text("profile.file");
  if (!file.empty()) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      return wrong_setting(config, "profile.file", "cannot be read; check its path and mode");
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  const std::string& name = config.text("profile.name");
  const auto shipped = shipped_profile(name);
  if (!shipped) {
    const auto names = shipped_profiles() | std::views::transform(&ShippedProfile::name);
    return wrong_setting(config, "profile.name",
                         "there is no shipped profile of this name" + did_you_mean(name, names) +
                             "; profile.file names one of your own");
  }
  return std::string(*shipped);
}

std::expected<Profile, Failure> load_profile(const Config& config) {
  const auto text = profile_text(config);
  if (!text) {
    return std::unexpected(text.error());
  }
  const std::string& file = config.text("profile.file");
  auto profile = Profile::parse(*text, file.empty() ? config.text("profile.name") : file);
  if (!profile) {
    return std::unexpected(Failure{ExitCode::kUsage, profile.error().to_string()});
  }
  return std::move(*profile);
}

// listen_address reads where a door listens, and whether it may do so without TLS.
std::expected<net::ListenAddress, Failure> listen_address(const Config& config,
                                                          const std::string& door) {
  const std::string listen = door + ".listen";
  const std::string certificate = door + ".tls_certificate";
  const std::string key = door + ".tls_key";
  auto address = net::ListenAddress::parse(config.text(listen));
  if (!address) {
    return wrong_setting(config, listen, address.error());
  }
  const bool has_certificate = !config.text(certificate).empty();
  if (has_certificate != !config.text(key).empty()) {
    return wrong_setting(config, has_certificate ? certificate : key,
                         "certificate and key belong together; set both or neither");
  }
  if (!has_certificate && !is_loopback(address->address)) {
    return wrong_setting(config, listen,
                         "plain HTTP is for loopback alone; set " + certificate + " and " + key +
                             ", or listen on 127.0.0.1 behind a proxy of your own");
  }
  return *address;
}

// is_origin: scheme and authority as browsers write them, nothing behind.
bool is_origin(std::string_view text, std::string_view scheme) {
  if (!text.starts_with(scheme)) {
    return false;
  }
  const std::string_view host = text.substr(scheme.size());
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']';
  });
}

std::expected<std::optional<ConsoleSettings>, Failure> read_console(const Config& config) {
  if (config.text("console.listen").empty()) {
    return std::nullopt;
  }
  auto listen = listen_address(config, "console");
  if (!listen) {
    return std::unexpected(listen.error());
  }
  ConsoleSettings console{.listen = *listen,
                          .tls_certificate = config.text("console.tls_certificate"),
                          .tls_key = config.text("console.tls_key"),
                          .origins = {},
                          .gateway_url = config.text("console.gateway_url")};
  // Behind a proxy that ends TLS browsers say https, though we are reached in the clear.
  for (const auto part : config.text("console.origins") | std::views::split(',')) {
    const std::string_view origin = trim(std::string_view(part), " ");
    const bool is_local = is_loopback(listen->address) && is_origin(origin, "http://localhost");
    if (!is_origin(origin, "https://") && !is_local) {
      return wrong_setting(
          config, "console.origins",
          "wants origins as browsers write them, in small letters and without a path, by "
          "comma: https://console.example.com, https://10.0.0.5:8443");
    }
    console.origins.emplace_back(origin);
  }
  return console;
}

std::expected<KeyFormat, Failure> read_key_format(const Config& config) {
  auto format = KeyFormat::with_markers(config.text("keys.api_key_marker"),
                                        config.text("keys.secret_marker"));
  if (!format) {
    return wrong_setting(
        config, "keys.api_key_marker",
        "a marker is 4 characters of [A-Za-z0-9], and keys.secret_marker is another one");
  }
  return std::move(*format);
}

// read_hosts reads a comma list of host names or addresses.
std::expected<std::vector<std::string>, Failure> read_hosts(const Config& config) {
  std::vector<std::string> hosts;
  for (const auto part : config.text("rest.hosts") | std::views::split(',')) {
    const std::string_view host = trim(std::string_view(part), " ");
    const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
    const bool has_port = !is_bracketed && host.contains(':');
    if (host.empty() || has_port || host.find_first_of(" /@") != std::string_view::npos) {
      return wrong_setting(config, "rest.hosts",
                           "wants names as in a Host header, without a port, divided by commas: "
                           "api.example.com, [2001:db8::1]");
    }
    hosts.emplace_back(host);
  }
  return hosts;
}

struct ClientAddressWord {
  std::string_view word;
  ClientAddress meaning;
};
constexpr auto kClientAddressWords = std::to_array<ClientAddressWord>({
    {"socket", ClientAddress::kSocket},
    {"proxy_protocol", ClientAddress::kProxyProtocol},
    {"x_forwarded_for", ClientAddress::kForwardedFor},
});

std::expected<ClientAddress, Failure> read_client_address(const Config& config) {
  const std::string& word = config.text("rest.client_address");
  const auto* const found = std::ranges::find(kClientAddressWords, word, &ClientAddressWord::word);
  if (found == kClientAddressWords.end()) {
    return wrong_setting(
        config, "rest.client_address",
        "wants socket, proxy_protocol or x_forwarded_for" +
            did_you_mean(word,
                         kClientAddressWords | std::views::transform(&ClientAddressWord::word)));
  }
  const bool has_proxies = !config.text("rest.trusted_proxies").empty();
  if (found->meaning != ClientAddress::kSocket && !has_proxies) {
    return wrong_setting(
        config, "rest.client_address",
        "says who a client is only by the word of a proxy you trust; name yours in "
        "rest.trusted_proxies, or write socket");
  }
  if (found->meaning == ClientAddress::kSocket && has_proxies) {
    return wrong_setting(config, "rest.trusted_proxies",
                         "nobody asks these proxies while rest.client_address is socket; write "
                         "proxy_protocol or x_forwarded_for there, whichever they send");
  }
  return found->meaning;
}

std::expected<std::vector<Cidr>, Failure> read_trusted_proxies(const Config& config) {
  const std::string& text = config.text("rest.trusted_proxies");
  if (text.empty()) {
    return std::vector<Cidr>();
  }
  const auto networks = AllowList::parse(text);
  if (!networks) {
    return wrong_setting(config, "rest.trusted_proxies", networks.error());
  }
  if (networks->is_any()) {
    return wrong_setting(config, "rest.trusted_proxies",
                         "would let every client write its own address; name your proxies, such as "
                         "10.0.0.5 or 10.0.0.0/24");
  }
  return networks->networks();
}

// read_reminders gives the longest first.
std::expected<std::vector<std::chrono::days>, Failure> read_reminders(const Config& config) {
  constexpr std::string_view kSetting = "upstream.remind_days";
  constexpr int kDaysMax = 365;
  std::vector<std::chrono::days> reminders;
  if (config.text(kSetting) == "none") {
    return reminders;
  }
  for (const auto part : config.text(kSetting) | std::views::split(',')) {
    const std::string_view word(part);
    int days = 0;
    const auto [end, error] = std::from_chars(word.begin(), word.end(), days);
    if (error != std::errc{} || end != word.end() || days < 1 || days > kDaysMax) {
      return wrong_setting(config, kSetting,
                           "wants days, such as 30,14,7,1 (each 1 to 365), or none");
    }
    reminders.emplace_back(days);
  }
  std::ranges::sort(reminders, std::ranges::greater());
  const auto twice = std::ranges::unique(reminders);
  reminders.erase(twice.begin(), twice.end());
  return reminders;
}

// is_path: what may stand in a request line as it is.
bool is_path(std::string_view text) {
  return text.starts_with('/') &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::expected<UpstreamOptions, Failure> read_upstream(const Config& config) {
  const auto targets = UpstreamTarget::parse_list(config.text("upstream.url"));
  if (!targets) {
    return wrong_setting(config, "upstream.url", targets.error());
  }
  const std::string& health_path = config.text("upstream.health_path");
  if (!health_path.empty() && !is_path(health_path)) {
    return wrong_setting(config, "upstream.health_path", "wants a path such as /health");
  }
  const auto time = [&](std::string_view key) {
    return std::chrono::milliseconds(config.number(key));
  };
  const std::size_t connections_max = size_of(config, "upstream.connections_max");
  // Two requests wait for a connection's turn, so nobody waits longer than two others take.
  const std::size_t waiting_max = 2 * connections_max * targets->size();
  return UpstreamOptions{
      .url = config.text("upstream.url"),
      .authorities = config.text("upstream.authorities_file"),
      .connections_max = connections_max,
      .waiting_max = waiting_max,
      .connect_time_max = time("upstream.connect_timeout_ms"),
      .answer_time_max = time("upstream.timeout_ms"),
      .body_idle_max = time("upstream.body_idle_ms"),
      .wait_time_max = time("upstream.wait_ms"),
      .failures_max = static_cast<std::uint32_t>(size_of(config, "upstream.failures_max")),
      .backoff_max = time("upstream.backoff_max_ms"),
      .health_path = health_path,
      .health_interval = time("upstream.health_interval_ms"),
  };
}

std::expected<EventRules, Failure> read_event_rules(const Config& config) {
  EventRules rules{.path = config.text("upstream.events_path"),
                   .cancel_when_revoked = false,
                   .cancel_when_suspended = false,
                   .cancel_when_expired = false};
  if (!rules.path.empty() && !is_path(rules.path)) {
    return wrong_setting(config, "upstream.events_path",
                         "wants a path such as /counterfoil/events");
  }
  auto reminders = read_reminders(config);
  if (!reminders) {
    return std::unexpected(reminders.error());
  }
  rules.reminders = std::move(*reminders);
  const std::string& whose = config.text("upstream.cancel_orders_of");
  if (whose == "none") {
    return rules;
  }
  for (const auto part : whose | std::views::split(',')) {
    const std::string_view word(part);
    if (word == "revoked") {
      rules.cancel_when_revoked = true;
    } else if (word == "suspended") {
      rules.cancel_when_suspended = true;
    } else if (word == "expired") {
      rules.cancel_when_expired = true;
    } else {
      return wrong_setting(config, "upstream.cancel_orders_of",
                           "wants revoked, suspended, expired, by comma, or none");
    }
  }
  return rules;
}

std::expected<KeyPolicies, Failure> read_policies(const Config& config) {
  constexpr auto kModes = std::to_array<std::string_view>({"off", "warn", "enforce"});
  constexpr std::int64_t kDaysMax = 90;  // the journal knows use by the hour so long
  KeyPolicies policies;
  const auto mode_of = [&](const std::string& name) -> std::expected<PolicyMode, Failure> {
    const auto* const mode = std::ranges::find(kModes, config.text(name));
    return mode == kModes.end()
               ? wrong_setting(config, name, "wants off, warn or enforce")
               : std::expected<PolicyMode, Failure>(static_cast<PolicyMode>(mode - kModes.begin()));
  };
  const auto of_reset = mode_of("policies.password_reset");
  if (!of_reset) {
    return std::unexpected(of_reset.error());
  }
  policies.password_reset = *of_reset;
  for (const auto& [name, rule] : {std::pair("policies.unused", &policies.unused),
                                   {"policies.unbound", &policies.unbound},
                                   {"policies.endless", &policies.endless}}) {
    const auto mode = mode_of(name);
    if (!mode) {
      return std::unexpected(mode.error());
    }
    rule->mode = *mode;
    const std::string days = std::string(name) + "_days";
    if (config.number(days) < 1 || config.number(days) > kDaysMax) {
      return wrong_setting(config, days, "wants 1 to 90");
    }
    rule->after = std::chrono::days(config.number(days));
  }
  return policies;
}

std::expected<void, Failure> check_words(const Config& config) {
  for (const std::string_view key : {"node.name", "upstream.proof_kid"}) {
    if (!is_line_word(config.text(key))) {
      return wrong_setting(config, key, "wants 1 to 64 characters of [A-Za-z0-9._-]");
    }
  }
  constexpr auto kLevels = std::to_array<std::string_view>({"debug", "info", "warn", "error"});
  if (std::ranges::find(kLevels, config.text("log.level")) == kLevels.end()) {
    return wrong_setting(config, "log.level", "wants debug, info, warn or error");
  }
  return {};
}

std::expected<void, Failure> check(const Config& config) {
  if (const auto checked = check_ranges(config); !checked) {
    return checked;
  }
  if (const auto checked = check_words(config); !checked) {
    return checked;
  }
  // The node reads them where it builds the sender; here they are only looked at.
  const auto webhooks = read_webhooks(config);
  return webhooks ? std::expected<void, Failure>() : std::unexpected(webhooks.error());
}

// Callers is whom the gateway serves, and how it knows their addresses.
struct Callers {
  std::vector<std::string> hosts;
  ClientAddress client_address{};
  std::vector<Cidr> trusted_proxies;
};

std::expected<Callers, Failure> read_callers(const Config& config) {
  auto hosts = read_hosts(config);
  if (!hosts) {
    return std::unexpected(hosts.error());
  }
  const auto client_address = read_client_address(config);
  if (!client_address) {
    return std::unexpected(client_address.error());
  }
  auto trusted_proxies = read_trusted_proxies(config);
  if (!trusted_proxies) {
    return std::unexpected(trusted_proxies.error());
  }
  return Callers{.hosts = std::move(*hosts),
                 .client_address = *client_address,
                 .trusted_proxies = std::move(*trusted_proxies)};
}

}  // namespace

std::expected<NodeSettings, Failure> NodeSettings::read(const Config& config) {
  if (const auto checked = check(config); !checked) {
    return std::unexpected(checked.error());
  }
  auto listen = listen_address(config, "rest");
  if (!listen) {
    return std::unexpected(listen.error());
  }
  auto upstream = read_upstream(config);
  if (!upstream) {
    return std::unexpected(upstream.error());
  }
  auto callers = read_callers(config);
  if (!callers) {
    return std::unexpected(callers.error());
  }
  auto events = read_event_rules(config);
  if (!events) {
    return std::unexpected(events.error());
  }
  const auto policies = read_policies(config);
  if (!policies) {
    return std::unexpected(policies.error());
  }
  auto console = read_console(config);
  if (!console) {
    return std::unexpected(console.error());
  }
  auto oidc = read_oidc(config);
  if (!oidc) {
    return std::unexpected(oidc.error());
  }
  auto format = read_key_format(config);
  if (!format) {
    return std::unexpected(format.error());
  }
  auto profile = load_profile(config);
  if (!profile) {
    return std::unexpected(profile.error());
  }
  const std::int64_t days = config.number("keys.expires_days");
  return NodeSettings{
      .config = config,
      .data = data_directory(config),
      .root_key_file = root_key_path(config),
      .proof_secret_file = proof_secret_path(config),
      .admin_socket = admin_socket_path(config),
      .name = config.text("node.name"),
      .unlocked_memory = config.is_on("node.allow_unlocked_memory") ? UnlockedMemory::kAllow
                                                                    : UnlockedMemory::kRefuse,
      .profile = std::move(*profile),
      .listen = *listen,
      .threads = size_of(config, "rest.threads"),
      .tls_certificate = config.text("rest.tls_certificate"),
      .tls_key = config.text("rest.tls_key"),
      .hosts = std::move(callers->hosts),
      .client_address = callers->client_address,
      .trusted_proxies = std::move(callers->trusted_proxies),
      .connections_max = size_of(config, "rest.connections_max"),
      .connections_per_address_max = size_of(config, "rest.connections_per_address_max"),
      .new_connections_per_address_max = size_of(config, "rest.new_connections_per_address_max"),
      .upstream = std::move(*upstream),
      .proof_kid = config.text("upstream.proof_kid"),
      .events = std::move(*events),
      .allow_trade_from_anywhere = config.is_on("keys.allow_trade_from_anywhere"),
      .public_keys_by_keys = config.is_on("keys.public_keys_by_keys"),
      .key_life = days == 0 ? std::nullopt : std::optional(std::chrono::hours(24 * days)),
      .key_format = std::move(*format),
      .policies = *policies,
      .require_passkeys = config.is_on("people.require_passkeys"),
      .limits_enabled = config.is_on("limits.enabled"),
      .replay_capacity = size_of(config, "replay.capacity"),
      .reads_outlast = std::chrono::seconds(config.number("revocations.reads_outlast_s")),
      .log_level = config.text("log.level"),
      .backups = backup_places(config),
      .console = std::move(*console),
      .oidc = std::move(*oidc),
  };
}

}  // namespace counterfoil
