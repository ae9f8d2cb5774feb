#include <CLI/App.hpp>
#include <algorithm>
#include <cstddef>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/node_settings.h"
#include "app/oidc_settings.h"
#include "doors/console/console_server.h"

namespace counterfoil {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

void show_as_json(const Config& config, CommandContext& context) {
  nlohmann::ordered_json answer;
  for (const Setting& setting : settings()) {
    const Config::Value& value = config.values().find(setting.key)->second;
    answer[std::string(setting.key)] = {
        {"value", value.text},
        {"origin", value.origin},
        {"needs_restart", setting.change == Setting::Change::kNeedsRestart}};
  }
  context.data(answer.dump());
}

void show(CommandContext& context, bool origin) {
  const auto config = context.load_config();
  if (!config) {
    context.fail(config.error());
    return;
  }
  if (context.flags.json) {
    show_as_json(*config, context);
    return;
  }
  std::size_t widest = 0;
  std::size_t widest_value = 0;
  for (const Setting& setting : settings()) {
    widest = std::max(widest, setting.key.size());
    widest_value = std::max(widest_value, config->text(setting.key).size());
  }
  for (const Setting& setting : settings()) {
    const Config::Value& value = config->values().find(setting.key)->second;
    const std::string line = padded(std::string(setting.key), widest) + "  " +
                             (value.text.empty() ? "\"\"" : value.text);
    const std::size_t column = widest + 2 + widest_value;
    context.data(padded(line, column) + "  " + (origin ? value.origin : std::string(setting.help)));
  }
}

// provider_return_uris reads the client secret as the node will, and gives what the identity
// provider has to know; empty without one.
std::expected<std::vector<std::string>, Failure> provider_return_uris(
    const NodeSettings& settings) {
  if (!settings.oidc || !settings.console) {
    return std::vector<std::string>();
  }
  const auto secret = read_provider_secret(*settings.oidc);
  if (!secret) {
    return std::unexpected(secret.error());
  }
  const ConsoleSettings& console = *settings.console;
  return oidc_return_uris(console.origins.empty()
                              ? local_origins(console.listen, !console.tls_certificate.empty())
                              : console.origins);
}

void check(CommandContext& context) {
  const auto config = context.load_config();
  if (!config) {
    context.fail(config.error());
    return;
  }
  const auto read = NodeSettings::read(*config);
  if (!read) {
    context.fail(read.error());
    return;
  }
  const auto return_uris = provider_return_uris(*read);
  if (!return_uris) {
    context.fail(return_uris.error());
    return;
  }
  const std::string file = context.config_file();
  if (context.flags.json) {
    nlohmann::json answer{{"valid", true}, {"file", file}};
    if (!return_uris->empty()) {
      answer["oidc_redirect_uris"] = *return_uris;
    }
    context.data(answer.dump());
    return;
  }
  context.note(Mark::kDone,
               (file.empty() ? std::string("no configuration file; the defaults") : file) +
                   " can be served with");
  for (const std::string& uri : *return_uris) {
    context.note(Mark::kStep, "register this redirect URI at the identity provider: " + uri);
  }
}

}  // namespace

void add_config_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand("config", "Check and show the configuration");
  command->require_subcommand(1);
  command->footer(
      "  counterfoil config check --config counterfoil.toml\n"
      "  counterfoil config show --origin        which value holds, and where it comes from");

  CLI::App* const checking =
      command->add_subcommand("check", "Say whether a node could be served with it");
  checking->footer("  counterfoil config check --data ./data");
  checking->callback([&context] { check(context); });

  CLI::App* const showing = command->add_subcommand("show", "Print every setting in force");
  showing->footer("  counterfoil config show --origin");
  const auto origin = std::make_shared<bool>(false);
  showing->add_flag("--origin", *origin,
                    "say where each value comes from instead of what it is for");
  showing->callback([&context, origin] { show(context, *origin); });
}

}  // namespace counterfoil
