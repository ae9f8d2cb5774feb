#include <CLI/App.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

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
  const char* name;      // of the command, and of the node's resource
  const char* done;      // "revoked"
  const char* purpose;   // for --help
  const char* question;  // asked before; nullptr: the change can be undone, nobody is asked
  bool takes_cause;
  bool takes_many;  // can be a mass action
};

constexpr StateChange kSuspend{"suspend", "suspended", "Refuse an API key until it is resumed",
                               nullptr,   true,        true};
constexpr StateChange kResume{
    "resume", "accepted again", "Let a suspended API key be accepted again", nullptr, false, true};
constexpr StateChange kRevoke{"revoke",
                              "revoked: no gateway accepts it any more",
                              "End an API key for good; answers once no gateway accepts it",
                              "This cannot be undone. Revoke it?",
                              true,
                              true};
constexpr StateChange kEndRetiring{
    "end-retiring",
    "left with one key pair",
    "End the retiring key pair of a rotation now",
    "Whoever still signs with the old pair is refused at once. End it?",
    false,
    false};

constexpr StateChange kBackOut{
    "back-out",
    "left with its old key pair",
    "Give up the new key pair of a rotation; the old one stays",
    "Whoever signs with the new pair already is refused at once. Give it up?",
    false,
    false};

struct ChangeFlags {
  std::string key;
  SelectionFlags many;
  std::string cause;
  bool dry_run = false;
};

std::string usage_sentence(const NodeJson& usage) {
  const std::int64_t hour = usage.value("accepted_last_hour", std::int64_t{0});
  const std::string last = member(usage, "last_used_at");
  return last.empty()
             ? "It was never used."
             : "Last used " + last + "; accepted in the last hour: " + std::to_string(hour) + ".";
}

// show_radius says what a change would hit.
std::expected<void, Failure> show_radius(const NodeApi& api, CommandContext& context,
                                         const NodeJson& key, const StateChange& change) {
  const auto usage = api.get(key_target(key, "usage"));
  if (!usage) {
    return std::unexpected(usage.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"dry_run", true},
                          {"action", change.name},
                          {"key", key},
                          {"last_used_at", usage->value("last_used_at", NodeJson())},
                          {"accepted_last_hour", usage->value("accepted_last_hour", 0)}}
                     .dump());
    return {};
  }
  context.data("Would " + std::string(change.name) + " " + key_name(key) + ", now " +
               member(key, "state") + ". " + usage_sentence(*usage) +
               " Nothing changed (--dry-run).");
  return {};
}

std::expected<void, Failure> run_change(const NodeApi& api, CommandContext& context,
                                        const StateChange& change, const ChangeFlags& flags) {
  if (flags.key.empty() != flags.many.is_set()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "name one API key, or say which ones by --vendor, --account, --keys-file and so on"});
  }
  if (flags.many.is_set()) {
    return change_many(api, context, change.name, flags.many, flags.cause, flags.dry_run);
  }
  const auto key = find_key(api, flags.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  if (flags.dry_run) {
    return show_radius(api, context, *key, change);
  }
  if (change.question != nullptr) {
    if (const auto agreed = go_on(context, key_name(*key) + ": " + change.question); !agreed) {
      return std::unexpected(agreed.error());
    }
  }
  const auto changed = api.post(key_target(*key, change.name), cause_body(flags.cause));
  if (!changed) {
    return std::unexpected(changed.error());
  }
  if (context.flags.json) {
    context.data(changed->dump());
  } else {
    context.note(Mark::kDone, key_name(*changed) + " is " + change.done);
    note_receipt(context, *changed);
  }
  return {};
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
