#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/mass_action.h"
#include "authority/mass_actions.h"
#include "authority/mass_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/running_mass_action.h"
#include "authority/selected_keys.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
using State = MassAction::State;

// The first part is small, so that its effect is there at once; another one is a tenth of a second
// at most, in which single changes wait.
constexpr std::size_t kFirstPart = 100;
constexpr std::size_t kPart = 500;

// starter_of gives the API key that started an action, if that was one (KeyCaller::actor).
std::optional<std::string> starter_of(const MassAction& action) {
  constexpr std::string_view kOfAKey = "key:";
  return action.by.name.starts_with(kOfAKey) ? std::optional(action.by.name.substr(kOfAKey.size()))
                                             : std::nullopt;
}

}  // namespace

MassActions::Result<std::vector<std::string>> MassActions::stored_list(
    const MassAction& action) const {
  std::vector<std::string> ids;
  for (std::uint64_t number = 0; number < action.lists; ++number) {
    const auto part =
        parts_.registry.read().find(RecordKind::kMassPart, mass_list_id(action.id, number));
    if (!part) {
      return problem_of(part.error());
    }
    if (!*part) {
      return problem(Kind::kUnavailable, "record_unreadable",
                     "a part of the mass action's list is missing; stop it and make another one");
    }
    for (const auto line : std::string_view((*part)->bytes) | std::views::split('\n')) {
      if (!line.empty()) {
        ids.emplace_back(std::string_view(line));
      }
    }
  }
  return ids;
}

MassActions::Result<void> MassActions::reload(Running& running) const {
  const auto record = parts_.registry.read().find(RecordKind::kMassAction, running.action.id);
  if (!record) {
    return problem_of(record.error());
  }
  auto action = *record ? decode_mass_action((*record)->bytes) : std::nullopt;
  if (!action) {
    return problem(Kind::kUnavailable, "record_unreadable",
                   "the mass action's record cannot be read");
  }
  auto list = stored_list(*action);
  if (!list) {
    return std::unexpected(list.error());
  }
  action->selection.api_keys = std::move(*list);
  if (action->results != 0) {
    // The process may have ended between the last part and its receipts.
    const auto part = parts_.registry.read().find(RecordKind::kMassPart,
                                                  mass_results_id(action->id, action->results - 1));
    if (!part) {
      return problem_of(part.error());
    }
    if (auto proved = parts_.issuer.prove(
            action->verb, *part ? read_changed((*part)->bytes) : std::vector<BatchKey>());
        !proved) {
      return proved;
    }
  }
  running.keys.emplace(walk(action->bounded(), action->looked_at));
  running.action = std::move(*action);
  running.version = (*record)->modified;
  return {};
}

bool MassActions::step() {
  std::vector<Running*> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& running : std::views::values(running_)) {
      all.push_back(running.get());
    }
  }
  bool has_more = false;
  std::optional<std::string> fault;
  for (Running* const running : all) {
    if (const auto done = do_part(*running); !done) {
      running->version = 0;  // What is stored is not known any more.
      fault = "mass action " + running->action.id + ": " + done.error().detail;
      continue;
    }
    if (running->action.state == State::kRunning) {
      has_more = true;
      continue;
    }
    const std::scoped_lock lock(mutex_);
    stops_.erase(running->action.id);
    running_.erase(std::string(running->action.id));
  }
  const std::scoped_lock lock(mutex_);
  last_fault_ = std::move(fault);
  if (has_more && wake_) {
    wake_();
  }
  return has_more;
}

MassActions::Result<void> MassActions::do_part(Running& running) {
  if (running.version == 0) {
    if (auto fresh = reload(running); !fresh) {
      return fresh;
    }
  }
  const auto stopped_by = stopper(running);
  if (!stopped_by || *stopped_by) {
    return stopped_by ? finish(running, State::kStopped, **stopped_by)
                      : std::unexpected(stopped_by.error());
  }
  MassAction next = running.action;
  auto page = running.keys->next(next.results == 0 ? kFirstPart : kPart);
  if (!page) {
    return std::unexpected(page.error());
  }
  next.looked_at = page->looked_at;
  if (!page->ids.empty()) {
    const auto note = [&](const std::vector<BatchKey>& keys) {
      next = running.action;
      next.looked_at = page->looked_at;
      std::string lines;
      for (const BatchKey& key : keys) {
        next.changed += key.outcome == BatchKey::Outcome::kChanged ? 1 : 0;
        next.already += key.outcome == BatchKey::Outcome::kAlready ? 1 : 0;
        next.refused += key.outcome == BatchKey::Outcome::kRefused ? 1 : 0;
        lines += mass_result_line(key);
      }
      std::vector<Write> writes{
          mass_part_write(mass_results_id(next.id, next.results++), std::move(lines))};
      writes.push_back(mass_action_write(next, running.version));
      return std::pair(std::move(writes), mass_action_fact(next, "part", next.by));
    };
    const auto batch = parts_.issuer.change_all({.verb = next.verb,
                                                 .api_keys = std::move(page->ids),
                                                 .cause = next.cause,
                                                 .operation = next.id,
                                                 .note = note},
                                                next.by);
    if (!batch) {
      return std::unexpected(batch.error());
    }
    running.version = batch->is_proved ? batch->revision.number : 0;
  }
  running.action = std::move(next);
  if (running.version == 0 && running.action.results != 0) {
    return {};  // the receipts first: see reload()
  }
  return page->is_last ? finish(running, State::kDone, running.action.by) : Result<void>();
}

MassActions::Result<std::optional<Actor>> MassActions::stopper(Running& running) {
  {
    const std::scoped_lock lock(mutex_);
    const auto stop = stops_.find(running.action.id);
    if (stop != stops_.end()) {
      return stop->second;
    }
  }
  auto reason = starter_gone(running);
  if (!reason) {
    return std::unexpected(std::move(reason.error()));
  }
  if (reason->empty()) {
    return std::nullopt;
  }
  running.action.stop_reason = std::move(*reason);
  return Actor{.name = "system", .source = "local"};
}

MassActions::Result<std::string> MassActions::starter_gone(Running& running) const {
  const auto starter = starter_of(running.action);
  if (!starter || running.changed_starter) {
    return std::string();
  }
  const auto stored = parts_.issuer.stored_key(*starter);
  if (!stored && stored.error().kind != Kind::kNotFound) {
    return std::unexpected(stored.error());
  }
  if (stored && stored->key.state == KeyState::kActive) {
    return std::string();
  }
  // One that was selected, too, and that the action itself suspended or revoked, wanted all of it.
  const auto changed = has_changed(running.action, *starter);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  running.changed_starter = *changed;
  if (*changed) {
    return std::string();
  }
  return stored && stored->key.state == KeyState::kSuspended ? "starter_suspended"
                                                             : "starter_revoked";
}

MassActions::Result<bool> MassActions::has_changed(const MassAction& action,
                                                   const std::string& api_key) const {
  for (std::uint64_t number = 0; number < action.results; ++number) {
    const auto part =
        parts_.registry.read().find(RecordKind::kMassPart, mass_results_id(action.id, number));
    if (!part) {
      return problem_of(part.error());
    }
    const auto changed = *part ? read_changed((*part)->bytes) : std::vector<BatchKey>();
    if (std::ranges::find(changed, api_key, &BatchKey::api_key) != changed.end()) {
      return true;
    }
  }
  return false;
}

MassActions::Result<void> MassActions::finish(Running& running, State how, const Actor& by) {
  MassAction ended = running.action;
  ended.state = how;
  ended.ended = parts_.clock.now();
  if (ended.verb != KeyVerb::kResume) {
    // Keys that were made meanwhile are among them, and those that were refused.
    const auto left = count(ended.selection);
    if (!left) {
      return std::unexpected(left.error());
    }
    ended.still_valid = left->active;
  }
  AuditFact fact = mass_action_fact(ended, how == State::kDone ? "end" : "stop", by);
  if (ended.still_valid) {
    fact.detail["still_valid"] = std::to_string(*ended.still_valid);
  }
  if (!ended.stop_reason.empty()) {
    fact.detail["reason"] = ended.stop_reason;
  }
  const auto stored = parts_.registry.commit({mass_action_write(ended, running.version)}, fact,
                                             Urgency::kRevocation);
  if (!stored) {
    return problem_of(stored.error());
  }
  running.action = std::move(ended);
  return {};
}

MassActions::Result<void> MassActions::forget_old() {
  const auto actions = list();
  if (!actions) {
    return std::unexpected(actions.error());
  }
  for (const MassAction& action : *actions) {
    if (!action.ended || parts_.clock.now() - *action.ended <= kKeptFor) {
      continue;
    }
    std::vector<Write> writes;
    const auto erase = [&](RecordKind kind, std::string id) -> Result<void> {
      const auto record = parts_.registry.read().find(kind, id);
      if (!record) {
        return problem_of(record.error());
      }
      if (*record) {
        writes.push_back({.kind = kind,
                          .id = std::move(id),
                          .bytes = std::nullopt,
                          .expected_modified = (*record)->modified});
      }
      return {};
    };
    Result<void> done;
    for (std::uint64_t number = 0; done && number < action.lists; ++number) {
      done = erase(RecordKind::kMassPart, mass_list_id(action.id, number));
    }
    // What does not fit into this transaction goes with a later start's.
    for (std::uint64_t number = 0; done && number < action.results; ++number) {
      done = writes.size() < kWritesPerTransactionMax - 1
                 ? erase(RecordKind::kMassPart, mass_results_id(action.id, number))
                 : done;
    }
    if (done && writes.size() < kWritesPerTransactionMax - 1) {
      done = erase(RecordKind::kMassAction, action.id);
    }
    if (!done) {
      return done;
    }
    const auto erased = parts_.registry.commit(
        std::move(writes),
        mass_action_fact(action, "forget", {.name = "system", .source = "local"}));
    if (!erased) {
      return problem_of(erased.error());
    }
  }
  return {};
}

}  // namespace counterfoil
