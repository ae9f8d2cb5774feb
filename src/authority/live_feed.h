#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {

struct UsageRow;    // journal/journal.h, which no door may include
struct RefusalRow;  // ditto

// LiveRequest is one request that was judged a moment ago, or `count` alike ones. Texts that came
// from strangers are as they came, cut to their limits.
struct LiveRequest {
  std::uint64_t id = 0;  // rises
  std::string api_key;
  Timestamp at;
  bool is_accepted = false;
  std::string reason;  // of a refusal
  std::string request_id;
  std::string route;
  IpAddress address;
  std::string client;
  std::uint64_t count = 1;
};

// LiveFeed hands what the recorder has drained to whoever watches: the latest kKept requests of
// known API keys, in memory. Who comes too late for some of them reads the journal. It checks no
// right: the caller asks for the API keys that the one it answers may see. Safe to call from any
// thread.
class LiveFeed {
 public:
  static constexpr std::size_t kKept = 4'096;
  using Instant = std::chrono::steady_clock::time_point;

  // `clock` gives the first id, so that those of before a restart are lower.
  explicit LiveFeed(const Clock& clock);

  // publish takes rows that the journal has (Recorder::tell_kept).
  void publish(std::span<const UsageRow> uses, std::span<const RefusalRow> refusals);

  // head is the id of the latest one.
  [[nodiscard]] std::uint64_t head() const;
  // after gives the requests with ids above `after`, oldest first. It waits until there is one, at
  // most until `until`.
  [[nodiscard]] std::vector<LiveRequest> after(std::uint64_t after, Instant until) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t head_;
  std::deque<LiveRequest> kept_;
};

}  // namespace counterfoil
