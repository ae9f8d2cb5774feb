#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"

namespace counterfoil {

inline constexpr std::size_t kUseIdBytesMax = 32;

// AcceptedUse is one accepted request, borrowed for the call.
struct AcceptedUse {
  std::string_view api_key;  // 64 characters
  std::uint32_t pair = 0;
  IpAddress address;
  std::string_view client;  // the User-Agent; cut to kClientBytesMax
  std::string_view route;
  Timestamp now;
  std::string_view request_id;         // cut to kUseIdBytesMax
  std::chrono::microseconds delay{0};  // our time minus its timestamp
};

// RecorderLimits of each lane. Past them uses are dropped, and refusals are added to the count of
// one like them (same API key, reason, route and address) or dropped; both are counted: recording
// never waits. A quarter of the refusals is for requests without an account of ours, so that
// strangers cannot take the room of holders.
struct RecorderLimits {
  std::size_t usage_rows_max = 65'536;  // different (API key, pair, address, client, route)
  std::size_t refusals_max = 4'096;
  std::size_t refusal_bytes_max = 16UL * 1024 * 1024;  // of their sealed requests
};

// RecorderCounters since the recorder was made.
struct RecorderCounters {
  std::uint64_t uses_dropped = 0;      // accepted requests that were not counted
  std::uint64_t refusals_dropped = 0;  // refused requests of which at most a count is kept
  std::uint64_t drains_failed = 0;  // the journal did not take a batch; it is kept and tried again
};

// Recorder is what stands between the path of a request and the journal: it sums up in memory, a
// background thread drains it every kDrainInterval, or more seldom while drains take long.
class Recorder {
 public:
  // Lane belongs to one event loop: count() and refuse() are called by that one thread.
  class Lane {
   public:
    explicit Lane(const RecorderLimits& limits);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    Lane(Lane&&) = delete;
    Lane& operator=(Lane&&) = delete;
    ~Lane();

    // count adds one accepted request. It does not allocate when the same key, pair, address,
    // client and route were counted since the last drain.
    void count(const AcceptedUse& use);
    // refuse takes one refused request. Past the bytes limit it is kept without its sealed request.
    void refuse(RefusalRow&& row);

   private:
    friend class Recorder;
    struct State;
    std::unique_ptr<State> state_;
  };

  static constexpr std::chrono::milliseconds kDrainInterval{250};

  explicit Recorder(const RecorderLimits& limits = {});
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  Recorder(Recorder&&) = delete;
  Recorder& operator=(Recorder&&) = delete;
  ~Recorder();

  // Kept is told what a drain has put into the journal, once it is there. On the draining thread.
  using Kept =
      std::function<void(std::span<const UsageRow> uses, std::span<const RefusalRow> refusals)>;
  // tell_kept: before the first drain.
  void tell_kept(Kept kept);

  // add_lane makes the lane of one event loop; it lives as long as the recorder. Any thread.
  [[nodiscard]] Lane& add_lane();

  // drain moves everything recorded so far into the journal. One batch that the journal did not
  // take is kept and tried first next time; meanwhile the lanes fill to their limits. Any thread,
  // one at a time (a second caller waits).
  [[nodiscard]] std::expected<void, JournalError> drain(Journal& journal);

  // wants_drain says that a lane is more than half full, so a drain before the interval ends is
  // worth it.
  [[nodiscard]] bool wants_drain() const;

  [[nodiscard]] RecorderCounters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace counterfoil
