#include <CLI/App.hpp>
#include <expected>
#include <nlohmann/json.hpp>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

std::expected<void, Failure> run_reload(const NodeApi& api, CommandContext& context) {
  const auto done = api.post("/api/v1/reload", NodeJson::object());
  if (!done) {
    return std::unexpected(done.error());
  }
  if (context.flags.json) {
    context.data(done->dump());
    return {};
  }
  const auto taken_over = list_member(*done, "taken_over", ", ");
  context.note(Mark::kDone, taken_over.empty() ? "nothing had changed that the node could take over"
                                               : "taken over: " + taken_over);
  if (const auto waiting = list_member(*done, "needs_restart", ", "); !waiting.empty()) {
    context.note(Mark::kWarning, "needs a restart: " + waiting);
  }
  return {};
}

}  // namespace

void add_reload_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("reload", "Have a running node take over its configuration as it is now");
  command->footer(
      "  counterfoil reload --data ./data\n"
      "No connection is closed and no request fails. The configuration file, the certificate, its\n"
      "key and the upstream's authorities are read again and checked; if anything is wrong, "
      "nothing\n"
      "changes. SIGHUP does the same; `counterfoil status` tells what became of it.");
  command->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_reload(api, context); });
  });
}

}  // namespace counterfoil
