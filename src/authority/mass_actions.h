#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/key_selection.h"
#include "authority/mass_action.h"
#include "authority/problem.h"
#include "authority/request_ids.h"
#include "base/random.h"
#include "base/time.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

class Journal;  // journal/journal.h, which no door may include
class SelectedKeys;

// MassActions suspends, resumes or revokes many API keys as one operation (control S-93): prepared
// and previewed, then started; from then on it is a record of the registry and goes on after a
// restart where it stood. Each part of it is one transaction that also says how far the action is,
// so no key is done twice and none is left out. Each key has its own audit record and receipt. One
// that an API key started ends before its next part when somebody else has revoked or suspended
// that API key.
//
// Safe to call from any thread; calls block on the store. Only one thread calls step().
class MassActions {
 public:
  static constexpr std::size_t kPreparedMax = 16;  // of one actor
  static constexpr std::chrono::minutes kPreparedFor{60};
  static constexpr std::size_t kListedMax = 1'000;  // actions that list() gives
  // After its end an action is kept so long, with what became of each key. Audit records and
  // receipts stay for good.
  static constexpr std::chrono::hours kKeptFor{24 * 30};

  // Everything must outlive it.
  struct Parts {
    AuditedRegistry& registry;
    Issuer& issuer;
    const Journal& journal;
    const PermissionTable& permissions;
    RandomSource& random;
    const Clock& clock;
  };
  explicit MassActions(const Parts& parts);
  MassActions(const MassActions&) = delete;
  MassActions& operator=(const MassActions&) = delete;
  MassActions(MassActions&&) = delete;
  MassActions& operator=(MassActions&&) = delete;
  ~MassActions();

  template <typename T>
  using Result = std::expected<T, Problem>;

  // wake_with sets what is called when step() has something new to do. load finds the actions that
  // an earlier start has left unfinished.
  void wake_with(std::function<void()> wake);
  [[nodiscard]] Result<void> load();

  // prepare previews an action and gives it an id; a list may be added to, by add_keys(), until it
  // is started. Problems of check_selection and check_cause; too_many_prepared: kPreparedMax of
  // this actor, so that nobody takes the others' places.
  [[nodiscard]] Result<MassAction> prepare(KeyVerb verb, const std::string& cause,
                                           KeySelection selection, const Actor& actor = {});
  // add_keys adds to the list of a prepared action: no_such_action, selection_mixed,
  // selection_too_long, action_started.
  [[nodiscard]] Result<MassAction> add_keys(const std::string& id,
                                            const std::vector<std::string>& api_keys);
  // start begins a prepared action; on one that is started already it changes nothing.
  [[nodiscard]] Result<MassAction> start(const std::string& id, const Actor& actor);
  // stop ends a running action after the part that is under way; what it has done stays.
  [[nodiscard]] Result<MassAction> stop(const std::string& id, const Actor& actor);

  // find previews a prepared action as its selection is now: with all that was added to its list.
  [[nodiscard]] Result<MassAction> find(const std::string& id) const;
  // list gives the latest first, prepared ones too.
  [[nodiscard]] Result<std::vector<MassAction>> list() const;
  // results hands on what became of each key, in lines of JSON, as far as the action has come:
  //   {"api_key", "account", "label", "outcome", "reason", "detail", "receipt"}
  // outcome: changed, already, or refused with reason and detail. The sink says false to end.
  [[nodiscard]] Result<void> results(const std::string& id,
                                     const std::function<bool(std::string_view)>& sink) const;

  // step does the next part of each running action, and wakes for the one after it. Call it after
  // each wake and about every second. false: there is nothing more to do now.
  bool step();
  // last_fault says why a running action does not come on; nullopt: nothing is in its way.
  [[nodiscard]] std::optional<std::string> last_fault() const;

 private:
  // Running is an action that step() is at: as it is stored, and where its walk is.
  struct Running;
  [[nodiscard]] Result<SelectionCounts> count(const KeySelection& selection) const;
  [[nodiscard]] SelectedKeys walk(const KeySelection& selection, std::string after) const;
  // look_up is find without the preview.
  [[nodiscard]] Result<MassAction> look_up(const std::string& id) const;
  [[nodiscard]] Result<std::vector<std::string>> stored_list(const MassAction& action) const;
  [[nodiscard]] Result<void> reload(Running& running) const;
  [[nodiscard]] Result<void> do_part(Running& running);
  // stopper gives who stopped an action; nullopt: it goes on. It notes a reason of our own.
  [[nodiscard]] Result<std::optional<Actor>> stopper(Running& running);
  // starter_gone says why the API key that started an action keeps it from going on (stop_reason);
  // empty: it does not, or no API key started it.
  [[nodiscard]] Result<std::string> starter_gone(Running& running) const;
  [[nodiscard]] Result<bool> has_changed(const MassAction& action,
                                         const std::string& api_key) const;
  [[nodiscard]] Result<void> finish(Running& running, MassAction::State how, const Actor& by);
  [[nodiscard]] Result<void> forget_old();
  void drop_old_prepared_locked();

  Parts parts_;
  mutable std::mutex mutex_;
  RequestIdSource ids_;                                                   // under mutex_
  std::function<void()> wake_;                                            // under mutex_
  std::map<std::string, MassAction, std::less<>> prepared_;               // under mutex_
  std::map<std::string, Actor, std::less<>> stops_;                       // asked for; under mutex_
  std::map<std::string, std::unique_ptr<Running>, std::less<>> running_;  // under mutex_; the
                                                                          // values: of step()
  std::optional<std::string> last_fault_;                                 // under mutex_
};

}  // namespace counterfoil
