#include <CLI/App.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/console_lines.h"
#include "app/node.h"
#include "app/node_settings.h"
#include "app/shutdown_signals.h"

namespace counterfoil {
namespace {

// Longer than most requests take, shorter than the patience of a service manager.
constexpr std::chrono::seconds kDrainMax{10};

void serve(CommandContext& context) {
  const std::string file = context.config_file();
  const auto config = context.load_config(file);
  auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  ShutdownSignals signals(ShutdownSignals::Hangup::kReloads);
  const auto node = Node::start(std::move(*settings), [&context, file] {
    // A file that held at the start and is gone is a fault, and no reason to take the defaults.
    return context.load_config(file.empty() ? context.config_file() : file);
  });
  if (!node) {
    context.fail(node.error());
    return;
  }
  if (context.flags.json) {
    const auto console = (*node)->console_url();
    context.data(nlohmann::ordered_json{
        {"gateway", (*node)->url()},
        {"admin_socket", (*node)->admin_socket()},
        {"console", console ? nlohmann::ordered_json(*console) : nlohmann::ordered_json(nullptr)}}
                     .dump());
  }
  say_console(**node, config->text("node.data"), context);
  while (signals.wait() == ShutdownSignals::Came::kReload) {
    (void)(*node)->reload({.name = "signal:SIGHUP", .source = "local"});  // the log tells
  }
  if (!(*node)->drain(kDrainMax)) {
    context.note(Mark::kWarning, "some requests took longer than 10 s and were cut off");
  }
}

}  // namespace

void add_serve_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("serve", "Run a node: gateway, authority, admin socket");
  command->footer(
      "  counterfoil serve --data ./data\n"
      "  counterfoil serve --config /etc/counterfoil/counterfoil.toml\n"
      "SIGTERM and Ctrl-C end it after the requests under way were answered. SIGHUP, like\n"
      "`counterfoil reload`, has it take over its configuration as it is now.");
  command->callback([&context] { serve(context); });
}

}  // namespace counterfoil
