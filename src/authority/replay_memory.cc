#include "authority/replay_memory.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShards = 16;
struct PrintHash {
  using is_avalanching = void;
  std::size_t operator()(const Fingerprint& print) const noexcept { return print.low; }
};

// slot_of: stamps that are remembered lie within 93 seconds. Seconds that share a slot, as after a
// step of the clock, share a table and are forgotten together.
std::size_t slot_of(Timestamp stamped_at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(stamped_at.time_since_epoch());
  return static_cast<std::size_t>(static_cast<std::uint64_t>(second.count()) %
                                  ReplayMemory::kSlots);
}

}  // namespace

Fingerprint fingerprint(const ApiKeyId& key, std::string_view payload) {
  Sha256 hash;
  hash.update(as_bytes(key.text()));
  hash.update(as_bytes(payload));
  const Digest digest = hash.finish();
  Fingerprint print;
  std::memcpy(&print.high, digest.data(), sizeof print.high);
  std::memcpy(&print.low, digest.data() + sizeof print.high, sizeof print.low);
  return print;
}

// Prints counts how often each was admitted and not withdrawn.
using Prints = boost::unordered_flat_map<Fingerprint, std::uint32_t, PrintHash>;

struct ReplayMemory::Shard {
  // Second is the requests of one second, or of none.
  struct Second {
    std::unique_ptr<Prints> prints;
    Timestamp forget_at{};
  };

  mutable std::mutex mutex;
  std::array<Second, kSlots> seconds;
  std::vector<std::unique_ptr<Prints>> spares;  // emptied: what has grown need not grow again
  std::size_t size = 0;

  // sweep forgets what has expired. It runs when a second begins, and when there is no room.
  void sweep(Timestamp now) {
    for (Second& second : seconds) {
      if (second.prints && second.forget_at + kKeptLonger < now) {
        size -= second.prints->size();
        second.prints->clear();
        spares.push_back(std::move(second.prints));
      }
    }
  }

  Prints& begin(Second& second, Timestamp now) {
    sweep(now);
    if (spares.empty()) {
      spares.push_back(std::make_unique<Prints>());
    }
    second.prints = std::move(spares.back());
    spares.pop_back();
    second.forget_at = Timestamp();
    return *second.prints;
  }
};

ReplayMemory::ReplayMemory(std::size_t capacity)
    : shard_capacity_(std::max<std::size_t>(1, capacity / kShards)),
      shards_(std::make_unique<Shard[]>(kShards)) {}

ReplayMemory::~ReplayMemory() = default;

ReplayMemory::Shard& ReplayMemory::shard_of(const Fingerprint& print) const {
  return shards_[print.high % kShards];
}

ReplayMemory::Answer ReplayMemory::admit(const Fingerprint& print, ReplayRule rule,
                                         const Stamped& stamped, Timestamp now) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  Shard::Second& second = shard.seconds[slot_of(stamped.at)];
  if (second.prints && second.forget_at + kKeptLonger < now) {
    shard.sweep(now);
  }
  if (second.prints) {
    const auto found = second.prints->find(print);
    if (found != second.prints->end()) {
      if (rule == ReplayRule::kOnce) {
        return Answer::kSeen;
      }
      second.forget_at = std::max(second.forget_at, stamped.forget_at);
      ++found->second;
      return Answer::kFresh;
    }
  }
  if (shard.size >= shard_capacity_) {
    shard.sweep(now);
    if (shard.size >= shard_capacity_) {
      return Answer::kFull;
    }
  }
  Prints& prints = second.prints ? *second.prints : shard.begin(second, now);
  prints.emplace(print, 1U);
  second.forget_at = std::max(second.forget_at, stamped.forget_at);
  ++shard.size;
  return Answer::kFresh;
}

void ReplayMemory::withdraw(const Fingerprint& print, Timestamp stamped_at) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  const Shard::Second& second = shard.seconds[slot_of(stamped_at)];
  if (!second.prints) {
    return;
  }
  const auto found = second.prints->find(print);
  if (found != second.prints->end() && --found->second == 0) {
    second.prints->erase(found);
    --shard.size;
  }
}

std::vector<ReplayMemory::Batch> ReplayMemory::batches(Timestamp now) const {
  std::vector<Batch> all;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      const Shard::Second& second = shards_[i].seconds[slot];
      if (!second.prints || second.prints->empty() || second.forget_at + kKeptLonger < now) {
        continue;
      }
      Batch& batch =
          all.emplace_back(Batch{.slot = slot, .forget_at = second.forget_at, .prints = {}});
      batch.prints.reserve(second.prints->size());
      for (const auto& [print, count] : *second.prints) {
        batch.prints.push_back(print);
      }
    }
  }
  return all;
}

bool ReplayMemory::restore(std::span<const Batch> batches) {
  const bool has_room =
      std::ranges::all_of(batches, [this](const Batch& batch) { return restore(batch); });
  for (std::size_t i = 0; !has_room && i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    shards_[i].seconds = {};
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
    if (!second.prints) {
      second.prints = std::make_unique<Prints>();
    }
    second.forget_at = std::max(second.forget_at, batch.forget_at);
    shard.size += second.prints->emplace(print, 1U).second ? 1U : 0U;
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
