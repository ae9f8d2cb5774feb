#include "journal/recorder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"
#include "journal/journal.h"
#include "journal/refusal_list.h"
#include "journal/row_limits.h"
#include "journal/text_hash.h"
#include "journal/usage_table.h"

namespace counterfoil {
namespace {

// One call of the journal takes at most this many rows: nothing else is written meanwhile.
constexpr std::size_t kRowsPerCallMax = 2'000;

// The hash key guards only against slowness, so a failing source need not stop the recorder.
TextHash::Key choose_hash_key() {
  SystemRandom random;
  std::array<std::uint8_t, sizeof(TextHash::Key)> bytes{};
  if (!random.fill(bytes)) {
    bytes.fill(0);
  }
  return std::bit_cast<TextHash::Key>(bytes);
}

// Backlog is what was taken from the lanes and is not yet in the journal.
template <typename Row>
class Backlog {
 public:
  void add(std::vector<Row> rows) {
    rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()),
                 std::make_move_iterator(rows.end()));
  }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // write hands the rows over, a part at a time. After an error those of the parts that the journal
  // has taken are gone from here.
  template <typename Record>
  std::expected<void, JournalError> write(const Record& record) {
    std::expected<void, JournalError> written;
    std::size_t done = 0;
    while (written && done < rows_.size()) {
      const std::size_t size = std::min(kRowsPerCallMax, rows_.size() - done);
      written = record(std::span<const Row>(rows_).subspan(done, size));
      done += written ? size : 0;
    }
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(done));
    return written;
  }

 private:
  std::vector<Row> rows_;
};

}  // namespace

struct Recorder::Lane::State {
  State(const TextHash::Key& hash_key, const RecorderLimits& wanted)
      : limits(wanted),
        usage(std::make_unique<UsageTable>(hash_key, limits.usage_rows_max)),
        usage_spare(std::make_unique<UsageTable>(hash_key, limits.usage_rows_max)),
        refusals(std::make_unique<RefusalList>(hash_key, limits)),
        refusals_spare(std::make_unique<RefusalList>(hash_key, limits)) {}

  // swap_out leaves the lane with the empty spares. It is all that a drain holds the lock for.
  void swap_out() {
    const std::scoped_lock lock(mutex);
    std::swap(usage, usage_spare);
    std::swap(refusals, refusals_spare);
    is_half_full.store(false, std::memory_order_relaxed);
  }

  const RecorderLimits limits;
  std::mutex mutex;                         // guards usage and refusals
  std::unique_ptr<UsageTable> usage;        // of the event loop
  std::unique_ptr<UsageTable> usage_spare;  // of the drain, empty between two drains
  std::unique_ptr<RefusalList> refusals;
  std::unique_ptr<RefusalList> refusals_spare;
  std::atomic<bool> is_half_full{false};
  std::atomic<std::uint64_t> uses_dropped{0};
  std::atomic<std::uint64_t> refusals_dropped{0};
};

Recorder::Lane::Lane(const RecorderLimits& limits)
    : state_(std::make_unique<State>(choose_hash_key(), limits)) {}

Recorder::Lane::~Lane() = default;

void Recorder::Lane::count(const AcceptedUse& use) {
  AcceptedUse kept = use;
  kept.client = cut_text(use.client, kClientBytesMax);
  const std::scoped_lock lock(state_->mutex);
  if (!state_->usage->add(kept)) {
    state_->uses_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  if (state_->usage->size() > state_->limits.usage_rows_max / 2) {
    state_->is_half_full.store(true, std::memory_order_relaxed);
  }
}

void Recorder::Lane::refuse(RefusalRow&& row) {
  RefusalRow kept = within_limits(std::move(row));
  const std::scoped_lock lock(state_->mutex);
  if (state_->refusals->add(std::move(kept)) != RefusalList::Kept::kWhole) {
    state_->refusals_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  if (state_->refusals->size() > state_->limits.refusals_max / 2) {
    state_->is_half_full.store(true, std::memory_order_relaxed);
  }
}

struct Recorder::State {
  explicit State(const RecorderLimits& wanted) : limits(wanted) {}

  const RecorderLimits limits;
  mutable std::mutex lanes_mutex;  // guards the list; lanes never move
  std::deque<Lane> lanes;
  std::mutex drain_mutex;  // guards the backlogs and the lanes' spares
  Backlog<UsageRow> usage;
  Backlog<RefusalRow> refusals;
  Kept kept;  // under drain_mutex
  std::atomic<std::uint64_t> drains_failed{0};

  std::expected<void, JournalError> write(Journal& journal) {
    auto written = usage.write([&](std::span<const UsageRow> rows) {
      auto recorded = journal.record_usage(rows);
      if (recorded && kept) {
        kept(rows, {});
      }
      return recorded;
    });
    if (written) {
      written = refusals.write([&](std::span<const RefusalRow> rows) {
        auto recorded = journal.record_refusals(rows);
        if (recorded && kept) {
          kept({}, rows);
        }
        return recorded;
      });
    }
    if (!written) {
      drains_failed.fetch_add(1, std::memory_order_relaxed);
    }
    return written;
  }

  void take_from(Lane::State& lane) {
    lane.swap_out();
    usage.add(lane.usage_spare->take());
    refusals.add(lane.refusals_spare->take());
  }
};

Recorder::Recorder(const RecorderLimits& limits) : state_(std::make_unique<State>(limits)) {}

Recorder::~Recorder() = default;

void Recorder::tell_kept(Kept kept) {
  const std::scoped_lock draining(state_->drain_mutex);
  state_->kept = std::move(kept);
}

Recorder::Lane& Recorder::add_lane() {
  const std::scoped_lock lock(state_->lanes_mutex);
  return state_->lanes.emplace_back(state_->limits);
}

std::expected<void, JournalError> Recorder::drain(Journal& journal) {
  const std::scoped_lock draining(state_->drain_mutex);
  // While a batch waits, the lanes keep what comes, within their limits: the backlog must not grow.
  if (const auto written = state_->write(journal); !written) {
    return written;
  }
  {
    const std::scoped_lock lock(state_->lanes_mutex);
    for (Lane& lane : state_->lanes) {
      state_->take_from(*lane.state_);
    }
  }
  return state_->write(journal);
}

bool Recorder::wants_drain() const {
  const std::scoped_lock lock(state_->lanes_mutex);
  return std::ranges::any_of(state_->lanes, [](const Lane& lane) {
    return lane.state_->is_half_full.load(std::memory_order_relaxed);
  });
}

RecorderCounters Recorder::counters() const {
  RecorderCounters sum{.drains_failed = state_->drains_failed.load(std::memory_order_relaxed)};
  const std::scoped_lock lock(state_->lanes_mutex);
  for (const Lane& lane : state_->lanes) {
    sum.uses_dropped += lane.state_->uses_dropped.load(std::memory_order_relaxed);
    sum.refusals_dropped += lane.state_->refusals_dropped.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace counterfoil
