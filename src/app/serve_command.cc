#include <CLI/App.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/node.h"
#include "app/node_settings.h"
#include "app/shutdown_signals.h"

namespace counterfoil {
namespace {

// Longer than most requests take, shorter than the patience of a service manager.
constexpr std::chrono::seconds kDrainMax{10};

void serve(CommandContext& context) {
  const auto config = context.load_config();
  auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  ShutdownSignals signals;
  const auto node = Node::start(std::move(*settings));
  if (!node) {
    context.fail(node.error());
    return;
  }
  if (context.flags.json) {
    context.data(nlohmann::ordered_json{{"gateway", (*node)->url()},
                                        {"admin_socket", (*node)->admin_socket()}}
                     .dump());
  }
  signals.wait();
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
      "SIGTERM and Ctrl-C end it after the requests under way were answered.");
  command->callback([&context] { serve(context); });
}

}  // namespace counterfoil
