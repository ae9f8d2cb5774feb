#include <CLI/App.hpp>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/console_lines.h"
#include "app/demo_guide.h"
#include "app/demo_keys.h"
#include "app/demo_tour.h"
#include "app/init_node.h"
#include "app/key_directory.h"
#include "app/node.h"
#include "app/node_paths.h"
#include "app/node_settings.h"
#include "app/secret_input.h"
#include "app/shutdown_signals.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/secret_arena.h"
#include "doors/net/listener.h"
#include "policy/profile.h"
#include "venue/venue_options.h"
#include "venue/venue_server.h"

namespace counterfoil {
namespace {

constexpr std::uint16_t kUsualPort = 8080;
constexpr std::uint16_t kUsualConsolePort = 8443;
constexpr std::chrono::seconds kInForceMax{10};
constexpr std::chrono::seconds kDrainMax{5};

struct DemoFlags {
  std::optional<std::uint16_t> port;
  std::uint64_t seed = 1;
  bool once = false;
};

// DemoData is the demo's data directory; a temporary one is removed at the end.
class DemoData {
 public:
  [[nodiscard]] static std::expected<DemoData, Failure> choose(const std::string& named,
                                                               bool once) {
    std::error_code error;
    if (!named.empty() || !once) {
      return DemoData(
          std::filesystem::absolute(named.empty() ? "demo-data" : named, error).lexically_normal(),
          false);
    }
    std::string path =
        (std::filesystem::temp_directory_path(error) / "counterfoil-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
      return std::unexpected(Failure{ExitCode::kCannotTell,
                                     path + ": no temporary folder could be made; name one that "
                                            "does not exist yet with --data"});
    }
    return DemoData(path, true);
  }
  DemoData(const DemoData&) = delete;
  DemoData& operator=(const DemoData&) = delete;
  DemoData(DemoData&& other) noexcept
      : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}
  DemoData& operator=(DemoData&&) = delete;
  ~DemoData() {
    if (temporary_) {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  DemoData(std::filesystem::path path, bool temporary)
      : path_(std::move(path)), temporary_(temporary) {}
  std::filesystem::path path_;
  bool temporary_;
};

// listen_text is where a door listens: the port that was asked for, else for people the usual one
// if it is free, else any.
std::string listen_text(std::optional<std::uint16_t> asked, std::uint16_t usual,
                        const DemoFlags& flags, const CommandContext& context) {
  constexpr auto kLoopback = std::to_array<std::uint8_t>({127, 0, 0, 1});
  net::ListenAddress address{.address = IpAddress::v4(kLoopback), .port = asked.value_or(0)};
  if (!asked && !context.flags.json && !flags.once) {
    address.port = usual;
    if (!net::reserve_port(address)) {
      address.port = 0;
    }
  }
  return address.to_string();
}

std::expected<void, Failure> ensure_node_files(const std::filesystem::path& data,
                                               RandomSource& random) {
  std::error_code error;
  if (std::filesystem::exists(data / kConfigFileName, error)) {
    return {};
  }
  const auto made = init_node(data, random);
  return made ? std::expected<void, Failure>{} : std::unexpected(made.error());
}

std::expected<std::unique_ptr<venue::VenueServer>, Failure> start_venue(
    const std::filesystem::path& proof_secret, std::uint64_t seed, const Clock& clock) {
  const auto text = read_secret_text(proof_secret.string(), venue::kOptionFileBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto secrets = venue::read_proof_secrets(*text);
  if (!secrets) {
    return std::unexpected(Failure{
        ExitCode::kUsage, proof_secret.string() + ": " + std::string(secrets.error().sentence)});
  }
  venue::VenueOptions options;
  options.seed = seed;
  options.proof_secrets = std::move(*secrets);
  auto server = venue::VenueServer::start(std::move(options), clock);
  if (!server) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell, std::string(venue::describe(server.error()))});
  }
  return std::move(*server);
}

std::expected<NodeSettings, Failure> demo_settings(const std::filesystem::path& data,
                                                   const std::string& listen,
                                                   const std::string& console,
                                                   std::uint16_t venue_port) {
  auto config = Config::load((data / kConfigFileName).string());
  if (!config) {
    return std::unexpected(Failure{ExitCode::kUsage, config.error().sentence});
  }
  config->set("node.data", data.string(), "demo");
  config->set("node.allow_unlocked_memory", "true", "demo");
  config->set("rest.listen", listen, "demo");
  config->set("console.listen", console, "demo");
  config->set("upstream.url", "http://127.0.0.1:" + std::to_string(venue_port), "demo");
  config->set("upstream.proof_kid", "1", "demo");
  config->set("upstream.events_path", "/counterfoil/events", "demo");
  config->set("keys.allow_trade_from_anywhere", "true", "demo");
  if (config->values().find("log.level")->second.origin == "default") {
    config->set("log.level", "warn", "demo");
  }
  return NodeSettings::read(*config);
}

std::filesystem::path own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path("counterfoil") : path;
}

// Demo is everything that runs; the node ends before the venue behind it.
struct Demo {
  DemoData data;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<venue::VenueServer> exchange;
  std::unique_ptr<Node> node;
  SigningRules rules;
  std::vector<KeyDirectory> keys;
};

std::expected<void, Failure> start(Demo& demo, const DemoFlags& flags,
                                   const CommandContext& context) {
  configure_secret_memory(UnlockedMemory::kAllow);
  const std::filesystem::path& data = demo.data.path();
  if (const auto made = ensure_node_files(data, demo.random); !made) {
    return made;
  }
  auto exchange = start_venue(data / "upstream-proof.secret", flags.seed, demo.clock);
  if (!exchange) {
    return std::unexpected(exchange.error());
  }
  demo.exchange = std::move(*exchange);
  auto settings = demo_settings(data, listen_text(flags.port, kUsualPort, flags, context),
                                listen_text(std::nullopt, kUsualConsolePort, flags, context),
                                demo.exchange->port());
  if (!settings) {
    return std::unexpected(settings.error());
  }
  demo.rules = settings->profile.signing();
  auto node = Node::start(std::move(*settings));
  if (!node) {
    return std::unexpected(node.error());
  }
  demo.node = std::move(*node);
  auto keys = ensure_demo_keys(demo.node->issuer(), data / "keys", demo.random);
  if (!keys) {
    return std::unexpected(keys.error());
  }
  demo.keys = std::move(*keys);
  if (!demo.node->wait_until_in_force(kInForceMax)) {
    return std::unexpected(Failure{ExitCode::kCannotTell,
                                   "the gateway did not get its right to accept requests "
                                   "within 10 s; the log above says what keeps it"});
  }
  return {};
}

DemoFacts facts_of(const Demo& demo) {
  return {.gateway = demo.node->url(),
          .console = demo.node->console_url().value_or(""),
          .admin_socket = demo.node->admin_socket(),
          .data = demo.data.path(),
          .api_key_header = demo.rules.api_key_header,
          .keys = demo.keys};
}

void introduce(const Demo& demo, CommandContext& context) {
  const Painter painter = context.err_painter();
  context.say(painter.paint(Paint::kBold, "Counterfoil demo") + ": everything on this machine");
  context.say("  gateway   " + demo.node->url());
  say_console(*demo.node, demo.data.path(), context);
  context.say("  exchange  http://127.0.0.1:" + std::to_string(demo.exchange->port()) +
              " (a sandbox: no real money, no real market)");
  context.say("  data      " + demo.data.path().string() + " (keys of the account demo in keys/)");
  if (SecretArena::status() == SecretArena::Status::kUnlocked) {
    context.note(Mark::kWarning,
                 "secret memory could not be locked (RLIMIT_MEMLOCK): fine for a "
                 "demo, refused by `counterfoil serve`");
  }
}

void run_demo(const DemoFlags& flags, CommandContext& context) {
  auto data = DemoData::choose(context.flags.data, flags.once);
  if (!data) {
    context.fail(data.error());
    return;
  }
  ShutdownSignals signals;
  Demo demo{.data = std::move(*data)};
  if (const auto started = start(demo, flags, context); !started) {
    context.fail(started.error());
    return;
  }
  introduce(demo, context);
  const bool went_well =
      run_tour({.node = *demo.node, .rules = demo.rules, .keys = demo.keys, .context = context});
  if (!went_well) {
    context.end(ExitCode::kNo);
  }
  const DemoFacts facts = facts_of(demo);
  if (context.flags.json) {
    context.data(demo_json(facts));
  }
  if (flags.once) {
    return;
  }
  context.say();
  for (const std::string& line : demo_guide(facts, own_program())) {
    context.say(line);
  }
  context.say("Ctrl-C ends the demo.");
  (void)signals.wait();
  demo.node->drain(kDrainMax);
}

}  // namespace

void add_demo_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand(
      "demo", "Gateway, sandbox exchange, account and keys on this machine, with a tour");
  command->footer(
      "  counterfoil demo                     until Ctrl-C; data in ./demo-data\n"
      "  counterfoil demo --once              exit 0 if every step of the tour went as told\n"
      "  counterfoil demo --json --data DIR   one line of JSON when it is ready, for scripts");
  const auto flags = std::make_shared<DemoFlags>();
  command->add_option("--port", flags->port, "of the gateway; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  command->add_option("--seed", flags->seed, "of the sandbox exchange")->capture_default_str();
  command->add_flag("--once", flags->once,
                    "end after the tour; without --data nothing is left behind");
  command->callback([&context, flags] { run_demo(*flags, context); });
}

}  // namespace counterfoil
