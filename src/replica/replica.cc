#include "replica/replica.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "registry/index_names.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {
namespace {

constexpr std::size_t kChangesAtOnce = 1024;
constexpr std::size_t kBatchBytes = 256UL * 1024;
constexpr std::size_t kBatchesWaitingMax = 16;

// Batch is a run of records copied out of a scan, to be decoded by another thread.
struct Batch {
  struct Item {
    std::size_t id_size;
    std::size_t bytes_size;
  };
  std::string bytes;
  std::vector<Item> items;
};

// BatchQueue hands batches from the scanning thread to the decoding ones; bounded, so a slow
// decoder holds the scan.
class BatchQueue {
 public:
  void push(Batch batch) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return batches_.size() < kBatchesWaitingMax; });
    batches_.push_back(std::move(batch));
    filled_.notify_one();
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }
  std::optional<Batch> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !batches_.empty(); });
    if (batches_.empty()) {
      return std::nullopt;
    }
    Batch batch = std::move(batches_.back());
    batches_.pop_back();
    room_.notify_one();
    return batch;
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::vector<Batch> batches_;
  bool closed_ = false;
};

void make_tombstone(LiveKey& key) {
  key.state = KeyState::kRevoked;
  key.pairs.clear();
}

std::size_t decoder_count() {
  return std::max(1U, std::min(4U, std::thread::hardware_concurrency()));
}

}  // namespace

std::expected<Replica::LoadReport, RegistryError> Replica::load(
    const Registry& registry, const std::optional<Revision>& at_least) {
  const std::scoped_lock lock(feed_mutex_);
  const auto stands_at = registry.revision();
  if (!stands_at) {
    return std::unexpected(stands_at.error());
  }
  const auto is_before = [&](const Revision& known) {
    return stands_at->incarnation == known.incarnation && stands_at->number < known.number;
  };
  if (is_before(applied_) || (at_least && is_before(*at_least))) {
    return std::unexpected(RegistryError::kUnavailable);
  }
  return load_locked(registry);
}

std::expected<Replica::LoadReport, RegistryError> Replica::load_locked(const Registry& registry) {
  {
    const std::scoped_lock lock(unusable_mutex_);
    unusable_.clear();
    unusable_count_.store(0, std::memory_order_relaxed);
  }
  std::set<std::string, std::less<>> suspended;
  const auto accounts_at = registry.scan(RecordKind::kAccount, [&](const RecordView& record) {
    const auto account = decode_account(record.bytes);
    if (!account) {
      note_usable(RecordKind::kAccount, record.id, Usable::kNotWhole);
    }
    // An account whose record cannot be read is treated as suspended.
    if (!account || account->state != AccountState::kActive) {
      suspended.emplace(record.id);
    }
  });
  if (!accounts_at) {
    return std::unexpected(accounts_at.error());
  }
  suspended_accounts_ = std::move(suspended);
  const auto keys_at = load_keys(registry);
  if (!keys_at) {
    return std::unexpected(keys_at.error());
  }
  if (accounts_at->incarnation != keys_at->incarnation) {
    return std::unexpected(RegistryError::kUnavailable);  // restored in between: load again
  }
  // The two scans may be of two states. The feed from the older one makes up for it: changes are
  // idempotent.
  applied_ = std::min(*accounts_at, *keys_at);
  applied_number_.store(applied_.number, std::memory_order_release);
  return LoadReport{.revision = applied_, .keys = table_.size(), .unusable = unusable()};
}

std::expected<Revision, RegistryError> Replica::load_keys(const Registry& registry) {
  BatchQueue queue;
  std::vector<std::jthread> decoders;
  decoders.reserve(decoder_count());
  for (std::size_t i = 0; i < decoder_count(); ++i) {
    decoders.emplace_back([&] {
      while (const auto batch = queue.pop()) {
        std::string_view rest = batch->bytes;
        for (const Batch::Item& item : batch->items) {
          publish(rest.substr(0, item.id_size), rest.substr(item.id_size, item.bytes_size));
          rest.remove_prefix(item.id_size + item.bytes_size);
        }
      }
    });
  }
  std::unordered_set<ApiKeyId, ApiKeyIdHash> seen;
  const bool reload = table_.size() > 0;
  Batch batch;
  const auto scanned = registry.scan(RecordKind::kApiKey, [&](const RecordView& record) {
    if (const auto id = reload ? ApiKeyId::parse(record.id) : std::nullopt) {
      seen.insert(*id);
    }
    batch.bytes.append(record.id).append(record.bytes);
    batch.items.push_back({record.id.size(), record.bytes.size()});
    if (batch.bytes.size() >= kBatchBytes) {
      queue.push(std::exchange(batch, {}));
    }
  });
  queue.push(std::move(batch));
  queue.close();
  decoders.clear();
  if (!scanned) {
    return std::unexpected(scanned.error());
  }
  if (reload) {
    table_.retain([&](const ApiKeyId& id) { return seen.contains(id); });
  }
  return *scanned;
}

std::expected<Revision, RegistryError> Replica::read(const Registry& registry) {
  const std::scoped_lock lock(feed_mutex_);
  return read_locked(registry);
}

std::expected<Revision, RegistryError> Replica::read_locked(const Registry& registry) {
  while (true) {
    const auto changes = registry.changes(applied_, kChangesAtOnce);
    if (!changes) {
      return std::unexpected(changes.error());
    }
    if (changes->empty()) {
      return applied_;
    }
    for (const Change& change : *changes) {
      if (const auto applied = apply(registry, change); !applied) {
        return std::unexpected(applied.error());
      }
    }
    applied_.number = changes->back().revision;
    applied_number_.store(applied_.number, std::memory_order_release);
  }
}

std::expected<void, RegistryError> Replica::apply(const Registry& registry, const Change& change) {
  if (change.kind == RecordKind::kAccount) {
    return apply_account(registry, change);
  }
  if (change.kind != RecordKind::kApiKey) {
    return {};
  }
  if (change.bytes) {
    publish(change.id, *change.bytes);
  } else {
    note_usable(RecordKind::kApiKey, change.id, Usable::kWhole);
    remove(change.id);
  }
  return {};
}

std::expected<void, RegistryError> Replica::apply_account(const Registry& registry,
                                                          const Change& change) {
  const auto account = change.bytes ? decode_account(*change.bytes) : std::nullopt;
  const bool suspended = !account || account->state != AccountState::kActive;
  note_usable(RecordKind::kAccount, change.id,
              change.bytes && !account ? Usable::kNotWhole : Usable::kWhole);
  if (suspended == suspended_accounts_.contains(change.id)) {
    return {};
  }
  // Revoked keys need no change: they are refused whatever their account is. Nothing is taken over
  // before the keys are at hand, so that a failure here is made good by the next try.
  const auto keys = registry.find_by_index(kLivingIndex, change.id);
  if (!keys) {
    return std::unexpected(keys.error());
  }
  if (suspended) {
    suspended_accounts_.insert(change.id);
  } else {
    suspended_accounts_.erase(change.id);
  }
  for (const Record& record : *keys) {
    if (record.kind == RecordKind::kApiKey) {
      publish(record.id, record.bytes);
    }
  }
  return {};
}

void Replica::note_usable(RecordKind kind, std::string_view id, Usable usable) {
  if (usable == Usable::kWhole && unusable_count_.load(std::memory_order_relaxed) == 0) {
    return;
  }
  std::string name(1, static_cast<char>(kind));
  name.append(id);
  const std::scoped_lock lock(unusable_mutex_);
  if (usable == Usable::kWhole) {
    unusable_.erase(name);
  } else {
    unusable_.insert(std::move(name));
  }
  unusable_count_.store(unusable_.size(), std::memory_order_relaxed);
}

void Replica::publish(std::string_view id, std::string_view bytes) {
  const auto key = decode_api_key(bytes, permissions_);
  const bool is_readable = key && key->id.text() == id;
  if (!is_readable) {
    note_usable(RecordKind::kApiKey, id, Usable::kNotWhole);
    remove(id);
    return;
  }
  LiveKey live = make_live(*key);
  const bool is_whole = key->state == KeyState::kRevoked || live.pairs.size() == key->pairs.size();
  note_usable(RecordKind::kApiKey, id, is_whole ? Usable::kWhole : Usable::kNotWhole);
  if (live.pairs.empty() && key->state != KeyState::kRevoked) {
    remove(id);
    return;
  }
  if (held_back_.contains(key->id)) {
    make_tombstone(live);
  }
  table_.publish(std::move(live));
}

bool Replica::hold_back(const ApiKeyId& id) {
  const std::scoped_lock lock(feed_mutex_);
  if (held_back_.size() >= kHeldBackMax && !held_back_.contains(id)) {
    return false;
  }
  held_back_.insert(id);
  if (const LiveKeyRef present = table_.find(id)) {
    LiveKey dead{.id = id, .account = present->account};
    make_tombstone(dead);
    table_.publish(std::move(dead));
  }
  return true;
}

void Replica::let_go(const ApiKeyId& id) {
  const std::scoped_lock lock(feed_mutex_);
  held_back_.erase(id);
}

void Replica::remove(std::string_view id) {
  if (const auto parsed = ApiKeyId::parse(id)) {
    table_.remove(*parsed);
  }
}

LiveKey Replica::make_live(const ApiKey& key) {
  LiveKey live{.id = key.id,
               .account = key.account,
               .permissions = key.permissions,
               .state = key.state,
               .account_suspended = suspended_accounts_.contains(key.account.text()),
               .restricted = key.notice && key.notice->restricted_since,
               .expires_at = key.expires_at.value_or(kNever),
               .allow_list = key.allow_list,
               .symbols = key.symbols,
               .created = key.created};
  if (key.state == KeyState::kRevoked) {
    return live;  // a tombstone: no gateway holds material of a revoked key
  }
  for (const KeyPair& pair : key.pairs) {
    auto material = material_.open(key, pair);
    if (!material) {
      continue;  // the other pair, if there is one, goes on
    }
    live.pairs.push_back({.number = pair.number,
                          .retires_at = pair.retires_at.value_or(kNever),
                          .key = std::move(*material)});
  }
  return live;
}

}  // namespace counterfoil
