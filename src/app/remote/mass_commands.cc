#include <CLI/App.hpp>
#include <expected>
#include <memory>
#include <string>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/mass_change.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

const std::string kActions = "/api/v1/mass-actions";

Done run_list(const NodeApi& api, CommandContext& context) {
  const auto page = api.get(kActions);
  if (!page) {
    return std::unexpected(page.error());
  }
  const NodeJson items = page->value("items", NodeJson::array());
  if (context.flags.json) {
    context.data(items.dump());
    return {};
  }
  Table table({"MASS ACTION", "ACTION", "STATE", "BEGUN", "CHANGED", "OF"});
  for (const NodeJson& item : items) {
    table.add_row({{member(item, "id")},
                   {member(item, "action")},
                   {member(item, "state")},
                   {member(item, "begun_at")},
                   {std::to_string(item.value("changed", 0UL))},
                   {std::to_string(item.at("selected").value("keys", 0UL))}});
  }
  if (table.empty()) {
    context.note(Mark::kStep,
                 "no mass action yet; `counterfoil keys suspend --vendor acme` makes one");
    return {};
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
  return {};
}

Done run_show(const NodeApi& api, CommandContext& context, const std::string& id) {
  const auto action = api.get(kActions + "/" + id);
  if (!action) {
    return std::unexpected(action.error());
  }
  show_mass_action(context, *action);
  return {};
}

Done run_stop(const NodeApi& api, CommandContext& context, const std::string& id) {
  const auto action = api.post(kActions + "/" + id + "/stop", NodeJson::object());
  if (!action) {
    return std::unexpected(action.error());
  }
  context.note(Mark::kDone, "it stops after the part that is under way; what it has done stays");
  return {};
}

using Run = Done (*)(const NodeApi&, CommandContext&, const std::string&);

void add_command(CLI::App& group, CommandContext& context, const char* name, const char* purpose,
                 Run run) {
  CLI::App* const command = group.add_subcommand(name, purpose);
  const auto id = std::make_shared<std::string>();
  command->add_option("mass-action", *id, "its id; `counterfoil mass list` shows them")->required();
  command->callback([&context, id, run] {
    on_node(context, [&](const NodeApi& api) { return run(api, context, *id); });
  });
}

}  // namespace

void add_mass_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const group = app.add_subcommand(
      "mass", "Follow changes of many API keys at once (keys revoke --vendor …)");
  group->footer(
      "  counterfoil keys suspend --vendor acme --dry-run      what it would hit\n"
      "  counterfoil keys suspend --vendor acme                prepare, ask, do, report\n"
      "  counterfoil mass list\n"
      "  counterfoil mass results ID -o results.jsonl");
  group->require_subcommand(1);
  CLI::App* const list = group->add_subcommand("list", "List mass actions, latest first");
  list->callback(
      [&context] { on_node(context, [&](const NodeApi& api) { return run_list(api, context); }); });
  add_command(*group, context, "show", "Show what a mass action is and has done", run_show);
  add_command(*group, context, "follow", "Follow a mass action to its end", follow_mass_action);
  add_command(*group, context, "stop", "Stop a mass action; what it has done stays", run_stop);
  add_command(*group, context, "results",
              "Export what became of each API key, one line of JSON each", write_mass_results);
}

}  // namespace counterfoil
