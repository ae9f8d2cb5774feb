#include "replica/live_key_table.h"

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "keys/api_key_id.h"
#include "keys/live_key.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShards = 64;  // a power of two
constexpr std::size_t kLineBytes = 64;
constexpr unsigned kShardShift = 58;  // the hash's top bits choose the shard, the others the slot

// Wanted is what a look-up brings. Its hash serves to find the shard as well.
struct Wanted {
  explicit Wanted(const ApiKeyId& wanted) : id(wanted), hash(ApiKeyIdHash{}(wanted)) {}
  const ApiKeyId& id;
  std::size_t hash;
};

}  // namespace

struct LiveKeyTable::Shard {
  using Node = LiveKeyRef::Node;
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Node* node) const noexcept { return ApiKeyIdHash{}(node->key.id); }
    std::size_t operator()(const Wanted& wanted) const noexcept { return wanted.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Node* a, const Node* b) const noexcept { return a->key.id == b->key.id; }
    bool operator()(const Wanted& wanted, const Node* node) const noexcept {
      fetch(*node);
      return wanted.id == node->key.id;
    }
    bool operator()(const Node* node, const Wanted& wanted) const noexcept {
      return wanted.id == node->key.id;
    }
  };
  // fetch asks for all of a node at once. It is what is looked for, most likely, and cold: waiting
  // for one line after the other costs more than the signature.
  static void fetch(const Node& node) noexcept {
    const auto* const bytes = reinterpret_cast<const char*>(&node);
    for (std::size_t at = kLineBytes; at < sizeof(Node); at += kLineBytes) {
      __builtin_prefetch(bytes + at);
    }
  }

  mutable std::shared_mutex mutex;
  boost::unordered_flat_set<Node*, Hash, Equal> nodes;  // the table holds each node once
};

LiveKeyTable::LiveKeyTable() : shards_(std::make_unique<Shard[]>(kShards)) {}

LiveKeyTable::~LiveKeyTable() {
  for (std::size_t i = 0; i < kShards; ++i) {
    for (LiveKeyRef::Node* node : shards_[i].nodes) {
      const LiveKeyRef last(node);
    }
  }
}

LiveKeyTable::Shard& LiveKeyTable::shard_of(std::size_t hash) const {
  return shards_[hash >> kShardShift];
}

LiveKeyRef LiveKeyTable::find(const ApiKeyId& id) const {
  const Wanted wanted(id);
  const Shard& shard = shard_of(wanted.hash);
  const std::shared_lock lock(shard.mutex);
  const auto found = shard.nodes.find(wanted);
  if (found == shard.nodes.end()) {
    return {};
  }
  LiveKeyRef ref(*found);
  ref.hold();
  return ref;
}

void LiveKeyTable::publish(LiveKey key) {
  auto* const fresh =
      new LiveKeyRef::Node(std::move(key));  // owned by the table through its holder count
  const Wanted wanted(fresh->key.id);
  Shard& shard = shard_of(wanted.hash);
  LiveKeyRef::Node* replaced = nullptr;
  {
    const std::unique_lock lock(shard.mutex);
    const auto found = shard.nodes.find(wanted);
    if (found != shard.nodes.end()) {
      replaced = *found;
      shard.nodes.erase(found);
    }
    shard.nodes.insert(fresh);
    if (replaced != nullptr) {
      replaced->current.store(false, std::memory_order_release);
    }
  }
  const LiveKeyRef last(replaced);
}

void LiveKeyTable::remove(const ApiKeyId& id) {
  const Wanted wanted(id);
  Shard& shard = shard_of(wanted.hash);
  LiveKeyRef::Node* removed = nullptr;
  {
    const std::unique_lock lock(shard.mutex);
    const auto found = shard.nodes.find(wanted);
    if (found == shard.nodes.end()) {
      return;
    }
    removed = *found;
    shard.nodes.erase(found);
    removed->current.store(false, std::memory_order_release);
  }
  const LiveKeyRef last(removed);
}

void LiveKeyTable::reserve(std::size_t keys) {
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::unique_lock lock(shards_[i].mutex);
    shards_[i].nodes.reserve((keys / kShards) + (keys / kShards / 8));
  }
}

std::size_t LiveKeyTable::size() const {
  std::size_t keys = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::shared_lock lock(shards_[i].mutex);
    keys += shards_[i].nodes.size();
  }
  return keys;
}

std::vector<ApiKeyId> LiveKeyTable::ids() const {
  std::vector<ApiKeyId> listed;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::shared_lock lock(shards_[i].mutex);
    for (const LiveKeyRef::Node* node : shards_[i].nodes) {
      listed.push_back(node->key.id);
    }
  }
  return listed;
}

}  // namespace counterfoil
