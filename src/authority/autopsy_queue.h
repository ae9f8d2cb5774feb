#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/evidence.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/text_hash.h"
#include "keys/permission.h"
#include "verify/reason.h"
#include "wire/http/message_head.h"

namespace counterfoil {

// RefusedCopy is a refused request as it arrived, kept in memory until its autopsy and wiped then:
// people do send secrets where none belongs.
struct RefusedCopy {
  RefusedCopy() = default;
  RefusedCopy(const RefusedCopy&) = delete;
  RefusedCopy& operator=(const RefusedCopy&) = delete;
  RefusedCopy(RefusedCopy&&) = default;
  RefusedCopy& operator=(RefusedCopy&&) = delete;
  ~RefusedCopy();

  std::string request_id;
  Timestamp time;
  Reason reason = Reason::kInternal;
  std::string api_key;        // that it names, where that is one of ours; empty: it names none
  PermissionSet permissions;  // one of these is asked for; empty: any API key will do
  bool signature_must_be_last = false;
  autopsy::RefusedRequest request;
};

// RefusedView is what a door hands in, borrowed for the call.
struct RefusedView {
  std::string_view request_id;
  Timestamp time;
  Reason reason = Reason::kInternal;
  std::string_view api_key;  // one of ours, or empty
  PermissionSet permissions;
  bool signature_must_be_last = false;
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::string_view body;
  std::span<const http::Field> headers;
  IpAddress source;
  autopsy::Names names = {};
};

// AutopsyLimits of the queue. An API key's budget has two halves: one for whoever names the key,
// and one kept back for networks that have signed rightly with it before, so that a stranger who
// knows an API key cannot keep its owner from being told.
struct AutopsyLimits {
  std::size_t waiting_max = 256;
  std::size_t request_bytes_max = 16UL * 1024;  // query, body and headers; larger: not examined
  double per_half_minute_of_key = 60;           // of each half of an API key's budget, a minute
  double per_minute_of_network = 120;           // of an IPv4 /24 or IPv6 /48
};

// AutopsyCounters since the start. What is dropped was refused and recorded like the others; only
// its cause is not looked for.
struct AutopsyCounters {
  std::uint64_t taken = 0;
  std::uint64_t dropped_over_budget = 0;  // of the API key or the network
  std::uint64_t dropped_full = 0;         // too much waits
  std::uint64_t dropped_large = 0;
  [[nodiscard]] std::uint64_t dropped() const {
    return dropped_over_budget + dropped_full + dropped_large;
  }
};

// AutopsyQueue is where refused requests wait for their autopsy. It is bounded, and a door never
// waits for it. Safe to call from any thread.
class AutopsyQueue {
 public:
  explicit AutopsyQueue(RandomSource& random, const AutopsyLimits& limits = {});

  // offer keeps a copy of a refused request if the budgets allow it. For event loops: some
  // microseconds.
  void offer(const RefusedView& refused);
  // take gives what waits longest; nullopt: nothing does.
  [[nodiscard]] std::optional<RefusedCopy> take();
  // note_uses remembers the networks that signed rightly with an API key.
  void note_uses(std::span<const UsageRow> rows);
  [[nodiscard]] AutopsyCounters counters() const;

 private:
  // Half is what is left of a budget.
  struct Budget {
    double open = 0;  // for anybody
    double kept = 0;  // for known networks
    Timestamp at;     // when it was so
  };
  static constexpr std::size_t kBudgets = 4'096;  // strangers who share one by chance share it
  static constexpr std::size_t kKnown = 65'536;

  [[nodiscard]] std::uint64_t network_of(const IpAddress& address) const;
  [[nodiscard]] std::uint64_t known_mark(std::string_view api_key, std::uint64_t network) const;
  [[nodiscard]] bool is_known(std::uint64_t mark) const;
  [[nodiscard]] bool charge(const RefusedView& refused);
  static void refill(Budget& budget, double per_minute, Timestamp now);

  const AutopsyLimits limits_;
  TextHash::Key hash_key_{};
  std::mutex mutex_;  // guards the next three
  std::deque<RefusedCopy> waiting_;
  std::vector<Budget> of_keys_;
  std::vector<Budget> of_networks_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> known_;  // marks, each at its own place
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> dropped_over_budget_{0};
  std::atomic<std::uint64_t> dropped_full_{0};
  std::atomic<std::uint64_t> dropped_large_{0};
};

}  // namespace counterfoil
