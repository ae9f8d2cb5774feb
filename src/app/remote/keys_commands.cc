#include <CLI/App.hpp>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/keys_group.h"

namespace counterfoil {

void add_keys_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const keys =
      app.add_subcommand("keys", "Make, list, change and revoke API keys of a running node");
  keys->require_subcommand(1);
  keys->footer(
      "  counterfoil keys create --account demo --label mm-bot-3 --out ./mm-bot-3\n"
      "  counterfoil keys list\n"
      "  counterfoil keys rotate mm-bot-3 --out ./mm-bot-3-new --overlap 6h\n"
      "  counterfoil keys fix mm-bot-3\n"
      "  counterfoil keys revoke mm-bot-3");
  add_key_making(*keys, context);
  add_key_enrolling(*keys, context);
  add_key_reading(*keys, context);
  add_key_fixing(*keys, context);
  add_key_changing(*keys, context);
}

}  // namespace counterfoil
