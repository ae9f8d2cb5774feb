#include <CLI/App.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/secret_input.h"
#include "app/shutdown_signals.h"
#include "base/time.h"
#include "venue/venue_options.h"
#include "venue/venue_server.h"

namespace counterfoil {
namespace {

struct VenueFlags {
  std::string listen = "127.0.0.1:9010";
  std::string proof_secrets;
  std::string keys;
  std::string balances;
  std::uint64_t seed = 1;
  std::int64_t tick_ms = 500;
  std::size_t history_minutes = 480;
};

std::unexpected<Failure> wrong(const std::string& where, const venue::OptionFault& fault) {
  const std::string line = fault.line == 0 ? "" : ":" + std::to_string(fault.line);
  return std::unexpected(
      Failure{ExitCode::kUsage, where + line + ": " + std::string(fault.sentence)});
}

std::expected<void, Failure> read_files(const VenueFlags& flags, venue::VenueOptions& options) {
  if (!flags.proof_secrets.empty()) {
    const auto text = read_secret_text(flags.proof_secrets, venue::kOptionFileBytesMax);
    if (!text) {
      return std::unexpected(text.error());
    }
    auto secrets = venue::read_proof_secrets(*text);
    if (!secrets) {
      return wrong(flags.proof_secrets, secrets.error());
    }
    options.proof_secrets = std::move(*secrets);
  }
  if (!flags.keys.empty()) {
    const auto text = read_secret_text(flags.keys, venue::kOptionFileBytesMax);
    if (!text) {
      return std::unexpected(text.error());
    }
    auto keys = venue::read_standalone_keys(*text);
    if (!keys) {
      return wrong(flags.keys, keys.error());
    }
    options.standalone_keys = std::move(*keys);
  }
  return {};
}

std::expected<venue::VenueOptions, Failure> read_options(const VenueFlags& flags) {
  venue::VenueOptions options;
  const auto listen = venue::read_listen_address(flags.listen);
  if (!listen) {
    return wrong("--listen", listen.error());
  }
  options.bind_address = listen->address;
  options.port = listen->port;
  options.seed = flags.seed;
  options.market_maker.interval = std::chrono::milliseconds(flags.tick_ms);
  options.market_maker.history_ticks = flags.history_minutes;
  if (!flags.balances.empty()) {
    auto balances = venue::read_balances(flags.balances);
    if (!balances) {
      return wrong("--balances", balances.error());
    }
    options.initial_balances = std::move(*balances);
  }
  if (const auto read = read_files(flags, options); !read) {
    return std::unexpected(read.error());
  }
  if (const auto fault = venue::check_options(options)) {
    return wrong("venue", *fault);
  }
  return options;
}

std::string url_of(const VenueFlags& flags, std::uint16_t port) {
  return "http://" + flags.listen.substr(0, flags.listen.rfind(':') + 1) + std::to_string(port);
}

void run_venue(const VenueFlags& flags, CommandContext& context) {
  auto options = read_options(flags);
  if (!options) {
    context.fail(options.error());
    return;
  }
  const bool has_callers = !options->proof_secrets.empty() || !options->standalone_keys.empty();
  ShutdownSignals signals;
  const SystemClock clock;
  const auto server = venue::VenueServer::start(std::move(*options), clock);
  if (!server) {
    const bool is_usage = server.error() != venue::VenueError::kCannotListen;
    context.fail({is_usage ? ExitCode::kUsage : ExitCode::kCannotTell,
                  flags.listen + ": " + std::string(venue::describe(server.error()))});
    return;
  }
  const std::string url = url_of(flags, (*server)->port());
  if (context.flags.json) {
    context.data(nlohmann::json{{"venue", url}}.dump());
  }
  context.note(Mark::kDone, "the venue listens on " + url + "; Ctrl-C ends it");
  if (!has_callers) {
    context.note(Mark::kWarning,
                 "no --proof-secret-file and no --keys-file, so only public calls are answered");
  }
  (void)signals.wait();
}

}  // namespace

void add_venue_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand(
      "venue", "Run the sandbox exchange by itself: for bots, or as an upstream");
  command->footer(
      "  counterfoil venue                                             market data only\n"
      "  counterfoil venue --proof-secret-file ./data/upstream-proof.secret     behind a gateway\n"
      "  counterfoil venue --keys-file ./bots.keys --balances USDT=100000,BTC=1   bots talk to it "
      "directly");
  const auto flags = std::make_shared<VenueFlags>();
  command->add_option("--listen", flags->listen, "address and port; port 0 takes a free one")
      ->capture_default_str();
  command->add_option(
      "--proof-secret-file", flags->proof_secrets,
      "secret of the gateway's identity proof: \"<secret>\" or \"<kid> <secret>\" a line");
  command->add_option("--keys-file", flags->keys,
                      "API keys of its own: \"<account> <API key> <scheme> <key>\" a line");
  command->add_option("--balances", flags->balances,
                      "what each account begins with; none: nothing");
  command->add_option("--seed", flags->seed, "of prices and order ids")->capture_default_str();
  command
      ->add_option("--tick-ms", flags->tick_ms,
                   "how often the market maker moves; 0: there is none")
      ->capture_default_str()
      ->check(CLI::Range(0, 3'600'000));
  command->add_option("--history-minutes", flags->history_minutes, "of trading before the start")
      ->capture_default_str();
  command->callback([&context, flags] { run_venue(*flags, context); });
}

}  // namespace counterfoil
