#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/webhook.h"
#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/webhook_news.h"
#include "authority/webhook_records.h"
#include "base/random.h"
#include "base/time.h"
#include "journal/journal.h"
#include "outbound/http_client.h"
#include "registry/registry.h"

namespace counterfoil {

// WebhookSender tells webhooks of what the audit log says, by the contract of Standard Webhooks.
// It reads the log once the journal has it, so no change waits for a webhook, nor fails because of
// one. What is to be told is stored, with how far the log was read, until the receiver has taken it
// (any 2xx answer) or the last attempt is over; so it outlives the process, and is told at least
// once.
//
// Of one webhook at most kWaitingMax deliveries wait, of all together kWaitingOfAllMax; what comes
// on top is left out and counted. Each webhook is called by one thread at a time, the oldest
// delivery first. A receiver that fails is left alone for a while (authority/webhook_schedule.h),
// so with several threads a dead one holds up nothing but its own deliveries.
//
// Safe to call from any thread; it waits for the stores, and deliver_one() for a receiver.
class WebhookSender {
 public:
  static constexpr std::size_t kWaitingMax = 1'000;
  static constexpr std::size_t kWaitingOfAllMax = 20'000;
  static constexpr std::size_t kKept = 100;  // of one webhook, once they are over; older ones go

  // Everything must outlive it. `send` makes one call, with its own time limit.
  struct Parts {
    AuditedRegistry& audited;
    Registry& registry;
    const Journal& journal;
    Sealer& sealer;
    RandomSource& random;
    const Clock& clock;
    std::function<std::expected<HttpReply, std::string>(const std::string& url, HttpCall call)>
        send;
  };
  explicit WebhookSender(Parts parts) : parts_(std::move(parts)) {}

  // wake_with sets what is called when deliver_one() has something new to do.
  void wake_with(std::function<void()> wake);

  // load finds what an earlier start has left waiting.
  [[nodiscard]] std::expected<void, Problem> load();

  // collect takes what is new in the audit log. Call it about every second. After a Problem the
  // next call goes on where this one stopped.
  [[nodiscard]] std::expected<void, Problem> collect();

  // deliver_one makes one attempt that is due; false: there is none. Any number of threads.
  [[nodiscard]] bool deliver_one();
  // stop has deliver_one find nothing more to do.
  void stop();

  // add has one more delivery told, in its turn: too_many_waiting, or a fault of the store.
  [[nodiscard]] std::expected<StoredDelivery, Problem> add(const std::string& webhook,
                                                           WebhookDelivery delivery);
  // let_go_on forgets that a receiver failed: its holder says that it is well again.
  void let_go_on(std::string_view webhook);
  // forget drops what waits for a webhook that is no more.
  void forget(std::string_view webhook);

  // waiting counts the deliveries that wait; left_out those that did not find room since the start.
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint64_t left_out() const;

 private:
  using Done = std::expected<void, Problem>;
  struct Waiting {
    StoredDelivery stored;
    BootTime due{};
  };
  // Line is what waits for one webhook.
  struct Line {
    std::map<std::string, Waiting, std::less<>> waiting;  // by record id: the newest first
    bool is_busy = false;
    BootTime held_until{};
    std::uint32_t failures = 0;         // in a row
    std::size_t over_since_prune = 50;  // so that the first look prunes
  };
  struct Job {
    std::string webhook;
    StoredDelivery delivery;
  };
  enum class Outcome : std::uint8_t { kTaken, kGone, kFailed };
  struct Tried {
    Outcome outcome = Outcome::kFailed;
    std::chrono::seconds retry_after{};
    bool is_refused = false;  // the rules of control S-77 forbid the address
  };
  struct Batch {
    std::vector<StoredDelivery> deliveries;
    std::vector<std::string> webhooks;  // of each
    std::uint64_t place = 0;
    std::uint64_t left_out = 0;
  };

  [[nodiscard]] Done find_place();
  [[nodiscard]] std::expected<Batch, Problem> batch_of(const std::vector<AuditRow>& rows);
  [[nodiscard]] Done add_news(const WebhookNews& news,
                              std::map<std::string, std::vector<Webhook>, std::less<>>& known,
                              Batch& batch);
  [[nodiscard]] std::expected<std::vector<Webhook>, Problem> webhooks_for(
      const std::string& account) const;
  [[nodiscard]] Done store(Batch batch);
  // has_room: besides what is in `batch` already.
  [[nodiscard]] bool has_room(const std::string& webhook, const Batch& batch) const;
  void prune();
  [[nodiscard]] Done prune(const std::string& webhook);

  [[nodiscard]] std::optional<Job> take();
  void attempt(const Job& job);
  [[nodiscard]] std::expected<HttpCall, Problem> call_for(const Webhook& webhook,
                                                          const WebhookDelivery& delivery) const;
  [[nodiscard]] Tried try_once(const Webhook& webhook, WebhookDelivery& delivery);
  void settle(const Job& job, const StoredDelivery& now, const Tried& tried);
  void release(const std::string& webhook);
  // disable stops a webhook, once, and has its holders told.
  void disable(const std::string& webhook, WebhookStop why, std::uint32_t last_status);
  void give_up_all(const std::string& webhook);
  void note_refused_address(const Webhook& webhook);
  [[nodiscard]] std::uint8_t jitter() const;

  Parts parts_;
  std::mutex collect_mutex_;            // one collect() at a time
  std::optional<std::uint64_t> place_;  // under collect_mutex_: the last record that was read
  std::uint64_t stored_place_ = 0;      // under collect_mutex_
  std::uint64_t place_modified_ = 0;    // under collect_mutex_: of the setting
  mutable std::mutex mutex_;
  std::function<void()> wake_;                      // under mutex_
  std::map<std::string, Line, std::less<>> lines_;  // by webhook; under mutex_
  std::size_t waiting_ = 0;                         // in all lines; under mutex_
  std::uint64_t left_out_ = 0;                      // under mutex_
  bool is_stopped_ = false;                         // under mutex_
};

}  // namespace counterfoil
