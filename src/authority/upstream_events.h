#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/identity_prover.h"
#include "authority/problem.h"
#include "authority/receipts.h"
#include "authority/request_ids.h"
#include "authority/upstream_event.h"
#include "base/random.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "registry/registry.h"

namespace counterfoil {

// EventRules say where the upstream is told of events, and whose orders it is asked to cancel.
struct EventRules {
  std::string path;  // "/counterfoil/events"
  bool cancel_when_revoked = true;
  bool cancel_when_suspended = true;
  bool cancel_when_expired = false;
  std::vector<std::chrono::days> reminders;  // so long before an API key runs out; longest first
  [[nodiscard]] bool cancels(KeyEnd end) const;
};

// UpstreamEvents tells the upstream of API keys that are accepted no more: each event once it is
// committed, again and again until the upstream has taken it (any 2xx answer) or for kToldFor.
// What waits is in the registry, so it outlives the process. Safe to call from any thread; only
// one calls deliver().
class UpstreamEvents {
 public:
  static constexpr std::chrono::hours kToldFor{72};
  // After an attempt in vain the next one comes after a second, then twice as long, at most this.
  static constexpr std::chrono::minutes kPauseMax{5};

  // Everything must outlive it. `send` makes one call to the upstream, with its own time limit; it
  // is called by deliver() alone.
  struct Parts {
    AuditedRegistry& registry;
    Receipts& receipts;
    const IdentityProver& prover;
    RandomSource& random;
    const Clock& clock;
    std::function<std::expected<HttpReply, std::string>(const HttpCall& call)> send;
    EventRules rules;
  };
  explicit UpstreamEvents(Parts parts);

  // wake_with sets what is called when deliver() has something new to do; as GatewayFeed's.
  void wake_with(std::function<void()> wake);

  // load finds the events that an earlier start has left untold.
  [[nodiscard]] std::expected<void, Problem> load();

  // write_of makes the write that stores `event` with its change, in place of an older event of the
  // key; withdrawal_of the one that takes back the event of an end which was not told yet, or
  // nullopt when there is none. Both fit the registry as it is now: a commit that fails with
  // kConflict asks anew.
  [[nodiscard]] std::expected<Write, Problem> write_of(UpstreamEvent& event) const;
  [[nodiscard]] std::expected<std::optional<Write>, Problem> withdrawal_of(std::string_view api_key,
                                                                           KeyEnd end) const;

  // announce is called once the event's transaction has been committed; withdrawn once the one that
  // took it back has.
  void announce(const UpstreamEvent& event);
  void withdrawn(std::string_view api_key, KeyEnd end);
  // answer_to waits for the first attempt to tell an event that was announced, but no longer than
  // `at_most`: kWaiting when that was in vain or is not over. What is waited for is told next,
  // however many others were announced before it.
  [[nodiscard]] UpstreamAnswer answer_to(const UpstreamEvent& event,
                                         std::chrono::milliseconds at_most);

  // deliver tells what is due. Call it about every second and after each wake.
  void deliver();

  // untold counts what waits; last_fault says in a sentence why, nullopt when the last attempt went
  // well.
  [[nodiscard]] std::size_t untold() const;
  [[nodiscard]] std::optional<std::string> last_fault() const;

 private:
  struct Pending {
    UpstreamEvent event;
    std::uint32_t attempts = 0;
    BootTime next_try{};
    int last_status = 0;
  };
  [[nodiscard]] std::vector<Pending> due() const;
  // tell, as those that call it, is false when no answer came: then the others would fare no better
  // now.
  [[nodiscard]] bool tell(Pending pending);
  [[nodiscard]] bool tell_awaited();
  [[nodiscard]] bool tell_unless_changed(Pending pending);
  [[nodiscard]] std::optional<Pending> next_awaited();
  [[nodiscard]] HttpCall call_for(const UpstreamEvent& event);
  // settle takes the event off the registry and its list, and hands the answer on.
  void settle(const Pending& pending, const UpstreamAnswer& answer);
  [[nodiscard]] bool erase(const UpstreamEvent& event, const UpstreamAnswer& answer);
  void put_off(Pending pending, std::string fault);
  void remember(const UpstreamAnswer& answer);

  Parts parts_;
  RequestIdSource request_ids_;  // of deliver()
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::function<void()> wake_;                           // under mutex_
  std::map<std::string, Pending, std::less<>> pending_;  // by API key; under mutex_
  std::deque<std::string> awaited_;        // API keys whose event is told first; under mutex_
  std::deque<UpstreamAnswer> answers_;     // the latest; under mutex_
  std::optional<std::string> last_fault_;  // under mutex_
};

}  // namespace counterfoil
