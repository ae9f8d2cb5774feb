#include "authority/replay_memory.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "authority/fingerprint.h"
#include "authority/print_table.h"
#include "base/random.h"
#include "base/time.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShards = 16;

// choose_factor: it guards only against slowness, so a failing source need not stop anything.
std::uint64_t choose_factor() {
  SystemRandom random;
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  if (!random.fill(bytes)) {
    bytes.fill(0x9e);
  }
  return std::bit_cast<std::uint64_t>(bytes) | 1U;
}

// slot_of: stamps that are remembered lie within 93 seconds. Seconds that share a slot, as after a
// step of the clock, share a table and are forgotten together.
std::size_t slot_of(Timestamp stamped_at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(stamped_at.time_since_epoch());
  return static_cast<std::size_t>(static_cast<std::uint64_t>(second.count()) %
                                  ReplayMemory::kSlots);
}

}  // namespace

struct ReplayMemory::Shard {
  // Second is the requests of one second, or of none.
  struct Second {
    PrintTable prints;
    Timestamp forget_at{};
    [[nodiscard]] bool is_over(Timestamp now) const {
      return prints.has_begun() && forget_at + kKeptLonger < now;
    }
  };

  mutable std::mutex mutex;
  std::array<Second, kSlots> seconds;
  std::size_t size = 0;
  std::size_t last_size = 0;  // of a second that is over: the next will be like it

  // sweep forgets what has expired. It runs when a second begins, and when there is no room.
  void sweep(Timestamp now) {
    for (Second& second : seconds) {
      if (second.is_over(now)) {
        last_size = second.prints.size();
        size -= last_size;
        second.prints.end();
      }
    }
  }

  void insert(Second& second, const Fingerprint& print, std::uint64_t factor) {
    if (!second.prints.has_begun()) {
      second.prints.begin(factor, last_size);
      second.forget_at = Timestamp();
    }
    second.prints.insert(print);
    ++size;
  }
};

ReplayMemory::ReplayMemory(std::size_t capacity)
    : shard_capacity_(std::max<std::size_t>(1, capacity / kShards)),
      factor_(choose_factor()),
      shards_(std::make_unique<Shard[]>(kShards)) {}

ReplayMemory::~ReplayMemory() = default;

ReplayMemory::Shard& ReplayMemory::shard_of(const Fingerprint& print) const {
  return shards_[print.value % kShards];
}

void ReplayMemory::expect(const Fingerprint& print, Timestamp stamped_at) const {
  shard_of(print).seconds[slot_of(stamped_at)].prints.expect(print);
}

ReplayMemory::Answer ReplayMemory::admit(const Fingerprint& print, ReplayRule rule,
                                         const Stamped& stamped, Timestamp now) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  Shard::Second& second = shard.seconds[slot_of(stamped.at)];
  if (second.is_over(now)) {
    shard.sweep(now);
  }
  if (PrintTable::Count* const count = second.prints.find(print)) {
    if (rule == ReplayRule::kOnce) {
      return Answer::kSeen;
    }
    second.forget_at = std::max(second.forget_at, stamped.forget_at);
    if (*count < PrintTable::kCountMax) {
      ++*count;
    }
    return Answer::kFresh;
  }
  if (!second.prints.has_begun() || shard.size >= shard_capacity_) {
    shard.sweep(now);
  }
  if (shard.size >= shard_capacity_) {
    return Answer::kFull;
  }
  shard.insert(second, print, factor_);
  second.forget_at = std::max(second.forget_at, stamped.forget_at);
  return Answer::kFresh;
}

void ReplayMemory::withdraw(const Fingerprint& print, Timestamp stamped_at) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  PrintTable& prints = shard.seconds[slot_of(stamped_at)].prints;
  PrintTable::Count* const count = prints.find(print);
  if (count == nullptr || *count == PrintTable::kCountMax) {
    return;  // so often that it is not known how often
  }
  if (--*count == 0) {
    prints.erase(print);
    --shard.size;
  }
}

std::vector<ReplayMemory::Batch> ReplayMemory::batches(Timestamp now) const {
  std::vector<Batch> all;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      const Shard::Second& second = shards_[i].seconds[slot];
      if (second.prints.size() == 0 || second.is_over(now)) {
        continue;
      }
      Batch& batch =
          all.emplace_back(Batch{.slot = slot, .forget_at = second.forget_at, .prints = {}});
      batch.prints.reserve(second.prints.size());
      second.prints.for_each([&](const Fingerprint& print) { batch.prints.push_back(print); });
    }
  }
  return all;
}

bool ReplayMemory::restore(std::span<const Batch> batches) {
  const bool has_room =
      std::ranges::all_of(batches, [this](const Batch& batch) { return restore(batch); });
  for (std::size_t i = 0; !has_room && i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    for (Shard::Second& second : shards_[i].seconds) {
      second.prints.end();
    }
    shards_[i].size = 0;
  }
  return has_room;
}

bool ReplayMemory::restore(const Batch& batch) {
  for (const Fingerprint& print : batch.prints) {
    Shard& shard = shard_of(print);
    const std::scoped_lock lock(shard.mutex);
    if (shard.size >= shard_capacity_) {
      return false;
    }
    Shard::Second& second = shard.seconds[batch.slot];
    if (second.prints.find(print) == nullptr) {
      shard.insert(second, print, factor_);
    }
    second.forget_at = std::max(second.forget_at, batch.forget_at);
  }
  return true;
}

std::size_t ReplayMemory::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    total += shards_[i].size;
  }
  return total;
}

}  // namespace counterfoil
