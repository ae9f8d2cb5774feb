#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "keys/api_key_id.h"
#include "keys/live_key.h"

namespace counterfoil {

// LiveKeyRef keeps one published LiveKey readable, also after it was replaced. A handle: cheap to
// copy and move.
class LiveKeyRef {  // NOLINT(cppcoreguidelines-special-member-functions): takes its value
 public:
  LiveKeyRef() = default;
  LiveKeyRef(const LiveKeyRef& other) : node_(other.node_) { hold(); }
  LiveKeyRef(LiveKeyRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  LiveKeyRef& operator=(LiveKeyRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~LiveKeyRef() { release(); }

  [[nodiscard]] explicit operator bool() const { return node_ != nullptr; }
  [[nodiscard]] const LiveKey* get() const { return node_ == nullptr ? nullptr : &node_->key; }
  const LiveKey& operator*() const { return node_->key; }
  const LiveKey* operator->() const { return &node_->key; }

  // is_current tells whether the table still publishes exactly this value: one atomic load. The
  // last look before the first byte goes upstream. false: find the key again and judge anew.
  [[nodiscard]] bool is_current() const { return node_->current.load(std::memory_order_acquire); }

 private:
  friend class LiveKeyTable;
  // As many cache lines as the key needs, and no more.
  struct alignas(64) Node {
    explicit Node(LiveKey&& published) : key(std::move(published)) {}
    LiveKey key;
    std::atomic<std::uint32_t> holders{1};
    std::atomic<bool> current{true};
  };
  explicit LiveKeyRef(Node* node) : node_(node) {}
  void hold() const {
    if (node_ != nullptr) {
      node_->holders.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void release() {
    if (node_ != nullptr && node_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete node_;  // LINT-ALLOW(c-memory): the last of many holders; a shared_ptr is twice as
                     // large
    }
  }
  Node* node_ = nullptr;
};

// LiveKeyTable is the hash table of a replica: readers and one writer at a time from any threads,
// in shards so that they rarely meet. About 350 bytes a key, all told.
class LiveKeyTable {
 public:
  LiveKeyTable();
  LiveKeyTable(const LiveKeyTable&) = delete;
  LiveKeyTable& operator=(const LiveKeyTable&) = delete;
  LiveKeyTable(LiveKeyTable&&) = delete;
  LiveKeyTable& operator=(LiveKeyTable&&) = delete;
  ~LiveKeyTable();

  // find gives an empty ref when there is no such key.
  [[nodiscard]] LiveKeyRef find(const ApiKeyId& id) const;
  // publish makes `key` what readers find from now on; refs to the value before are no longer
  // current.
  void publish(LiveKey key);
  void remove(const ApiKeyId& id);
  // retain removes every key that `keep` says no to: what is left over after a reload.
  template <typename Predicate>
  void retain(Predicate keep) {
    for (const ApiKeyId& id : ids()) {
      if (!keep(id)) {
        remove(id);
      }
    }
  }
  void reserve(std::size_t keys);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Shard;
  [[nodiscard]] Shard& shard_of(std::size_t hash) const;
  [[nodiscard]] std::vector<ApiKeyId> ids() const;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace counterfoil
