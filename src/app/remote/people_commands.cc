#include <CLI/App.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

constexpr std::size_t kShownIdentityDigits = 12;

Paint paint_of(std::string_view state) {
  return state == "active" ? Paint::kGreen : Paint::kYellow;
}

void show_table(CommandContext& context, const std::vector<NodeJson>& people) {
  Table table({"E-MAIL", "NAME", "ROLE", "ACCOUNT", "STATE", "LAST SEEN"});
  for (const NodeJson& person : people) {
    const std::string state = member(person, "state");
    const std::string seen = member(person, "last_seen_at");
    table.add_row({{member(person, "email")},
                   {member(person, "name")},
                   {member(person, "role")},
                   {member(person, "account")},
                   {state, paint_of(state)},
                   {seen.empty() ? "never" : seen}});
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
}

std::expected<std::vector<NodeJson>, Failure> all_people(const NodeApi& api) {
  std::vector<NodeJson> people;
  const auto read = for_each_item(api, "/api/v1/people?limit=200",
                                  [&](const NodeJson& person) { people.push_back(person); });
  return read ? std::expected<std::vector<NodeJson>, Failure>(std::move(people))
              : std::unexpected(read.error());
}

Done run_list(const NodeApi& api, CommandContext& context) {
  const auto people = all_people(api);
  if (!people) {
    return std::unexpected(people.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"items", *people}}.dump());
  } else if (people->empty()) {
    context.say("Nobody signs in here yet. Begin with: counterfoil people setup-link");
  } else {
    show_table(context, *people);
  }
  return {};
}

// person_of finds the person who has this e-mail, in any letter case that the node knows it by.
std::expected<NodeJson, Failure> person_of(const NodeApi& api, const std::string& email) {
  auto people = all_people(api);
  if (!people) {
    return std::unexpected(people.error());
  }
  for (NodeJson& person : *people) {
    if (member(person, "email") == email || member(person, "id") == email) {
      return std::move(person);
    }
  }
  return std::unexpected(Failure{
      ExitCode::kNo,
      "nobody here has the e-mail " + email + "; counterfoil people list shows who signs in"});
}

std::string target_for(const NodeJson& person, std::string_view action) {
  return "/api/v1/people/" + percent_encode(member(person, "id")) + "/" + std::string(action);
}

std::expected<std::string, Failure> target_of(const NodeApi& api, const std::string& email,
                                              std::string_view action) {
  const auto person = person_of(api, email);
  return person ? std::expected<std::string, Failure>(target_for(*person, action))
                : std::unexpected(person.error());
}

// show_link writes a link that is shown this once: to standard output, or the file of --output.
void show_link(CommandContext& context, const NodeJson& answer, const std::string& url,
               std::string_view what) {
  if (context.flags.json) {
    context.data(NodeJson{{"url", url}, {"expires_at", member(answer, "expires_at")}}.dump());
    return;
  }
  context.data(url);
  context.say(std::string(what) + " Good once, until " + member(answer, "expires_at") + ".");
}

Done run_setup_link(const NodeApi& api, CommandContext& context) {
  const auto made = api.post("/api/v1/setup-link", NodeJson::object());
  if (!made) {
    return std::unexpected(made.error());
  }
  show_link(context, *made, member(*made, "url"),
            "Open it in a browser to become the first owner. Older links are worth nothing now.");
  return {};
}

Done run_reset_link(const NodeApi& api, CommandContext& context, const std::string& email) {
  const auto target = target_of(api, email, "offer-reset");
  if (!target) {
    return std::unexpected(target.error());
  }
  const auto made = api.post(*target, NodeJson::object());
  if (!made) {
    return std::unexpected(made.error());
  }
  show_link(context, *made, member(*made, "page") + "#r=" + member(*made, "url_token"),
            "Give it to the person: they set a new password with it and their second factor. Their "
            "sessions have ended.");
  return {};
}

Done run_change(const NodeApi& api, CommandContext& context, const std::string& email,
                std::string_view action, const NodeJson& body) {
  const auto target = target_of(api, email, action);
  if (!target) {
    return std::unexpected(target.error());
  }
  const auto changed = api.post(*target, body);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  if (context.flags.json) {
    context.data(changed->dump());
  } else {
    show_table(context, {*changed});
  }
  return {};
}

// identity_of chooses the linked account whose id begins like this; of one that is alone, "" is
// enough.
std::expected<std::string, Failure> identity_of(const NodeJson& person, const std::string& begins) {
  std::vector<std::string> found;
  std::string listed;
  for (const NodeJson& one : person.value("identities", NodeJson::array())) {
    const std::string id = member(one, "id");
    if (id.starts_with(begins)) {
      found.push_back(id);
    }
    listed += "\n  " + id.substr(0, kShownIdentityDigits) + "  " + member(one, "shown") + " at " +
              member(one, "issuer");
  }
  if (found.size() == 1) {
    return found.front();
  }
  const std::string who = member(person, "email");
  if (listed.empty()) {
    return std::unexpected(Failure{
        ExitCode::kNo, who + " has linked no account at an identity provider; nothing to do"});
  }
  return std::unexpected(
      Failure{found.empty() ? ExitCode::kNo : ExitCode::kUsage,
              (found.empty() ? who + " has linked no account whose id begins with " + begins
                             : who + " has linked several accounts") +
                  "; name one with --identity:" + listed});
}

Done run_unlink(const NodeApi& api, CommandContext& context, const std::string& email,
                const std::string& begins) {
  const auto person = person_of(api, email);
  const auto identity = person ? identity_of(*person, begins) : std::unexpected(person.error());
  if (!identity) {
    return std::unexpected(identity.error());
  }
  const auto changed = api.post(target_for(*person, "unlink-identity"), {{"identity", *identity}});
  if (!changed) {
    return std::unexpected(changed.error());
  }
  if (context.flags.json) {
    context.data(changed->dump());
    return {};
  }
  show_table(context, {*changed});
  context.note(Mark::kDone,
               "unlinked; their sessions have ended. Their password and factors are as "
               "they were");
  return {};
}

void add_unlinking(CLI::App& people, CommandContext& context) {
  const auto email = std::make_shared<std::string>();
  const auto identity = std::make_shared<std::string>();
  CLI::App* const unlinking = people.add_subcommand(
      "unlink", "Unlink somebody's account at the identity provider; their sessions end");
  unlinking->footer(
      "  counterfoil people unlink ann@example.com\n"
      "  counterfoil people unlink ann@example.com --identity 3f1c9a");
  unlinking->add_option("email", *email, "whose")->required();
  unlinking->add_option("--identity", *identity,
                        "which, by the beginning of its id, if there are several");
  unlinking->callback([&context, email, identity] {
    on_node(context,
            [&](const NodeApi& api) { return run_unlink(api, context, *email, *identity); });
  });
}

void add_changes(CLI::App& people, CommandContext& context) {
  const auto email = std::make_shared<std::string>();
  const auto cause = std::make_shared<std::string>();

  CLI::App* const reset = people.add_subcommand(
      "reset-link", "Make a link with which somebody sets a new password; their sessions end");
  reset->footer("  counterfoil people reset-link ann@example.com");
  reset->add_option("email", *email, "whose")->required();
  reset->callback([&context, email] {
    on_node(context, [&](const NodeApi& api) { return run_reset_link(api, context, *email); });
  });

  CLI::App* const disabling =
      people.add_subcommand("disable", "Let somebody no longer sign in; their sessions end");
  disabling->footer("  counterfoil people disable ann@example.com --cause \"left\"");
  disabling->add_option("email", *email, "whose")->required();
  disabling->add_option("--cause,--reason", *cause, "why, in words that the audit log will see");
  disabling->callback([&context, email, cause] {
    on_node(context, [&](const NodeApi& api) {
      return run_change(api, context, *email, "disable", cause_body(*cause));
    });
  });

  CLI::App* const enabling = people.add_subcommand("enable", "Let somebody sign in again");
  enabling->footer("  counterfoil people enable ann@example.com");
  enabling->add_option("email", *email, "whose")->required();
  enabling->callback([&context, email] {
    on_node(context, [&](const NodeApi& api) {
      return run_change(api, context, *email, "enable", NodeJson::object());
    });
  });
}

}  // namespace

void add_people_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const people =
      app.add_subcommand("people", "Look after who signs in to the console of a running node");
  people->require_subcommand(1);
  people->footer(
      "  counterfoil people list\n"
      "  counterfoil people setup-link\n"
      "  counterfoil people reset-link ann@example.com");

  CLI::App* const listing = people->add_subcommand("list", "List who may sign in");
  listing->footer("  counterfoil people list --json");
  listing->callback(
      [&context] { on_node(context, [&](const NodeApi& api) { return run_list(api, context); }); });

  CLI::App* const setup = people->add_subcommand(
      "setup-link", "Make a new link for the first owner, while there is none");
  setup->footer("  counterfoil people setup-link");
  setup->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_setup_link(api, context); });
  });

  add_changes(*people, context);
  add_unlinking(*people, context);
}

}  // namespace counterfoil
