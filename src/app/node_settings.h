#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/backup_places.h"
#include "app/command_context.h"
#include "app/config.h"
#include "app/oidc_settings.h"
#include "authority/key_policies.h"
#include "authority/upstream_events.h"
#include "base/ip_address.h"
#include "crypto/secret_arena.h"
#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "keys/key_format.h"
#include "policy/profile.h"

namespace counterfoil {

// ConsoleSettings say where the console is served.
struct ConsoleSettings {
  net::ListenAddress listen;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::vector<std::string> origins;  // empty: localhost
  std::string gateway_url;           // empty: where the gateway listens
};

// NodeSettings is the configuration, read and found to be possible: every text parsed, every number
// in its range, the profile loaded. What only the machine can tell (ports, files of the data
// directory) is found out by the node.
struct NodeSettings {
  // read gives the first thing that is wrong, with its origin and what to write instead.
  [[nodiscard]] static std::expected<NodeSettings, Failure> read(const Config& config);

  Config config;  // what it was read from
  std::filesystem::path data;
  std::filesystem::path root_key_file;
  std::filesystem::path proof_secret_file;
  std::filesystem::path admin_socket;
  std::string name;
  UnlockedMemory unlocked_memory = UnlockedMemory::kRefuse;
  Profile profile;
  net::ListenAddress listen;
  std::size_t threads = 0;  // 0: one a core
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::vector<std::string> hosts;  // empty: all
  ClientAddress client_address = ClientAddress::kSocket;
  std::vector<Cidr> trusted_proxies;  // empty exactly with kSocket
  std::size_t connections_max = 0;
  std::size_t connections_per_address_max = 0;
  std::size_t new_connections_per_address_max = 0;  // a second; 0: any
  UpstreamOptions upstream;
  std::string proof_kid;
  EventRules events;  // with an empty path the upstream is not told
  bool allow_trade_from_anywhere = false;
  bool public_keys_by_keys = true;
  std::optional<std::chrono::hours> key_life;
  KeyFormat key_format;
  KeyPolicies policies;
  bool require_passkeys = false;  // PasskeyRule, of permissions_always_needing_allow_list()
  bool limits_enabled = true;
  std::size_t replay_capacity = 0;
  std::chrono::milliseconds reads_outlast{};  // ForceTimes::relaxed_for
  std::string log_level;
  BackupPlaces backups;
  std::optional<ConsoleSettings> console;  // nullopt: there is none
  std::optional<OidcSettings> oidc;        // with a console alone
};

}  // namespace counterfoil
