#include "app/config.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
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

#include "app/nearest_word.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

using Kind = Setting::Kind;

std::string environment_name(std::string_view key) {
  std::string name = "COUNTERFOIL_";
  for (const char c : key) {
    name.push_back(c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c));
  }
  return name;
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings(), key, &Setting::key);
  return found == settings().end() ? nullptr : &*found;
}

bool is_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<std::string> wrong_value(const Setting& setting, std::string_view text) {
  if (setting.kind == Kind::kNumber && !is_number(text)) {
    return "wants a whole number";
  }
  if (setting.kind == Kind::kSwitch && text != "true" && text != "false") {
    return "wants true or false";
  }
  return std::nullopt;
}

std::optional<std::string> text_of(const Setting& setting, const TomlValue& value) {
  if (setting.kind == Kind::kText && value.kind == TomlValue::Kind::kString) {
    return value.text;
  }
  if (setting.kind == Kind::kNumber && value.kind == TomlValue::Kind::kInteger) {
    return std::to_string(value.number);
  }
  if (setting.kind == Kind::kSwitch && value.kind == TomlValue::Kind::kBoolean) {
    return value.flag ? "true" : "false";
  }
  return std::nullopt;
}

std::string_view wanted(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "a text in quotes";
    case Kind::kNumber:
      return "a whole number";
    case Kind::kSwitch:
      return "true or false";
  }
  std::unreachable();
}

std::expected<std::string, ConfigError> read_file(const std::string& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0) {
    return std::unexpected(
        ConfigError{file + ": " + std::error_code(errno, std::generic_category()).message() +
                    "; name another file with --config, or make one with `counterfoil init`"});
  }
  if (!S_ISREG(facts.st_mode)) {
    return std::unexpected(
        ConfigError{file + ": is not a file; name a configuration file with --config"});
  }
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return std::unexpected(
        ConfigError{file + ": others may write to it; run `chmod go-w " + file + "` first"});
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return std::unexpected(ConfigError{file + ": cannot be read; check its owner and mode"});
  }
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

const std::vector<Setting>& settings() {
  using enum Setting::Change;
  // clang-format off
  static const std::vector<Setting> table = {
      {"node.data",               Kind::kText,   "./data",          "directory of registry, journal and keys (0700)"},
      {"node.name",               Kind::kText,   "gw-1",            "what this gateway is called in proofs, receipts and the audit log"},
      {"node.root_key_file",      Kind::kText,   "",                "root key; empty: root.key in node.data"},
      {"node.allow_unlocked_memory", Kind::kSwitch, "false",        "go on when secret memory cannot be locked (RLIMIT_MEMLOCK)"},
      {"profile.name",            Kind::kText,   "binance-spot",    "shipped profile of routes, permissions and codes", kTakenOver},
      {"profile.file",            Kind::kText,   "",                "a profile of your own instead of a shipped one", kTakenOver},
      {"rest.listen",             Kind::kText,   "127.0.0.1:8080",  "address and port of the REST door; port 0 takes a free one"},
      {"rest.threads",            Kind::kNumber, "0",               "event loops; 0: one a core"},
      {"rest.tls_certificate",    Kind::kText,   "",                "PEM chain; empty: plain HTTP, which only loopback may have", kTakenOver},
      {"rest.tls_key",            Kind::kText,   "",                "PEM private key of the certificate", kTakenOver},
      {"rest.hosts",              Kind::kText,   "",                "names served, as in a Host header less the port, by comma; empty: all", kTakenOver},
      {"rest.client_address",     Kind::kText,   "socket",          "where the client's address is found: socket, proxy_protocol or x_forwarded_for", kTakenOver},
      {"rest.trusted_proxies",    Kind::kText,   "",                "addresses and networks, by comma, that may say the client's address", kTakenOver},
      {"rest.connections_max",    Kind::kNumber, "20000",           "open connections in all", kTakenOver},
      {"rest.connections_per_address_max", Kind::kNumber, "256",    "open connections of one IPv4 address or IPv6 /64, trusted proxies left out", kTakenOver},
      {"rest.new_connections_per_address_max", Kind::kNumber, "100", "connections that such an address may open a second, ten times as many at once; 0: any", kTakenOver},
      {"upstream.url",            Kind::kText,   "http://127.0.0.1:9010", "the API behind the gateway; several targets by comma, all http or all https"},
      {"upstream.authorities_file", Kind::kText, "",                "https: PEM file of the certificate authorities to trust; empty: the system's", kTakenOver},
      {"upstream.proof_kid",      Kind::kText,   "1",               "names the proof secret to the upstream"},
      {"upstream.proof_secret_file", Kind::kText, "",               "secret of the identity proof; empty: upstream-proof.secret in node.data"},
      {"upstream.connect_timeout_ms", Kind::kNumber, "2000",        "how long connecting to a target may take, TLS included"},
      {"upstream.timeout_ms",     Kind::kNumber, "10000",           "how long an answer may take to begin", kTakenOver},
      {"upstream.body_idle_ms",   Kind::kNumber, "0",               "how long an answer may stop in its body; 0: as long as it may take to begin"},
      {"upstream.connections_max", Kind::kNumber, "512",            "connections of one event loop to one target; twice as many requests wait for one"},
      {"upstream.wait_ms",        Kind::kNumber, "3000",            "how long a request may wait for a connection; past it: 503"},
      {"upstream.failures_max",   Kind::kNumber, "5",               "faults in a row after which a target gets no more requests; 0: never so"},
      {"upstream.backoff_max_ms", Kind::kNumber, "10000",           "such a target is probed after 500 ms, then after twice as long each time, at most this"},
      {"upstream.health_path",    Kind::kText,   "",                "a GET of this path tells how a target is (2xx or 3xx: well), such as /health; empty: it is not asked"},
      {"upstream.health_interval_ms", Kind::kNumber, "5000",        "how often"},
      {"upstream.events_path",    Kind::kText,   "",                "where the upstream is told of revoked, suspended and expired keys, such as /counterfoil/events; empty: it is not told"},
      {"upstream.cancel_orders_of", Kind::kText, "revoked,suspended", "whose open orders the upstream is asked to cancel: revoked, suspended, expired, by comma; or none"},
      {"upstream.remind_days",    Kind::kText,   "30,14,7,1",       "so many days before an API key runs out its holder is reminded, by webhook and by the upstream, by comma; or none"},
      {"keys.allow_trade_from_anywhere", Kind::kSwitch, "false",    "let keys hold trading permissions without an IP allow-list; withdrawals and managing keys need one all the same"},
      {"keys.public_keys_by_keys", Kind::kSwitch, "true",           "let keys that manage keys register public keys, for which their calls carry no proof of possession"},
      {"keys.expires_days",       Kind::kNumber, "90",              "default life of a new key; 0: it does not expire"},
      {"keys.api_key_marker",     Kind::kText,   "cfk1",            "first four characters of API keys made here"},
      {"keys.secret_marker",      Kind::kText,   "cfs1",            "first four characters of secrets made here"},
      {"policies.unused",         Kind::kText,   "warn",            "API keys that nobody used for policies.unused_days: off, warn, or enforce (after 14 days' notice they only read and cancel, a day later they are suspended)"},
      {"policies.unused_days",    Kind::kNumber, "30",              "how long a key may be unused"},
      {"policies.unbound",        Kind::kText,   "warn",            "the same for keys that may trade from anywhere for longer than policies.unbound_days"},
      {"policies.unbound_days",   Kind::kNumber, "14",              "how long a key may trade without an IP allow-list"},
      {"policies.endless",        Kind::kText,   "warn",            "the same for keys without an expiry that are older than policies.endless_days"},
      {"policies.endless_days",   Kind::kNumber, "90",              "how long a key without an expiry lives in peace"},
      {"policies.password_reset", Kind::kText,   "warn",            "API keys that may act, of an account whose holder's password was reset: off, warn (they get a notice), or enforce (for 24 hours they only read and cancel, and none is made or widened)"},
      {"people.require_passkeys", Kind::kSwitch, "false",           "owners, operators and holders of API keys that withdraw or manage keys sign in with a passkey; needs https or localhost"},
      {"limits.enabled",          Kind::kSwitch, "true",            "charge request weight and orders", kTakenOver},
      {"replay.capacity",         Kind::kNumber, "4000000",         "signed requests remembered at once; past it: 503"},
      {"admin.socket",            Kind::kText,   "",                "local admin socket; empty: admin.sock in node.data"},
      {"console.listen",          Kind::kText,   "",                "address and port of the console, such as 127.0.0.1:8443; empty: there is none"},
      {"console.tls_certificate", Kind::kText,   "",                "PEM chain; empty: plain HTTP, which only loopback may have"},
      {"console.tls_key",         Kind::kText,   "",                "PEM private key of the certificate"},
      {"console.origins",         Kind::kText,   "",                "where browsers find it, by comma, such as https://console.example.com; empty: localhost"},
      {"console.gateway_url",     Kind::kText,   "",                "what the console's snippets call the gateway, such as https://api.example.com; empty: where it listens"},
      {"oidc.issuer",             Kind::kText,   "",                "identity provider with which people may sign in (OpenID Connect), as its discovery document writes it, such as https://id.example.com; empty: there is none"},
      {"oidc.client_id",          Kind::kText,   "",                "by which the provider knows this node"},
      {"oidc.client_secret_file", Kind::kText,   "",                "file (0600) with the client secret"},
      {"oidc.name",               Kind::kText,   "",                "what the sign-in page calls the provider; empty: the issuer's host"},
      {"oidc.authorities_file",   Kind::kText,   "",                "PEM file of the certificate authorities to trust; empty: the system's"},
      {"oidc.networks",           Kind::kText,   "",                "private networks, by comma, in which the provider may be, such as 10.1.0.0/16; empty: public addresses alone"},
      {"oidc.max_age_s",          Kind::kNumber, "0",               "how long ago people may have signed in at the provider, in seconds; 0: it decides itself"},
      {"oidc.second_factor_amr",  Kind::kText,   "",                "values of an ID token's amr, by comma, such as mfa, with which the provider's second factor serves in place of one here; empty: one here is always asked for"},
      {"oidc.second_factor_acr",  Kind::kText,   "",                "the same for its acr, which is then asked for"},
      {"webhooks.networks",       Kind::kText,   "",                "private networks and addresses, by comma, to which webhooks of accounts may go, such as 10.1.0.0/16; empty: public addresses alone"},
      {"webhooks.ports",          Kind::kText,   "",                "ports, by comma, to which webhooks may go besides 443"},
      {"webhooks.authorities_file", Kind::kText, "",                "PEM file of the certificate authorities to trust in webhooks' receivers; empty: the system's"},
      {"backup.key_file",         Kind::kText,   "",                "key that seals backups; empty: backup.key in node.data"},
      {"revocations.file",        Kind::kText,   "",                "revocation log, for restores; empty: revocations.log in node.data"},
      {"revocations.second_file", Kind::kText,   "",                "a second revocation log, on another disk; empty: none"},
      {"revocations.reads_outlast_s", Kind::kNumber, "0",           "so many seconds (to 600) reading and cancelling go on longer than all else when the registry does not answer; a revocation then waits so much longer for a gateway that does not answer"},
      {"log.level",               Kind::kText,   "info",            "debug, info, warn or error", kTakenOver},
  };
  // clang-format on
  return table;
}

std::expected<Config, ConfigError> Config::load(const std::string& file) {
  Config config;
  for (const Setting& setting : settings()) {
    config.values_[std::string(setting.key)] = {std::string(setting.fallback), "default"};
  }
  if (!file.empty()) {
    auto text = read_file(file);
    if (!text) {
      return std::unexpected(text.error());
    }
    const auto document = parse_toml(*text);
    if (!document) {
      return std::unexpected(ConfigError{file + ":" + std::to_string(document.error().line) + ": " +
                                         document.error().sentence});
    }
    const auto place = [&](const TomlValue& value) {
      return file + ":" + std::to_string(value.line);
    };
    for (const TomlMember& table : document->members) {
      if (table.value.kind != TomlValue::Kind::kTable) {
        return std::unexpected(
            ConfigError{place(table.value) + ": \"" + table.key +
                        "\" stands outside a table; settings are written below [node], [rest], …"});
      }
      for (const TomlMember& member : table.value.members) {
        const std::string key = table.key + "." + member.key;
        const Setting* const setting = find_setting(key);
        if (setting == nullptr) {
          return std::unexpected(
              ConfigError{place(member.value) + ": unknown setting " + key +
                          did_you_mean(key, settings() | std::views::transform(&Setting::key)) +
                          "; `counterfoil config show` lists all"});
        }
        auto value = text_of(*setting, member.value);
        if (!value) {
          return std::unexpected(ConfigError{place(member.value) + ": " + key + " wants " +
                                             std::string(wanted(setting->kind))});
        }
        config.values_[key] = {std::move(*value), "file " + place(member.value)};
      }
    }
  }
  for (const Setting& setting : settings()) {
    const std::string name = environment_name(setting.key);
    const char* const value =
        std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody writes it
    if (value == nullptr) {
      continue;
    }
    if (const auto wrong = wrong_value(setting, value)) {
      return std::unexpected(ConfigError{"environment " + name + " " + *wrong});
    }
    config.values_[std::string(setting.key)] = {value, "environment " + name};
  }
  return config;
}

void Config::set(std::string_view key, std::string value, std::string_view flag) {
  values_[std::string(key)] = {std::move(value), "flag " + std::string(flag)};
}

void Config::take(std::string_view key, const Config& from) {
  values_.find(key)->second = from.values_.find(key)->second;
}

const std::string& Config::text(std::string_view key) const {
  return values_.find(key)->second.text;
}

std::int64_t Config::number(std::string_view key) const {
  const std::string& value = text(key);
  std::int64_t parsed = 0;
  std::from_chars(value.data(), value.data() + value.size(), parsed);
  return parsed;
}

bool Config::is_on(std::string_view key) const { return text(key) == "true"; }

}  // namespace counterfoil
