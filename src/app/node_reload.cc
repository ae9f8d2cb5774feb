#include "app/node_reload.h"

#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/log.h"
#include "app/node_settings.h"
#include "app/reload_plan.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"

namespace counterfoil {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ",") + name;
  }
  return text;
}

std::unexpected<Problem> faulty(std::string sentence) {
  if (sentence.ends_with('.')) {
    sentence.pop_back();
  }
  return problem(Problem::Kind::kInvalid, "configuration_faulty",
                 sentence + "; nothing was changed, the node goes on as before");
}

}  // namespace

std::expected<ReloadFacts, Problem> NodeReload::reload(const Actor& actor) {
  if (!parts_.load) {
    return problem(Problem::Kind::kConflict, "nothing_to_reload",
                   "this node has no configuration file to read again: stop it, and start it with "
                   "`counterfoil serve`");
  }
  const std::scoped_lock lock(one_at_a_time_);
  Outcome outcome = try_reload(actor);
  note(outcome);
  return outcome;
}

NodeReload::Outcome NodeReload::try_reload(const Actor& actor) {
  const auto config = parts_.load();
  const auto wanted = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  auto plan = wanted ? plan_reload(running_, files_, *wanted) : std::unexpected(wanted.error());
  if (!plan) {
    return faulty(plan.error().sentence);
  }
  auto takeover = parts_.prepare(plan->next);
  if (!takeover) {
    return faulty(takeover.error());
  }
  const auto recorded =
      parts_.audited.commit({}, {.actor = actor.name,
                                 .source = actor.source,
                                 .action = "node.reload",
                                 .object = running_.name,
                                 .detail = {{"taken_over", joined(plan->facts.taken_over)},
                                            {"needs_restart", joined(plan->facts.needs_restart)}}});
  if (!recorded) {
    return problem_of(recorded.error());
  }
  const bool is_everywhere = (*takeover)();
  running_ = std::move(plan->next);
  files_ = plan->files;
  {
    const std::scoped_lock told(told_mutex_);
    told_.reloaded_at = parts_.clock.now();
    told_.needs_restart = plan->facts.needs_restart;
  }
  if (!is_everywhere) {
    return problem(Problem::Kind::kUnavailable, "not_in_force",
                   "the settings are taken over, but an event loop has not come round for some "
                   "seconds and goes by those of before until it does");
  }
  return std::move(plan->facts);
}

void NodeReload::note(const Outcome& outcome) {
  {
    const std::scoped_lock lock(told_mutex_);
    told_.fault = outcome ? std::nullopt : std::optional(outcome.error().detail);
  }
  if (!outcome) {
    parts_.log.write(LogLevel::kError, "reload_failed", {{"detail", outcome.error().detail}});
    return;
  }
  parts_.log.write(LogLevel::kInfo, "reloaded",
                   {{"taken_over", joined(outcome->taken_over)},
                    {"needs_restart", joined(outcome->needs_restart)}});
}

void NodeReload::tell(NodeStatus& status) const {
  const std::scoped_lock lock(told_mutex_);
  status.reloaded_at = told_.reloaded_at;
  status.needs_restart = told_.needs_restart;
  if (told_.fault) {
    status.troubles.push_back({.reason = "reload_failed", .sentence = *told_.fault});
  }
}

}  // namespace counterfoil
