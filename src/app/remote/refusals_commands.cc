#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/finding_view.h"
#include "app/remote/key_lookup.h"
#include "app/remote/keys_group.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"
#include "base/percent.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

struct RefusalFlags {
  std::string key;
  std::string account;
  std::string reason;
  std::string since;
  std::size_t limit = 50;
  std::string id;
  std::string language;
};

Done run_list(const NodeApi& api, CommandContext& context, const RefusalFlags& flags) {
  std::string target = "/api/v1/refusals?limit=" + std::to_string(flags.limit);
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) {
      target += "&" + name + "=" + percent_encode(value);
    }
  };
  if (!flags.key.empty()) {
    const auto key = find_key(api, flags.key);
    if (!key) {
      return std::unexpected(key.error());
    }
    add("api_key", member(*key, "api_key"));
  }
  add("account", flags.account);
  add("reason", flags.reason);
  add("since", flags.since);
  const auto page = api.get(target);
  if (!page) {
    return std::unexpected(page.error());
  }
  const NodeJson items = page->value("items", NodeJson::array());
  if (context.flags.json) {
    context.data(items.dump());
    return {};
  }
  Table table({"TIME", "REASON", "API KEY", "REQUEST", "ADDRESS", "REQUEST ID"});
  for (const NodeJson& item : items) {
    table.add_row({{member(item, "time")},
                   {member(item, "reason")},
                   {short_id(safe_text(member(item, "api_key")))},
                   {safe_text(member(item, "method") + " " + member(item, "path"))},
                   {member(item, "address")},
                   {member(item, "request_id")}});
  }
  if (table.empty()) {
    context.say("No refused requests.");
    return {};
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
  context.say("Why one was refused: counterfoil refusals show REQUEST-ID");
  return {};
}

Done run_show(const NodeApi& api, CommandContext& context, const RefusalFlags& flags) {
  const auto refusal = api.get("/api/v1/refusals/" + percent_encode(flags.id));
  if (!refusal) {
    return std::unexpected(refusal.error());
  }
  if (context.flags.json) {
    context.data(refusal->dump());
  } else {
    show_refusal(context, *refusal, flags.language);
  }
  return {};
}

}  // namespace

void add_refusals_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const refusals = app.add_subcommand(
      "refusals", "Show refused requests of a running node: the true reason, the cause, the fix");
  refusals->require_subcommand(1);
  refusals->footer(
      "  counterfoil refusals list --key mm-bot-3\n"
      "  counterfoil refusals show 7f3a…              what X-Counterfoil-Request-Id said\n"
      "  counterfoil refusals show 7f3a… --language Python");
  const auto flags = std::make_shared<RefusalFlags>();

  CLI::App* const listing = refusals->add_subcommand("list", "List refused requests, newest first");
  listing->footer("  counterfoil refusals list --reason signature_wrong --limit 10");
  listing->add_option("--key", flags->key, kKeyArgumentHelp);
  listing->add_option("--account", flags->account, "only those of this account's API keys");
  listing->add_option("--reason", flags->reason, "only those with this reason (docs/errors.md)");
  listing->add_option("--since", flags->since, "only those at or after this time (RFC 3339)");
  listing->add_option("--limit", flags->limit, "how many at most (default 50)")
      ->check(CLI::Range(1, 500));
  listing->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_list(api, context, *flags); });
  });

  CLI::App* const showing =
      refusals->add_subcommand("show", "Show one refused request: why, the proof, the fix");
  showing->footer("  counterfoil refusals show 7f3a… --language curl");
  showing->add_option("id", flags->id, "the request's id: X-Counterfoil-Request-Id of its answer")
      ->required();
  showing
      ->add_option("--language", flags->language, "also show the fix in curl, Python, Node or C++")
      ->check(CLI::IsMember({"curl", "Python", "Node", "C++"}, CLI::ignore_case));
  showing->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_show(api, context, *flags); });
  });
}

}  // namespace counterfoil
