#include "app/remote/mass_change.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/input_file.h"
#include "app/progress.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "base/time.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

constexpr std::size_t kKeysFileBytesMax = 16UL * 1024 * 1024;
constexpr std::size_t kListedAtATime = 900;  // what one call takes
constexpr std::chrono::seconds kCountPatience{120};
constexpr std::chrono::milliseconds kLookEvery{200};
constexpr std::string_view kActions = "/api/v1/mass-actions";

std::uint64_t number(const NodeJson& json, const char* name) {
  return json.value(name, std::uint64_t{0});
}

// past_time reads a date, a time, or a span before now: "7d" is a week ago.
std::expected<NodeJson, Failure> past_time(const char* flag, const std::string& text) {
  const Timestamp now = SystemClock().now();
  if (const auto span = parse_span(text)) {
    return NodeJson(time_text(now - *span));
  }
  const auto time = parse_date(text);
  if (!time) {
    return std::unexpected(
        Failure{ExitCode::kUsage, fmt::format("{} {} is not understood; write 7d (a week ago), a "
                                              "date such as 2026-12-31, or a time such as "
                                              "2026-12-31T08:00:00Z",
                                              flag, text)});
  }
  return NodeJson(time_text(*time));
}

std::expected<std::vector<std::string>, Failure> read_keys_file(const std::string& file) {
  const auto text = read_input(file, kKeysFileBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string> ids;
  std::string_view left = *text;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
    if (!line.empty() && !line.starts_with('#')) {
      ids.emplace_back(line);
    }
  }
  if (ids.empty()) {
    return std::unexpected(
        Failure{ExitCode::kUsage, file + " names no API key; it holds one a line"});
  }
  return ids;
}

std::expected<NodeJson, Failure> select_body(const SelectionFlags& flags) {
  NodeJson select = NodeJson::object();
  const std::array texts{std::pair("label", &flags.label), std::pair("vendor", &flags.vendor),
                         std::pair("used_from", &flags.used_from)};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) {
      select[name] = *text;
    }
  }
  if (!flags.accounts.empty()) {
    select["accounts"] = flags.accounts;
  }
  const std::array times{
      std::tuple("created_from", "--created-after", &flags.created_after),
      std::tuple("created_until", "--created-before", &flags.created_before),
      std::tuple("used_since", "--used-since", &flags.used_since),
  };
  for (const auto& [name, flag, text] : times) {
    if (text->empty()) {
      continue;
    }
    auto time = past_time(flag, *text);
    if (!time) {
      return std::unexpected(time.error());
    }
    select[name] = std::move(*time);
  }
  if (flags.everything) {
    select["everything"] = true;
  }
  return select;
}

// prepare gives the prepared action, with its whole list.
std::expected<NodeJson, Failure> prepare(const NodeApi& api, const std::string& verb,
                                         const SelectionFlags& flags, const std::string& cause) {
  auto select = select_body(flags);
  if (!select) {
    return std::unexpected(select.error());
  }
  std::vector<std::string> ids;
  if (!flags.keys_file.empty()) {
    auto read = read_keys_file(flags.keys_file);
    if (!read) {
      return std::unexpected(read.error());
    }
    ids = std::move(*read);
  }
  const auto part = [&](std::size_t from) {
    NodeJson list = NodeJson::array();
    for (std::size_t at = from; at < std::min(from + kListedAtATime, ids.size()); ++at) {
      list.push_back(ids[at]);
    }
    return list;
  };
  if (!ids.empty()) {
    (*select)["api_keys"] = part(0);
  }
  auto action = api.post(std::string(kActions),
                         {{"action", verb}, {"cause", cause}, {"select", *select}}, kCountPatience);
  for (std::size_t from = kListedAtATime; action && from < ids.size(); from += kListedAtATime) {
    action = api.post(fmt::format("{}/{}/keys", kActions, member(*action, "id")),
                      {{"api_keys", part(from)}}, kCountPatience);
  }
  // What was added is in no preview yet.
  return action && ids.size() > kListedAtATime
             ? api.get(fmt::format("{}/{}", kActions, member(*action, "id")))
             : action;
}

// radius says what an action hits: "1,240 API keys of 87 accounts: 1,200 active, 40 revoked".
std::string radius(const NodeJson& action) {
  const NodeJson& selected = action.at("selected");
  std::string states;
  for (const char* const state : {"active", "suspended", "expired", "revoked", "unreadable"}) {
    if (const auto count = number(selected, state); count != 0) {
      states += (states.empty() ? ": " : ", ") + grouped(count) + " " + state;
    }
  }
  return fmt::format("{} API keys of {} accounts{}", grouped(number(selected, "keys")),
                     grouped(number(selected, "accounts")), states);
}

std::uint64_t done_of(const NodeJson& action) {
  return number(action, "changed") + number(action, "already") + number(action, "refused");
}

}  // namespace

std::expected<void, Failure> write_mass_results(const NodeApi& api, CommandContext& context,
                                                const std::string& id) {
  std::string line;
  return api.stream(fmt::format("{}/{}/results", kActions, id), [&](std::string_view piece) {
    line += piece;
    for (std::size_t end = line.find('\n'); end != std::string::npos; end = line.find('\n')) {
      context.data(std::string_view(line).substr(0, end));
      line.erase(0, end + 1);
    }
    return true;
  });
}

bool SelectionFlags::is_set() const {
  return everything || !accounts.empty() ||
         !(label + vendor + created_after + created_before + used_from + used_since + keys_file)
              .empty();
}

void add_selection_flags(CLI::App& command, SelectionFlags& flags) {
  constexpr const char* kGroup = "Many API keys at once (all conditions must fit)";
  const auto add = [&](const char* name, std::string& text, const char* help) {
    command.add_option(name, text, help)->group(kGroup);
  };
  command
      .add_option("--account", flags.accounts,
                  "all of this account; may be repeated for several (at most 100)")
      ->allow_extra_args(false)
      ->group(kGroup);
  add("--label", flags.label, "all with exactly this label");
  add("--vendor", flags.vendor, "all that are for this application");
  add("--created-after", flags.created_after, "made at or after: 7d (a week ago), 2026-12-31");
  add("--created-before", flags.created_before, "made before");
  add("--used-from", flags.used_from, "accepted from this address or network");
  add("--used-since", flags.used_since, "with --used-from: at or after");
  add("--keys-file", flags.keys_file, "exactly those in this file, one API key a line; - is stdin");
  command.add_flag("--all", flags.everything, "every API key there is")->group(kGroup);
}

void show_mass_action(CommandContext& context, const NodeJson& action) {
  if (context.flags.json) {
    context.data(action.dump());
    return;
  }
  context.data(fmt::format("{}  {}, {}", member(action, "id"), member(action, "action"),
                           member(action, "state")));
  context.data("  selected    " + radius(action));
  context.data("  by          " + member(action, "by") + ", begun " + member(action, "begun_at"));
  if (const std::string cause = member(action, "cause"); !cause.empty()) {
    context.data("  cause       " + cause);
  }
  if (const std::string reason = member(action, "stop_reason"); !reason.empty()) {
    context.data("  stopped     the API key that started it was " +
                 std::string(reason == "starter_suspended" ? "suspended" : "revoked"));
  }
  context.data(fmt::format("  done        {} changed, {} were so before, {} refused",
                           grouped(number(action, "changed")), grouped(number(action, "already")),
                           grouped(number(action, "refused"))));
  if (action.contains("still_valid") && action.at("still_valid").is_number()) {
    context.data("  still valid " + grouped(number(action, "still_valid")) + " of the selection");
  }
}

std::expected<void, Failure> follow_mass_action(const NodeApi& api, CommandContext& context,
                                                const std::string& id) {
  const std::string target = fmt::format("{}/{}", kActions, id);
  Progress progress(context, "API keys");
  std::optional<std::uint64_t> before;
  while (true) {
    auto action = api.get(target);
    if (!action) {
      return std::unexpected(action.error());
    }
    if (member(*action, "state") != "running") {
      progress.clear();
      const bool has_results_file = !context.flags.output.empty();
      if (has_results_file) {
        if (auto written = write_mass_results(api, context, id); !written) {
          return written;
        }
      } else {
        show_mass_action(context, *action);
      }
      const std::uint64_t valid = number(*action, "still_valid");
      context.note(
          valid == 0 && number(*action, "refused") == 0 ? Mark::kDone : Mark::kWarning,
          fmt::format("{} changed, {} were so before, {} refused; {} of the selection "
                      "still valid",
                      grouped(number(*action, "changed")), grouped(number(*action, "already")),
                      grouped(number(*action, "refused")), grouped(valid)));
      if (!has_results_file) {
        context.say("  each API key with its receipt: counterfoil mass results " + id +
                    " -o results.jsonl");
      }
      if (number(*action, "refused") != 0 || member(*action, "state") != "done") {
        context.end(ExitCode::kNo);
      }
      return {};
    }
    const std::uint64_t done = done_of(*action);
    before = before.value_or(done);
    progress.update({.done = done,
                     .whole = number(action->at("selected"), "keys"),
                     .count = done,
                     .before = *before});
    std::this_thread::sleep_for(kLookEvery);
  }
}

std::expected<void, Failure> change_many(const NodeApi& api, CommandContext& context,
                                         const std::string& verb, const SelectionFlags& flags,
                                         const std::string& cause, bool dry_run) {
  const auto action = prepare(api, verb, flags, cause);
  if (!action) {
    return std::unexpected(action.error());
  }
  const std::string target = fmt::format("{}/{}", kActions, member(*action, "id"));
  const std::string change = grouped(number(*action, "to_change"));
  if (dry_run || number(action->at("selected"), "keys") == 0) {
    (void)api.post(target + "/stop", NodeJson::object());
    if (context.flags.json) {
      context.data(NodeJson{{"dry_run", true}, {"mass_action", *action}}.dump());
    } else {
      context.data("Selected: " + radius(*action) + ". Would " + verb + " " + change +
                   " of them. Nothing changed.");
    }
    return {};
  }
  context.say("Selected: " + radius(*action) + ".");
  const std::string question = verb == "revoke"
                                   ? "This cannot be undone. Revoke " + change + " API keys?"
                                   : "Go on and " + verb + " " + change + " API keys?";
  if (auto agreed = go_on(context, question); !agreed) {
    (void)api.post(target + "/stop", NodeJson::object());
    return agreed;
  }
  const auto started = api.post(target + "/start", NodeJson::object(), kCountPatience);
  if (!started) {
    return std::unexpected(started.error());
  }
  const std::string id = member(*started, "id");
  context.say("Mass action " + id + " goes on in the node if this is interrupted: counterfoil " +
              "mass follow|stop " + id);
  return follow_mass_action(api, context, id);
}

}  // namespace counterfoil
