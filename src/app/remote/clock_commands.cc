#include <CLI/App.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

std::string step_text(std::int64_t step_ms) {
  const auto step = std::chrono::round<std::chrono::seconds>(std::chrono::milliseconds(step_ms));
  return std::to_string(std::abs(step.count())) + " s " + (step_ms < 0 ? "back" : "ahead");
}

std::expected<void, Failure> run_confirm(const NodeApi& api, CommandContext& context) {
  const auto status = api.get("/api/v1/status");
  if (!status) {
    return std::unexpected(status.error());
  }
  const NodeJson clock = status->value("clock", NodeJson::object());
  const auto step_ms = clock.value("step_ms", std::int64_t{0});
  if (clock.value("in_doubt", false)) {
    const auto agreed =
        go_on(context, "The node's clock jumped " + step_text(step_ms) + " and shows " +
                           member(clock, "time") + ". Is that the right time?");
    if (!agreed) {
      return agreed;
    }
  }  // else the node says that there is nothing to confirm
  const auto confirmed = api.post("/api/v1/clock/confirm", {{"step_ms", step_ms}});
  if (!confirmed) {
    return std::unexpected(confirmed.error());
  }
  if (context.flags.json) {
    context.data(confirmed->dump());
    return {};
  }
  context.note(Mark::kDone, "the step of " + step_text(step_ms) +
                                " is confirmed: signed requests are judged by " +
                                member(*confirmed, "time"));
  return {};
}

}  // namespace

void add_clock_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const clock =
      app.add_subcommand("clock", "Say that a running node's clock is right after it jumped");
  clock->require_subcommand(1);
  clock->footer("  counterfoil clock confirm --data ./data");

  CLI::App* const confirm =
      clock->add_subcommand("confirm", "Have signed requests accepted by the clock as it is");
  confirm->footer(
      "  counterfoil clock confirm --data ./data\n"
      "A node whose clock jumps by more than 30 s answers signed requests 503, for by its clock "
      "it\n"
      "judges them. That ends when the clock goes back, when the machine's time service vouches "
      "for\n"
      "it, or when you do. Look at another clock first.");
  confirm->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_confirm(api, context); });
  });
}

}  // namespace counterfoil
