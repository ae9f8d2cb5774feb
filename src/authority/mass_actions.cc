#include "authority/mass_actions.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_selection.h"
#include "authority/mass_action.h"
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

constexpr std::size_t kIdsPerRecord = 8'000;  // some 520 kB

std::unexpected<Problem> no_such_action() {
  return problem(Kind::kNotFound, "no_such_mass_action",
                 "there is no mass action with this id here (a prepared one is forgotten after an "
                 "hour, and when the node stops); `counterfoil mass list` shows all");
}

std::string comma_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += (list.empty() ? "" : ",") + text;
  }
  return list;
}

// What an auditor reads of a selection.
std::map<std::string, std::string> detail_of(const KeySelection& selection) {
  std::map<std::string, std::string> detail;
  const auto add = [&](const char* name, std::string text) {
    if (!text.empty()) {
      detail[name] = std::move(text);
    }
  };
  const auto add_time = [&](const char* name, std::optional<Timestamp> time) {
    add(name, time ? audit_time_text(*time) : "");
  };
  add("account", comma_list(selection.accounts));
  add("label", selection.label);
  add("vendor", selection.vendor);
  add_time("created_from", selection.created_from);
  add_time("created_until", selection.created_until);
  add("used_from", selection.used_from ? selection.used_from->to_string() : "");
  add_time("used_since", selection.used_since);
  add("everything", selection.everything ? "yes" : "");
  add("listed", selection.api_keys.empty() ? "" : std::to_string(selection.api_keys.size()));
  return detail;
}

std::vector<Write> list_writes(MassAction& action) {
  std::vector<Write> writes;
  std::span<const std::string> left = action.selection.api_keys;
  while (!left.empty()) {
    const auto ids = left.first(std::min(left.size(), kIdsPerRecord));
    std::string text;
    for (const std::string& id : ids) {
      text += id + "\n";
    }
    writes.push_back(mass_part_write(mass_list_id(action.id, action.lists++), std::move(text)));
    left = left.subspan(ids.size());
  }
  return writes;
}

// sort_list puts a list in the order of the walk.
void sort_list(std::vector<std::string>& list) {
  std::ranges::sort(list);
  const auto twice = std::ranges::unique(list);
  list.erase(twice.begin(), twice.end());
}

}  // namespace

MassActions::MassActions(const Parts& parts) : parts_(parts), ids_(parts.random) {}
MassActions::~MassActions() = default;

void MassActions::wake_with(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

SelectedKeys MassActions::walk(const KeySelection& selection, std::string after) const {
  return {parts_.registry.read(), parts_.journal, parts_.permissions, selection, std::move(after)};
}

MassActions::Result<SelectionCounts> MassActions::count(const KeySelection& selection) const {
  SelectionCounts counts;
  const Timestamp now = parts_.clock.now();
  std::set<std::string> accounts;
  SelectedKeys keys = walk(selection, {});
  while (true) {
    const auto page = keys.next(kListMax);
    if (!page) {
      return std::unexpected(page.error());
    }
    counts.selected += page->ids.size();
    counts.unreadable += page->ids.size() - page->keys.size();
    for (const ApiKey& key : page->keys) {
      accounts.insert(key.account.text());
      switch (effective_state(key, now)) {
        case EffectiveState::kActive:
          ++counts.active;
          break;
        case EffectiveState::kSuspended:
          ++counts.suspended;
          break;
        case EffectiveState::kRevoked:
          ++counts.revoked;
          break;
        case EffectiveState::kExpired:
          ++counts.expired;
          break;
      }
    }
    if (page->is_last) {
      counts.accounts = accounts.size();
      return counts;
    }
  }
}

MassActions::Result<void> MassActions::load() {
  const std::scoped_lock lock(mutex_);
  const auto scanned =
      parts_.registry.read().scan(RecordKind::kMassAction, [&](const RecordView& record) {
        auto action = decode_mass_action(record.bytes);
        if (action && action->state == State::kRunning) {
          std::string id = action->id;
          running_[std::move(id)] =
              std::make_unique<Running>(Running{.action = std::move(*action)});
        }
      });
  return scanned ? Result<void>() : problem_of(scanned.error());
}

void MassActions::drop_old_prepared_locked() {
  const Timestamp now = parts_.clock.now();
  std::erase_if(prepared_,
                [&](const auto& entry) { return now - entry.second.begun > kPreparedFor; });
}

MassActions::Result<MassAction> MassActions::prepare(KeyVerb verb, const std::string& cause,
                                                     KeySelection selection, const Actor& actor) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  sort_list(selection.api_keys);
  sort_list(selection.accounts);
  if (const auto fine = check_selection(selection); !fine) {
    return std::unexpected(fine.error());
  }
  auto counts = count(selection);
  if (!counts) {
    return std::unexpected(counts.error());
  }
  const std::scoped_lock lock(mutex_);
  drop_old_prepared_locked();
  const auto is_theirs = [&](const MassAction& action) { return action.by.name == actor.name; };
  if (std::ranges::count_if(std::views::values(prepared_), is_theirs) >=
      static_cast<std::ptrdiff_t>(kPreparedMax)) {
    return problem(Kind::kConflict, "too_many_prepared",
                   "16 mass actions of yours are prepared and not started: start one, or wait an "
                   "hour");
  }
  MassAction action{.id = std::string(ids_.next().text()),
                    .verb = verb,
                    .cause = cause,
                    .selection = std::move(selection),
                    .by = actor,
                    .begun = parts_.clock.now(),
                    .at_start = *counts};
  return prepared_[action.id] = std::move(action);
}

MassActions::Result<MassAction> MassActions::add_keys(const std::string& id,
                                                      const std::vector<std::string>& api_keys) {
  auto action = look_up(id);
  if (!action) {
    return action;
  }
  if (action->state != State::kPrepared) {
    return problem(Kind::kConflict, "mass_action_started",
                   "this mass action was started, so its list stands; make another one");
  }
  KeySelection& selection = action->selection;
  if (selection.api_keys.empty()) {
    return problem(Kind::kInvalid, "selection_mixed",
                   "this mass action has conditions and no list, so none can be added to it");
  }
  selection.api_keys.insert(selection.api_keys.end(), api_keys.begin(), api_keys.end());
  sort_list(selection.api_keys);
  if (const auto fine = check_selection(selection); !fine) {
    return std::unexpected(fine.error());
  }
  const std::scoped_lock lock(mutex_);
  const auto prepared = prepared_.find(id);
  if (prepared == prepared_.end()) {
    return no_such_action();
  }
  return prepared->second = std::move(*action);
}

MassActions::Result<MassAction> MassActions::start(const std::string& id, const Actor& actor) {
  auto action = find(id);
  if (!action || action->state != State::kPrepared) {
    return action;
  }
  (void)forget_old();
  action->state = State::kRunning;
  action->by = actor;
  action->begun = parts_.clock.now();
  std::vector<Write> writes = list_writes(*action);
  writes.push_back(mass_action_write(*action, 0));
  AuditFact fact = mass_action_fact(*action, "start", actor);
  fact.detail.merge(detail_of(action->selection));
  if (!action->cause.empty()) {
    fact.detail["cause"] = action->cause;
  }
  const auto stored = parts_.registry.commit(std::move(writes), fact, Urgency::kRevocation);
  if (!stored && stored.error() == RegistryError::kConflict) {
    return find(id);  // Somebody else has just started it.
  }
  if (!stored) {
    return problem_of(stored.error());
  }
  const std::scoped_lock lock(mutex_);
  prepared_.erase(id);
  running_[id] = std::make_unique<Running>(Running{.action = *action});
  if (wake_) {
    wake_();
  }
  return action;
}

MassActions::Result<MassAction> MassActions::stop(const std::string& id, const Actor& actor) {
  auto action = look_up(id);
  const std::scoped_lock lock(mutex_);
  if (action && action->state == State::kPrepared) {
    prepared_.erase(id);
    action->state = State::kStopped;
  } else if (action && running_.contains(id)) {
    stops_.emplace(id, actor);
    if (wake_) {
      wake_();
    }
  }
  return action;
}

MassActions::Result<MassAction> MassActions::look_up(const std::string& id) const {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto prepared = prepared_.find(id); prepared != prepared_.end()) {
      return prepared->second;
    }
  }
  const auto record = parts_.registry.read().find(RecordKind::kMassAction, id);
  if (!record) {
    return problem_of(record.error());
  }
  auto action = *record ? decode_mass_action((*record)->bytes) : std::nullopt;
  return action ? Result<MassAction>(std::move(*action)) : no_such_action();
}

MassActions::Result<MassAction> MassActions::find(const std::string& id) const {
  auto action = look_up(id);
  if (!action || action->state != State::kPrepared) {
    return action;
  }
  auto counts = count(action->selection);
  if (!counts) {
    return std::unexpected(counts.error());
  }
  action->at_start = *counts;
  return action;
}

MassActions::Result<std::vector<MassAction>> MassActions::list() const {
  const auto records = parts_.registry.read().list(RecordKind::kMassAction, "", kListMax);
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<MassAction> actions;
  for (const Record& record : *records) {
    if (auto action = decode_mass_action(record.bytes)) {
      actions.push_back(std::move(*action));
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    std::ranges::copy(std::views::values(prepared_), std::back_inserter(actions));
  }
  std::ranges::sort(actions, std::ranges::greater(), &MassAction::begun);
  actions.resize(std::min(actions.size(), kListedMax));
  return actions;
}

MassActions::Result<void> MassActions::results(
    const std::string& id, const std::function<bool(std::string_view)>& sink) const {
  const auto action = look_up(id);
  if (!action) {
    return std::unexpected(action.error());
  }
  for (std::uint64_t number = 0; number < action->results; ++number) {
    const auto part =
        parts_.registry.read().find(RecordKind::kMassPart, mass_results_id(action->id, number));
    if (!part) {
      return problem_of(part.error());
    }
    if (*part && !sink((*part)->bytes)) {
      return {};
    }
  }
  return {};
}

std::optional<std::string> MassActions::last_fault() const {
  const std::scoped_lock lock(mutex_);
  return last_fault_;
}

}  // namespace counterfoil
