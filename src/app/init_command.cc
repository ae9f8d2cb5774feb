#include <CLI/App.hpp>
#include <expected>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/init_node.h"
#include "app/shell_text.h"
#include "base/random.h"

namespace counterfoil {
namespace {

std::string data_flag(const Config& config, const CommandContext& context) {
  return context.flags.data.empty() ? config.text("node.data") : context.flags.data;
}

void report(const InitReport& report, CommandContext& context) {
  if (context.flags.json) {
    context.data(nlohmann::ordered_json{{"data", report.data.string()},
                                        {"config", report.config.string()},
                                        {"root_key", report.root_key.string()},
                                        {"proof_secret", report.proof_secret.string()},
                                        {"backup_key", report.backup_key.string()}}
                     .dump());
    return;
  }
  const std::string data = report.data.string();
  context.note(Mark::kDone, "data directory " + data + " (0700)");
  context.note(Mark::kDone, "root key " + report.root_key.string() +
                                " (0600): keep a copy in a safe place; it is in no backup of the "
                                "data, and without it no secret opens again");
  context.note(Mark::kDone, "proof secret " + report.proof_secret.string() +
                                " (0600): give it to the upstream, which checks with it that a "
                                "request came through the gateway");
  context.note(Mark::kDone, "backup key " + report.backup_key.string() +
                                " (0600): keep a copy away from this machine and from the "
                                "backups; without it no backup opens");
  context.note(Mark::kDone,
               "configuration " + report.config.string() + ": every setting with its default");
  context.say();
  const std::string flag = " --data " + shell_quoted(data);
  context.say("Next    set upstream.url in " + report.config.string() + ", then");
  context.say("        counterfoil serve" + flag);
  context.say("        counterfoil accounts create --id my-account" + flag);
  context.say("        counterfoil keys create --help");
}

void init(CommandContext& context) {
  // A configuration that is there already must not decide where a new node goes.
  const auto defaults = Config::defaults();
  if (!defaults) {
    context.fail({ExitCode::kUsage, defaults.error().sentence});
    return;
  }
  SystemRandom random;
  const auto made = init_node(data_flag(*defaults, context), random);
  if (!made) {
    context.fail(made.error());
    return;
  }
  report(*made, context);
}

}  // namespace

void add_init_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand(
      "init", "Make a node: data directory, root key, proof secret, backup key, configuration");
  command->footer("  counterfoil init --data ./data");
  command->callback([&context] { init(context); });
}

}  // namespace counterfoil
