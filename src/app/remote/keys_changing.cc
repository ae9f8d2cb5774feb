#include <CLI/App.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/keys_group.h"
#include "app/remote/mass_change.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"
#include "base/time.h"

namespace counterfoil {
namespace {

// StateChange is one of the commands that move an API key from state to state.
struct StateChange {
  const char* name;  // of the command, and of the node's resource
  const char* done;  // "revoked", in a sentence about one
  const char* done_to_many;
  const char* state;     // of a key that needs it no more
  const char* purpose;   // for --help
  const char* question;  // asked before; nullptr: the change can be undone, nobody is asked
  bool takes_cause;
  bool takes_many;           // can be a mass action
  bool reaches_descendants;  // it may also be made of the API keys that this one made
};

constexpr StateChange kSuspend{.name = "suspend",
                               .done = "suspended",
                               .done_to_many = "suspended",
                               .state = "suspended",
                               .purpose = "Refuse an API key until it is resumed",
                               .question = nullptr,
                               .takes_cause = true,
                               .takes_many = true,
                               .reaches_descendants = true};
constexpr StateChange kResume{.name = "resume",
                              .done = "accepted again",
                              .done_to_many = "accepted again",
                              .state = "active",
                              .purpose = "Let a suspended API key be accepted again",
                              .question = nullptr,
                              .takes_cause = false,
                              .takes_many = true,
                              .reaches_descendants = false};
constexpr StateChange kRevoke{
    .name = "revoke",
    .done = "revoked: no gateway accepts it any more",
    .done_to_many = "revoked",
    .state = "revoked",
    .purpose = "End an API key for good; answers once no gateway accepts it",
    .question = "This cannot be undone. Revoke it?",
    .takes_cause = true,
    .takes_many = true,
    .reaches_descendants = true};
constexpr StateChange kEndRetiring{
    .name = "end-retiring",
    .done = "left with one key pair",
    .done_to_many = "left with one key pair",
    .state = "",
    .purpose = "End the retiring key pair of a rotation now",
    .question = "Whoever still signs with the old pair is refused at once. End it?",
    .takes_cause = false,
    .takes_many = false,
    .reaches_descendants = false};

constexpr StateChange kBackOut{
    .name = "back-out",
    .done = "left with its old key pair",
    .done_to_many = "left with their old key pairs",
    .state = "",
    .purpose = "Give up the new key pair of a rotation; the old one stays",
    .question = "Whoever signs with the new pair already is refused at once. Give it up?",
    .takes_cause = false,
    .takes_many = false,
    .reaches_descendants = false};

struct ChangeFlags {
  std::string key;
  SelectionFlags many;
  std::string cause;
  bool dry_run = false;
  bool descendants = false;
};

using Keys = std::vector<NodeJson>;

// descendants_of lists the API keys that one made and that are not revoked; none for a change that
// does not reach them.
std::expected<Keys, Failure> descendants_of(const NodeApi& api, const NodeJson& key,
                                            const StateChange& change) {
  Keys made;
  if (change.reaches_descendants) {
    const auto page = api.get(key_target(key, "descendants"));
    if (!page) {
      return std::unexpected(page.error());
    }
    made = page->value("items", Keys());
  }
  return made;
}

std::string count_of(const Keys& keys) {
  return std::to_string(keys.size()) + (keys.size() == 1 ? " API key" : " API keys");
}

// names_of lists keys in a sentence, and says of those that are not active what they are.
std::string names_of(const Keys& keys) {
  constexpr std::size_t kNamedMax = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(keys.size(), kNamedMax); ++i) {
    const std::string state = member(keys[i], "state");
    names += (names.empty() ? "" : ", ") + key_name(keys[i]) +
             (state == "active" ? "" : " [" + state + "]");
  }
  return names + (keys.size() > kNamedMax ? ", …" : "");
}

std::string usage_sentence(const NodeJson& usage) {
  const std::int64_t hour = usage.value("accepted_last_hour", std::int64_t{0});
  const std::string last = member(usage, "last_used_at");
  return last.empty()
             ? "It was never used."
             : "Last used " + last + "; accepted in the last hour: " + std::to_string(hour) + ".";
}

// show_radius says what a change would hit.
std::expected<void, Failure> show_radius(const NodeApi& api, CommandContext& context,
                                         const NodeJson& key, const StateChange& change,
                                         const Keys& made) {
  const auto usage = api.get(key_target(key, "usage"));
  if (!usage) {
    return std::unexpected(usage.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"dry_run", true},
                          {"action", change.name},
                          {"key", key},
                          {"descendants", made},
                          {"last_used_at", usage->value("last_used_at", NodeJson())},
                          {"accepted_last_hour", usage->value("accepted_last_hour", 0)}}
                     .dump());
    return {};
  }
  context.data("Would " + std::string(change.name) + " " + key_name(key) + ", now " +
               member(key, "state") + ". " + usage_sentence(*usage) +
               (made.empty() ? "" : " It made " + count_of(made) + ": " + names_of(made) + ".") +
               " Nothing changed (--dry-run).");
  return {};
}

// preview tells before a change what it leaves, or takes along.
void preview(CommandContext& context, const NodeJson& key, const StateChange& change,
             const Keys& made, const ChangeFlags& flags) {
  if (made.empty()) {
    return;
  }
  const std::string it_made = key_name(key) + ": it made " + count_of(made);
  context.note(Mark::kWarning,
               flags.descendants
                   ? it_made + ", to be " + change.done_to_many + " too: " + names_of(made)
                   : it_made + (made.size() == 1 ? " that stays valid: " : " that stay valid: ") +
                         names_of(made) + " (see --descendants)");
}

std::expected<void, Failure> ask(const CommandContext& context, const NodeJson& key,
                                 const StateChange& change, const Keys& made,
                                 const ChangeFlags& flags) {
  if (change.question == nullptr) {
    return {};
  }
  const bool is_many = flags.descendants && !made.empty();
  return go_on(context, is_many ? key_name(key) + " and the " + count_of(made) +
                                      " it made: This cannot be undone. Revoke all of them?"
                                : key_name(key) + ": " + change.question);
}

void report(CommandContext& context, const StateChange& change, const NodeJson& changed) {
  if (!context.flags.json) {
    context.note(Mark::kDone, key_name(changed) + " is " + change.done);
    note_receipt(context, changed);
  }
}

// change_descendants makes the same of every API key that this one made. The list is read anew: a
// key that is ended makes no more, so it is whole now. What fails does not keep the others.
std::expected<NodeJson, Failure> change_descendants(const NodeApi& api, CommandContext& context,
                                                    const StateChange& change, const NodeJson& key,
                                                    const ChangeFlags& flags) {
  const auto made = descendants_of(api, key, change);
  if (!made) {
    return std::unexpected(made.error());
  }
  NodeJson answers = NodeJson::array();
  std::size_t failed = 0;
  for (const NodeJson& child : *made) {
    if (member(child, "state") == change.state) {
      continue;
    }
    const auto changed = api.post(key_target(child, change.name), cause_body(flags.cause));
    if (changed) {
      report(context, change, *changed);
      answers.push_back(*changed);
    } else {
      ++failed;
      context.note(Mark::kProblem, key_name(child) + ": " + changed.error().sentence);
    }
  }
  if (failed != 0) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::to_string(failed) + " of " +
                                                              count_of(*made) + " could not be " +
                                                              change.done_to_many +
                                                              "; repeat the command"});
  }
  return answers;
}

std::expected<void, Failure> run_change(const NodeApi& api, CommandContext& context,
                                        const StateChange& change, const ChangeFlags& flags) {
  if (flags.key.empty() != flags.many.is_set()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "name one API key, or say which ones by --vendor, --account, --keys-file and so on"});
  }
  if (flags.many.is_set() && flags.descendants) {
    return std::unexpected(
        Failure{ExitCode::kUsage, "--descendants is for a single API key, which it names"});
  }
  if (flags.many.is_set()) {
    return change_many(api, context, change.name, flags.many, flags.cause, flags.dry_run);
  }
  const auto key = find_key(api, flags.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  const auto made = descendants_of(api, *key, change);
  if (!made) {
    return std::unexpected(made.error());
  }
  if (flags.dry_run) {
    return show_radius(api, context, *key, change, *made);
  }
  preview(context, *key, change, *made, flags);
  if (const auto agreed = ask(context, *key, change, *made, flags); !agreed) {
    return agreed;
  }
  auto changed = api.post(key_target(*key, change.name), cause_body(flags.cause));
  if (!changed) {
    return std::unexpected(changed.error());
  }
  report(context, change, *changed);
  std::expected<NodeJson, Failure> others = NodeJson(*made);
  if (flags.descendants) {
    others = change_descendants(api, context, change, *key, flags);
  }
  if (context.flags.json) {
    if (change.reaches_descendants && others) {
      (*changed)[flags.descendants ? "changed_descendants" : "descendants"] = *others;
    }
    context.data(changed->dump());
  }
  return others ? std::expected<void, Failure>() : std::unexpected(others.error());
}

void add_change(CLI::App& keys, CommandContext& context, const StateChange& change) {
  CLI::App* const command = keys.add_subcommand(change.name, change.purpose);
  command->footer("  counterfoil keys " + std::string(change.name) + " mm-bot-3" +
                  (change.question != nullptr ? " --dry-run" : ""));
  const auto flags = std::make_shared<ChangeFlags>();
  CLI::Option* const key = command->add_option("key", flags->key, kKeyArgumentHelp);
  if (change.takes_many) {
    add_selection_flags(*command, flags->many);
  } else {
    key->required();
  }
  if (change.takes_cause) {
    command->add_option("--cause,--reason", flags->cause,
                        "why, in words that its owner and the audit log will see");
  }
  command->add_flag("--dry-run", flags->dry_run, "say what it would hit, and change nothing");
  if (change.reaches_descendants) {
    command->add_flag("--descendants", flags->descendants,
                      "do the same to the API keys that it made");
  }
  command->callback([&context, &change, flags] {
    on_node(context, [&](const NodeApi& api) { return run_change(api, context, change, *flags); });
  });
}

struct EditFlags {
  std::string key;
  std::string label;
  std::string permissions;
  std::string allow_list;
  std::string symbols;
  std::string expires;
  std::string vendor;
  CLI::Option* label_given = nullptr;
  CLI::Option* symbols_given = nullptr;
  CLI::Option* vendor_given = nullptr;
  bool dry_run = false;
};

std::expected<NodeJson, Failure> edit_body(const EditFlags& flags) {
  NodeJson body = NodeJson::object();
  if (*flags.label_given) {
    body["label"] = flags.label;
  }
  if (!flags.permissions.empty()) {
    body["permissions"] = split_list(flags.permissions);
  }
  if (!flags.allow_list.empty()) {
    body["allow_list"] = split_list(flags.allow_list);
  }
  if (*flags.symbols_given) {
    body["symbols"] = flags.symbols == "all" ? NodeJson::array() : split_list(flags.symbols);
  }
  if (*flags.vendor_given) {
    body["vendor"] = flags.vendor;
  }
  if (!flags.expires.empty()) {
    auto time = parse_expiry(flags.expires, SystemClock().now());
    if (!time) {
      return std::unexpected(time.error());
    }
    body["expires_at"] = *time;
  }
  if (body.empty()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "say what to change: --label, --permissions, --ip, --symbols, --expires, --vendor"});
  }
  return body;
}

std::expected<void, Failure> run_edit(const NodeApi& api, CommandContext& context,
                                      const EditFlags& flags) {
  const auto body = edit_body(flags);
  if (!body) {
    return std::unexpected(body.error());
  }
  const auto key = find_key(api, flags.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  if (flags.dry_run) {
    NodeJson wanted = *key;
    wanted.update(*body);
    context.data(context.flags.json
                     ? NodeJson{{"dry_run", true}, {"key", *key}, {"changes", *body}}.dump()
                     : "Would change " + key_name(*key) + ": " + body->dump() +
                           " Nothing changed (--dry-run).");
    return {};
  }
  const auto changed = api.patch(key_target(*key), *body);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  if (context.flags.json) {
    context.data(changed->dump());
  } else {
    show_key_facts(context, *changed, SystemClock().now());
    note_receipt(context, *changed);
  }
  return {};
}

void add_edit(CLI::App& keys, CommandContext& context) {
  CLI::App* const command =
      keys.add_subcommand("edit", "Change what an API key may do, its label or its expiry");
  command->footer(
      "  counterfoil keys edit mm-bot-3 --permissions USER_DATA --ip 203.0.113.7,10.0.0.0/8\n"
      "  counterfoil keys edit mm-bot-3 --expires 90d --symbols all");
  const auto flags = std::make_shared<EditFlags>();
  command->add_option("key", flags->key, kKeyArgumentHelp)->required();
  flags->label_given = command->add_option("--label", flags->label, "a name for people");
  command->add_option("--permissions,--permit", flags->permissions, "the whole new list");
  command->add_option("--ip", flags->allow_list, "the whole new list, or any");
  flags->symbols_given =
      command->add_option("--symbols", flags->symbols, "the whole new list, or all");
  command->add_option("--expires", flags->expires, "90d, 2026-12-31, or never");
  flags->vendor_given = command->add_option("--vendor", flags->vendor, "the application it is for");
  command->add_flag("--dry-run", flags->dry_run, "say what would change, and change nothing");
  command->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_edit(api, context, *flags); });
  });
}

}  // namespace

void add_key_changing(CLI::App& keys, CommandContext& context) {
  add_edit(keys, context);
  add_change(keys, context, kSuspend);
  add_change(keys, context, kResume);
  add_change(keys, context, kRevoke);
  add_change(keys, context, kEndRetiring);
  add_change(keys, context, kBackOut);
}

}  // namespace counterfoil
