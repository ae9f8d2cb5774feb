#include <CLI/App.hpp>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

// text_of writes a member of the answer as people read it; an unknown one is told as such.
std::string text_of(const NodeJson& status, const char* name) {
  const auto found = status.find(name);
  if (found == status.end() || found->is_null()) {
    return "unknown";
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

void show_listeners(const NodeJson& status, CommandContext& context) {
  for (const NodeJson& listener : status.value("listeners", NodeJson::array())) {
    std::string door = text_of(listener, "door");
    door.resize(10, ' ');
    context.data(door + text_of(listener, "address"));
  }
}

void show_upstream(const NodeJson& status, CommandContext& context) {
  std::string title = "upstream  ";
  for (const NodeJson& target : status.value("upstream_targets", NodeJson::array())) {
    std::string line = title + text_of(target, "url") + ", " + text_of(target, "state");
    if (text_of(target, "state") == "out") {
      line += " for " + text_of(target, "out_for_ms") + " ms (" + text_of(target, "last_fault") +
              "), probed again in " + text_of(target, "next_probe_in_ms") + " ms";
    }
    context.data(line);
    title.assign(title.size(), ' ');
  }
}

void show(const NodeJson& status, CommandContext& context) {
  context.data("node      " + text_of(status, "node") + ", version " + text_of(status, "version") +
               ", since " + text_of(status, "started_at"));
  context.data("profile   " + text_of(status, "profile"));
  show_listeners(status, context);
  show_upstream(status, context);
  context.data("keys      " + text_of(status, "api_keys") + " API keys, " +
               text_of(status, "unusable_records") + " records unusable");
  context.data("registry  revision " + text_of(status, "registry_revision") + ", applied " +
               text_of(status, "applied_revision"));
  if (const NodeJson waiting = status.value("needs_restart", NodeJson::array()); !waiting.empty()) {
    context.data("waiting   for a restart: " + list_member(status, "needs_restart", ", "));
  }
  context.data("audit     " + text_of(status, "audit_seq") + " records, " +
               text_of(status, "audit_waiting") + " on their way to the journal");
}

// judge ends with 1 when something is wrong: `counterfoil status` is a health check, too.
void judge(const NodeJson& status, CommandContext& context) {
  const bool accepts = status.value("accepts_signed_requests", false);
  if (accepts) {
    context.note(Mark::kDone, "accepts signed requests");
  } else {
    context.note(Mark::kProblem, "refuses signed requests: its right to accept is not in force");
    context.end(ExitCode::kNo);
  }
  for (const NodeJson& trouble : status.value("troubles", NodeJson::array())) {
    context.note(Mark::kProblem, text_of(trouble, "reason") + ": " + text_of(trouble, "detail"));
    context.end(ExitCode::kNo);
  }
}

void ask(CommandContext& context) {
  const auto api = NodeApi::of(context);
  const auto status = api ? api->get("/api/v1/status") : std::unexpected(api.error());
  if (!status) {
    context.fail(status.error());
    return;
  }
  if (context.flags.json) {
    context.data(status->dump());
  } else {
    show(*status, context);
  }
  judge(*status, context);
}

}  // namespace

void add_status_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("status", "Ask a running node how it is; 1 when something is wrong");
  command->footer(
      "  counterfoil status --data ./data\n"
      "  counterfoil status --admin-socket /run/counterfoil/admin.sock --json");
  command->callback([&context] { ask(context); });
}

}  // namespace counterfoil
