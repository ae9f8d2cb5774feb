#include <CLI/App.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/keys_group.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"
#include "base/percent.h"
#include "base/time.h"

namespace counterfoil {
namespace {

struct ListFlags {
  std::string account;
  std::string parent;  // its id
  std::string state;
  std::string permission;  // one, or several with commas
  std::string text;
  std::size_t limit = 1'000;
};

constexpr std::size_t kPageSize = 200;

std::string list_target(const ListFlags& flags, const std::string& after) {
  std::string target = "/api/v1/keys?limit=" + std::to_string(kPageSize);
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) {
      target += "&" + name + "=" + percent_encode(value);
    }
  };
  add("account", flags.account);
  add("parent", flags.parent);
  add("state", flags.state);
  add("permission", flags.permission);
  add("q", flags.text);
  add("after", after);
  return target;
}

// Listed is what was found, and whether there is more.
struct Listed {
  std::vector<NodeJson> keys;
  bool more = false;
};

std::expected<Listed, Failure> list(const NodeApi& api, const ListFlags& flags) {
  Listed listed;
  std::string after;
  while (true) {
    const auto page = api.get(list_target(flags, after));
    if (!page) {
      return std::unexpected(page.error());
    }
    for (const NodeJson& key : page->value("items", NodeJson::array())) {
      if (listed.keys.size() == flags.limit) {
        listed.more = true;
        return listed;
      }
      listed.keys.push_back(key);
    }
    const NodeJson next = page->value("next", NodeJson());
    if (!next.is_string()) {
      return listed;
    }
    after = next.get<std::string>();
  }
}

std::expected<void, Failure> run_list(const NodeApi& api, CommandContext& context,
                                      ListFlags flags) {
  if (!flags.parent.empty()) {
    const auto maker = find_key(api, flags.parent);
    if (!maker) {
      return std::unexpected(maker.error());
    }
    flags.parent = member(*maker, "api_key");
  }
  const auto listed = list(api, flags);
  if (!listed) {
    return std::unexpected(listed.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"items", listed->keys}, {"more", listed->more}}.dump());
    return {};
  }
  if (listed->keys.empty()) {
    context.say(flags.parent.empty() ? "No API keys. Make one: counterfoil keys create --help"
                                     : "It made no API key that is not revoked.");
    return {};
  }
  show_key_table(context, listed->keys, SystemClock().now());
  context.say(std::to_string(listed->keys.size()) + " API keys." +
              (listed->more ? " There are more: raise --limit." : ""));
  return {};
}

std::expected<void, Failure> show_descendants(const NodeApi& api, CommandContext& context,
                                              const NodeJson& key) {
  const auto page = api.get(key_target(key, "descendants"));
  if (!page) {
    return std::unexpected(page.error());
  }
  if (const std::size_t made = page->value("items", NodeJson::array()).size(); made != 0) {
    context.say();
    context.say("It made " + std::to_string(made) + (made == 1 ? " API key" : " API keys") +
                ": counterfoil keys list --parent " + member(key, "api_key"));
  }
  return {};
}

std::expected<void, Failure> run_show(const NodeApi& api, CommandContext& context,
                                      const std::string& word) {
  const auto found = find_key(api, word);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (context.flags.json) {
    context.data(found->dump());
  } else {
    show_key_facts(context, *found, SystemClock().now());
    return show_descendants(api, context, *found);
  }
  return {};
}

}  // namespace

void add_key_reading(CLI::App& keys, CommandContext& context) {
  CLI::App* const listing = keys.add_subcommand("list", "List API keys");
  listing->footer(
      "  counterfoil keys list --state active\n"
      "  counterfoil keys list --permission WITHDRAW\n"
      "  counterfoil keys list --account demo --json");
  const auto flags = std::make_shared<ListFlags>();
  listing->add_option("--account", flags->account, "only those of this account");
  listing->add_option("--parent", flags->parent,
                      "only those that this API key made (revoked ones left out)");
  listing->add_option("--state", flags->state, "active, suspended, revoked or expired");
  listing->add_option("--permission", flags->permission,
                      "only those that hold this permission, or one of several: WITHDRAW,TRADE");
  listing->add_option("--find", flags->text,
                      "only those with this in label, vendor, account or id");
  listing->add_option("--limit", flags->limit, "how many at most (default 1000)");
  listing->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_list(api, context, *flags); });
  });

  CLI::App* const showing = keys.add_subcommand("show", "Show one API key");
  showing->footer("  counterfoil keys show mm-bot-3");
  const auto word = std::make_shared<std::string>();
  showing->add_option("key", *word, kKeyArgumentHelp)->required();
  showing->callback([&context, word] {
    on_node(context, [&](const NodeApi& api) { return run_show(api, context, *word); });
  });
}

}  // namespace counterfoil
