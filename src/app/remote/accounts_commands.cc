#include <CLI/App.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"
#include "base/percent.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

struct AccountFlags {
  std::string id;
  std::string name;
  std::string master;
  std::string email;
  std::string cause;
  bool dry_run = false;
};

std::string account_target(const std::string& id, const std::string& action = {}) {
  return "/api/v1/accounts/" + percent_encode(id) + (action.empty() ? "" : "/" + action);
}

void show_table(CommandContext& context, const std::vector<NodeJson>& accounts) {
  Table table({"ACCOUNT", "NAME", "MASTER", "E-MAIL", "STATE", "CREATED", "CAUSE"});
  for (const NodeJson& account : accounts) {
    const std::string state = member(account, "state");
    table.add_row({{member(account, "id")},
                   {member(account, "name")},
                   {member(account, "master")},
                   {member(account, "email")},
                   {state, state == "active" ? Paint::kGreen : Paint::kYellow},
                   {member(account, "created_at")},
                   {member(account, "state_cause")}});
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
}

// report writes one account: all of it for programs, a line for people.
Done report(CommandContext& context, const std::expected<NodeJson, Failure>& account) {
  if (!account) {
    return std::unexpected(account.error());
  }
  if (context.flags.json) {
    context.data(account->dump());
  } else {
    show_table(context, {*account});
  }
  return {};
}

Done run_list(const NodeApi& api, CommandContext& context, const std::string& master) {
  std::vector<NodeJson> accounts;
  const std::string target =
      "/api/v1/accounts?limit=200" + (master.empty() ? "" : "&master=" + percent_encode(master));
  const auto read =
      for_each_item(api, target, [&](const NodeJson& account) { accounts.push_back(account); });
  if (!read) {
    return read;
  }
  if (context.flags.json) {
    context.data(NodeJson{{"items", accounts}}.dump());
  } else if (accounts.empty()) {
    context.say(master.empty() ? "No accounts. Make one: counterfoil accounts create demo"
                               : "It has no sub-accounts.");
  } else {
    show_table(context, accounts);
  }
  return {};
}

Done run_suspend(const NodeApi& api, CommandContext& context, const AccountFlags& flags) {
  if (flags.dry_run) {
    const auto page = api.get("/api/v1/keys?account=" + percent_encode(flags.id) + "&state=active");
    if (!page) {
      return std::unexpected(page.error());
    }
    const std::size_t count = page->value("items", NodeJson::array()).size();
    context.data(
        context.flags.json
            ? NodeJson{{"dry_run", true}, {"account", flags.id}, {"active_keys", count}}.dump()
            : "Would refuse " + std::to_string(count) + " active API keys of " + flags.id +
                  ". Nothing changed (--dry-run).");
    return {};
  }
  if (const auto agreed = go_on(context, "Every API key of " + flags.id +
                                             " will be refused until it is resumed. Suspend it?");
      !agreed) {
    return std::unexpected(agreed.error());
  }
  return report(context, api.post(account_target(flags.id, "suspend"), cause_body(flags.cause)));
}

void add_create(CLI::App& accounts, CommandContext& context) {
  CLI::App* const command = accounts.add_subcommand("create", "Make an account");
  command->footer(
      "  counterfoil accounts create demo --name \"Demo desk\"\n"
      "  counterfoil accounts create desk-7 --master demo --email desk-7@example.com");
  const auto flags = std::make_shared<AccountFlags>();
  command->add_option("account", flags->id, "its id: 1 to 32 characters of a-z, 0-9 and '-'")
      ->required();
  command->add_option("--name", flags->name, "a name for people, at most 64 characters");
  command->add_option("--master", flags->master,
                      "makes it a sub-account of this one, whose keys may then manage its keys");
  command->add_option("--email", flags->email,
                      "the name by which the master's keys speak of it; nothing is sent there");
  command->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) {
      NodeJson body{{"id", flags->id}};
      if (!flags->name.empty()) {
        body["name"] = flags->name;
      }
      if (!flags->master.empty()) {
        body["master"] = flags->master;
      }
      if (!flags->email.empty()) {
        body["email"] = flags->email;
      }
      return report(context, api.post("/api/v1/accounts", body));
    });
  });
}

void add_suspend(CLI::App& accounts, CommandContext& context) {
  CLI::App* const command =
      accounts.add_subcommand("suspend", "Refuse every API key of an account until it is resumed");
  command->footer("  counterfoil accounts suspend demo --cause \"password leaked\"");
  const auto flags = std::make_shared<AccountFlags>();
  command->add_option("account", flags->id, "its id")->required();
  command->add_option("--cause,--reason", flags->cause,
                      "why, in words that its owner and the audit log will see");
  command->add_flag("--dry-run", flags->dry_run, "say what it would hit, and change nothing");
  command->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_suspend(api, context, *flags); });
  });
}

}  // namespace

void add_accounts_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const accounts =
      app.add_subcommand("accounts", "Make, list and suspend accounts of a running node");
  accounts->require_subcommand(1);
  accounts->footer(
      "  counterfoil accounts create demo\n"
      "  counterfoil accounts list");
  add_create(*accounts, context);

  CLI::App* const listing = accounts->add_subcommand("list", "List accounts");
  listing->footer("  counterfoil accounts list --json");
  const auto master = std::make_shared<std::string>();
  listing->add_option("--master", *master, "only the sub-accounts of this account");
  listing->callback([&context, master] {
    on_node(context, [&](const NodeApi& api) { return run_list(api, context, *master); });
  });

  CLI::App* const showing = accounts->add_subcommand("show", "Show one account");
  showing->footer("  counterfoil accounts show demo");
  const auto shown = std::make_shared<std::string>();
  showing->add_option("account", *shown, "its id")->required();
  showing->callback([&context, shown] {
    on_node(context,
            [&](const NodeApi& api) { return report(context, api.get(account_target(*shown))); });
  });

  add_suspend(*accounts, context);

  CLI::App* const resuming =
      accounts->add_subcommand("resume", "Let an account's API keys be accepted again");
  resuming->footer("  counterfoil accounts resume demo");
  const auto resumed = std::make_shared<std::string>();
  resuming->add_option("account", *resumed, "its id")->required();
  resuming->callback([&context, resumed] {
    on_node(context, [&](const NodeApi& api) {
      return report(context, api.post(account_target(*resumed, "resume"), NodeJson::object()));
    });
  });
}

}  // namespace counterfoil
