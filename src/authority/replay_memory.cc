#include "authority/replay_memory.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShards = 64;
constexpr std::size_t kFirstSweep = 1024;

struct PrintHash {
  using is_avalanching = void;
  std::size_t operator()(const Fingerprint& print) const noexcept { return print.low; }
};

struct Remembered {
  Timestamp expires_at;
  std::uint32_t forwarded;  // how often it was admitted and not withdrawn
};

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

struct ReplayMemory::Shard {
  mutable std::mutex mutex;
  boost::unordered_flat_map<Fingerprint, Remembered, PrintHash> prints;
  std::size_t sweep_at = kFirstSweep;

  // sweep drops what has expired. It runs when the shard has doubled since the last time, so each
  // admit pays a constant.
  void sweep(Timestamp now, std::size_t capacity) {
    boost::unordered::erase_if(prints,
                               [&](const auto& entry) { return entry.second.expires_at < now; });
    sweep_at = std::min(capacity, std::max(kFirstSweep, prints.size() * 2));
  }
};

ReplayMemory::ReplayMemory(std::size_t capacity)
    : shard_capacity_(std::max<std::size_t>(1, capacity / kShards)),
      shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_[i].sweep_at = std::min(kFirstSweep, shard_capacity_);
  }
}

ReplayMemory::~ReplayMemory() = default;

ReplayMemory::Shard& ReplayMemory::shard_of(const Fingerprint& print) const {
  return shards_[print.high % kShards];
}

ReplayMemory::Answer ReplayMemory::admit(const Fingerprint& print, ReplayRule rule,
                                         Timestamp expires_at, Timestamp now) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.prints.find(print);
  if (found != shard.prints.end()) {
    // An entry past its window proves nothing: the request itself would be outside the window.
    if (rule == ReplayRule::kOnce && found->second.expires_at >= now) {
      return Answer::kSeen;
    }
    found->second.expires_at = std::max(found->second.expires_at, expires_at);
    ++found->second.forwarded;
    return Answer::kFresh;
  }
  if (shard.prints.size() >= shard.sweep_at) {
    shard.sweep(now, shard_capacity_);
  }
  if (shard.prints.size() >= shard_capacity_) {
    return Answer::kFull;
  }
  shard.prints.emplace(print, Remembered{.expires_at = expires_at, .forwarded = 1});
  return Answer::kFresh;
}

void ReplayMemory::withdraw(const Fingerprint& print) {
  Shard& shard = shard_of(print);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.prints.find(print);
  if (found != shard.prints.end() && --found->second.forwarded == 0) {
    shard.prints.erase(found);
  }
}

std::size_t ReplayMemory::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    total += shards_[i].prints.size();
  }
  return total;
}

}  // namespace counterfoil
