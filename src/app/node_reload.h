#pragma once

#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "app/log.h"
#include "app/node_settings.h"
#include "app/reload_plan.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/time.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"

namespace counterfoil {

// ConfigLoader reads the configuration a node was started with again: the same file, environment
// and flags.
using ConfigLoader = std::function<std::expected<Config, Failure>()>;

// NodeReload has a running node go by its configuration as it is now, without a restart. All is
// checked before anything changes: a fault leaves everything as it was, and is told in the log, in
// the answer and in the status until a reload goes well. Any thread; one reload at a time.
class NodeReload {
 public:
  // Takeover puts a checked change into force. It cannot fail; false: an event loop has not come
  // round yet.
  using Takeover = std::move_only_function<bool()>;

  // Everything must outlive it.
  struct Parts {
    ConfigLoader load;  // empty: the node has no configuration to read again
    // prepare finds out what only the machine can tell. The error is a sentence.
    std::function<std::expected<Takeover, std::string>(const NodeSettings& next)> prepare;
    AuditedRegistry& audited;
    const Clock& clock;
    Log& log;
  };
  NodeReload(Parts parts, NodeSettings started_with)
      : parts_(std::move(parts)),
        running_(std::move(started_with)),
        files_(WatchedFiles::of(running_)) {}

  // reload is recorded in the audit log as node.reload, with the names of the settings, before it
  // comes into force. Problem: nothing_to_reload, configuration_faulty, those of the registry;
  // not_in_force (it is taken over, but not everywhere yet).
  [[nodiscard]] std::expected<ReloadFacts, Problem> reload(const Actor& actor);

  // tell adds what the operator should know.
  void tell(NodeStatus& status) const;

 private:
  using Outcome = std::expected<ReloadFacts, Problem>;
  [[nodiscard]] Outcome try_reload(const Actor& actor);
  void note(const Outcome& outcome);

  Parts parts_;
  std::mutex one_at_a_time_;
  NodeSettings running_;  // under one_at_a_time_, as is the next
  WatchedFiles files_;

  // Told while a reload may be under way.
  struct Told {
    std::optional<Timestamp> reloaded_at;
    std::vector<std::string> needs_restart;
    std::optional<std::string> fault;  // of the last reload
  };
  mutable std::mutex told_mutex_;
  Told told_;  // under told_mutex_
};

}  // namespace counterfoil
