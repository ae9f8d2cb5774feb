#include <CLI/App.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/finding_view.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/keys_group.h"
#include "app/remote/next_request.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/remedy.h"
#include "app/remote/wording.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

constexpr std::size_t kShortId = 8;  // enough to name a key by

struct FixFlags {
  std::string key;
  std::string apply;  // the number or the id of a remedy; empty: only tell
  bool wait = false;
};

std::string seen_line(const NodeJson& trouble, Timestamp now) {
  const auto last = time_member(trouble, "last_at");
  if (!last) {
    return "";
  }
  const auto count = trouble.value("count", std::uint64_t{0});
  const auto first = time_member(trouble, "first_at").value_or(*last);
  return "seen " + std::to_string(count) + (count == 1 ? " time" : " times") + " since " +
         relative(first, now) + ", last " + relative(*last, now) +
         (trouble.value("accepted_since", false) ? "; requests were accepted since then" : "") +
         "  (counterfoil refusals show " + member(trouble, "last_request_id") + ")";
}

const char* mark_of(const std::string& rank) {
  return rank == "possible_theft" ? "‼ " : rank == "warning" ? "! " : "✕ ";
}

void say_trouble(CommandContext& context, std::size_t number, const NodeJson& trouble,
                 const std::vector<Remedy>& numbered, Timestamp now) {
  const std::string rank = member(trouble, "rank");
  const std::string detail = safe_text(member(trouble, "detail"));
  const auto at = time_member(trouble, "at");
  context.data(std::to_string(number) + ". " + mark_of(rank) +
               (rank == "possible_theft" ? "Possible theft. " : "") + member(trouble, "title") +
               (detail.empty() ? "" : " (" + detail + ")") +
               (at ? (*at > now ? " That is " : " That was ") + relative(*at, now) + "." : "") +
               "  [" + member(trouble, "id") + "]");
  if (const std::string seen = seen_line(trouble, now); !seen.empty()) {
    context.data("   " + seen);
  }
  context.data("   fix  " + member(trouble, "fix"));
  for (const NodeJson& json : trouble.value("remedies", NodeJson::array())) {
    const auto ours = std::ranges::find(numbered, member(json, "id"), &Remedy::id);
    if (ours != numbered.end()) {
      context.data("   [" + std::to_string(ours - numbered.begin() + 1) + "] " + ours->text +
                   (ours->risk.empty() ? "" : "  Risk: " + ours->risk));
    } else if (member(json, "text") != member(trouble, "fix")) {
      context.data("    -  " + member(json, "text"));
    }
  }
}

void tell(CommandContext& context, const NodeJson& key, const NodeJson& fix,
          const std::vector<Remedy>& numbered) {
  const NodeJson troubles = fix.value("troubles", NodeJson::array());
  if (context.flags.json) {
    context.data(fix.dump());
  } else if (troubles.empty()) {
    context.note(Mark::kDone, key_name(key) + ": nothing is wrong");
  } else {
    const Timestamp now = time_member(fix, "as_of").value_or(SystemClock().now());
    std::size_t number = 0;
    for (const NodeJson& trouble : troubles) {
      say_trouble(context, ++number, trouble, numbered, now);
    }
    if (!numbered.empty()) {
      context.say("Do one of those with a number: counterfoil keys fix " +
                  member(key, "api_key").substr(0, kShortId) + " --apply NUMBER --wait");
    }
  }
  if (std::ranges::any_of(
          troubles, [](const NodeJson& trouble) { return member(trouble, "rank") != "warning"; })) {
    context.end(ExitCode::kNo);
  }
}

Done apply(const NodeApi& api, CommandContext& context, const NodeJson& key, const Remedy& remedy) {
  if (remedy.asks) {
    const std::string question =
        remedy.text + (remedy.risk.empty() ? "" : " Risk: " + remedy.risk) + " Do it?";
    if (auto answer = go_on(context, question); !answer) {
      return answer;
    }
  }
  const auto done = carry_out(api, key, remedy);
  if (!done) {
    return std::unexpected(done.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"api_key", member(key, "api_key")}, {"applied", remedy.id}}.dump());
  }
  context.note(Mark::kDone, key_name(key) + ": done. " + remedy.text);
  note_receipt(context, *done);
  return {};
}

// wait_and_tell says whether the next request is accepted; of a suspended key it has to be refused.
Done wait_and_tell(const NodeApi& api, CommandContext& context, const NodeJson& key,
                   Timestamp since, bool wants_refused) {
  const auto next = wait_for_request(api, context, key, since);
  if (!next) {
    return std::unexpected(next.error());
  }
  if (context.flags.json) {
    context.data(NodeJson{{"api_key", member(key, "api_key")},
                          {"next_request", next->accepted ? "accepted" : "refused"},
                          {"fixed", next->accepted != wants_refused},
                          {"refusal", next->refusal}}
                     .dump());
  } else if (next->accepted) {
    context.note(wants_refused ? Mark::kProblem : Mark::kDone,
                 (wants_refused ? "Not in force: the next request was accepted, from "
                                : "Fixed: the next request was accepted, from ") +
                     next->address + " for " + safe_text(next->route));
  } else {
    context.note(wants_refused ? Mark::kDone : Mark::kProblem,
                 wants_refused ? "In force: the next request was refused."
                               : "Not fixed yet: the next request was refused.");
    show_refusal(context, next->refusal, "");
  }
  if (next->accepted == wants_refused) {
    context.end(ExitCode::kNo);
  }
  return {};
}

Done run_fix(const NodeApi& api, CommandContext& context, const FixFlags& flags) {
  const auto key = find_key(api, flags.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  const auto fix = api.get(key_target(*key, "fix"));
  if (!fix) {
    return std::unexpected(fix.error());
  }
  const std::vector<Remedy> numbered = remedies_of(*fix);
  Timestamp since = time_member(*fix, "as_of").value_or(SystemClock().now());
  if (flags.apply.empty()) {
    tell(context, *key, *fix, numbered);
    return flags.wait ? wait_and_tell(api, context, *key, since, false) : Done();
  }
  const auto chosen = choose_remedy(numbered, flags.apply);
  if (!chosen) {
    return std::unexpected(chosen.error());
  }
  if (auto done = apply(api, context, *key, *chosen); !done) {
    return done;
  }
  if (!flags.wait) {
    return {};
  }
  // Only what comes after the change can say whether it mended anything.
  since = SystemClock().now();
  return wait_and_tell(api, context, *key, since, chosen->kind == "suspend");
}

}  // namespace

void add_key_fixing(CLI::App& keys, CommandContext& context) {
  CLI::App* const fixing = keys.add_subcommand(
      "fix", "Say what is wrong with an API key and its requests now, and what to do, worst first");
  fixing->footer(
      "  counterfoil keys fix mm-bot-3\n"
      "  counterfoil keys fix mm-bot-3 --apply 1 --wait\n"
      "  counterfoil keys fix mm-bot-3 --apply suspend\n"
      "Ends with 1 when something is wrong, 0 when not (warnings do not count). With --wait: 0 "
      "when "
      "the next request is accepted (of a key that was suspended: refused), else 1.");
  const auto flags = std::make_shared<FixFlags>();
  fixing->add_option("key", flags->key, kKeyArgumentHelp)->required();
  fixing->add_option("--apply", flags->apply,
                     "do this: the number before a way out, or its id (suspend, resume, renew, "
                     "allow_address:ADDRESS, tick_permission:NAME)");
  fixing->add_flag("--wait", flags->wait, "wait for the next request and say whether it is fixed");
  fixing->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_fix(api, context, *flags); });
  });
}

}  // namespace counterfoil
