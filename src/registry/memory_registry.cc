#include "registry/memory_registry.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/commit_listeners.h"
#include "registry/registry.h"
#include "registry/transaction_check.h"

namespace counterfoil {
namespace {

struct RecordKey {
  RecordKind kind = RecordKind::kAccount;
  std::string id;
  auto operator<=>(const RecordKey&) const = default;
};

struct Stored {
  std::uint64_t modified = 0;
  std::string bytes;
  std::vector<IndexEntry> indexes;
};

using IndexValue = std::pair<std::string, std::string>;  // index name, value

struct FeedEntry {
  std::uint64_t revision = 0;
  RecordKey key;
};

// The state is plain maps under one lock: this engine is for tests, where being obviously right
// counts.
class MemoryRegistry final : public Registry {
 public:
  explicit MemoryRegistry(MemoryRegistryOptions options) : options_(options) {}

  std::expected<Revision, RegistryError> revision() const override {
    const std::shared_lock lock(mutex_);
    return present();
  }

  std::expected<std::optional<Record>, RegistryError> find(RecordKind kind,
                                                           std::string_view id) const override {
    const std::shared_lock lock(mutex_);
    const auto found = records_.find(RecordKey{.kind = kind, .id = std::string(id)});
    if (found == records_.end()) {
      return std::nullopt;
    }
    return to_record(*found);
  }

  std::expected<std::vector<Record>, RegistryError> list(RecordKind kind, std::string_view after_id,
                                                         std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    std::vector<Record> listed;
    const std::size_t count_max = std::min(limit, kListMax);
    for (auto at = records_.upper_bound(RecordKey{.kind = kind, .id = std::string(after_id)});
         at != records_.end() && at->first.kind == kind && listed.size() < count_max; ++at) {
      listed.push_back(to_record(*at));
    }
    return listed;
  }

  std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value, std::string_view after_id) const override {
    const std::shared_lock lock(mutex_);
    std::vector<Record> found;
    const auto holders = holders_.find(IndexValue(index, value));
    if (holders == holders_.end()) {
      return found;
    }
    for (const RecordKey& key : holders->second) {
      if (found.size() == kListMax) {
        break;
      }
      if (key.id > after_id) {
        found.push_back(to_record(*records_.find(key)));
      }
    }
    return found;
  }

  std::expected<Revision, RegistryError> commit(const Transaction& transaction) override {
    if (const auto checked = check_transaction(transaction); !checked) {
      return std::unexpected(checked.error());
    }
    Revision committed;
    {
      const std::scoped_lock lock(mutex_);
      if (const auto allowed = check_against_state(transaction); !allowed) {
        return std::unexpected(allowed.error());
      }
      apply(transaction);
      committed = present();
    }
    listeners_.notify(committed.number);
    return committed;
  }

  std::expected<std::vector<Change>, RegistryError> changes(const Revision& after,
                                                            std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    if (after.incarnation != options_.incarnation || after.number > revision_ ||
        after.number < trimmed_) {
      return std::unexpected(RegistryError::kGap);
    }
    std::vector<Change> read;
    auto at = std::ranges::upper_bound(feed_, after.number, {}, &FeedEntry::revision);
    for (; at != feed_.end(); ++at) {
      if (!read.empty() && read.size() >= limit && at->revision != read.back().revision) {
        break;
      }
      read.push_back(to_change(*at));
    }
    return read;
  }

  std::expected<Revision, RegistryError> scan(RecordKind kind,
                                              const RecordVisitor& visitor) const override {
    const std::shared_lock lock(mutex_);
    for (const auto& [key, stored] : records_) {
      if (key.kind == kind) {
        visitor({.id = key.id, .modified = stored.modified, .bytes = stored.bytes});
      }
    }
    return present();
  }

  Subscription subscribe(CommitListener listener) override {
    return listeners_.add(std::move(listener));
  }

  std::expected<std::optional<AuditEntry>, RegistryError> last_audit() const override {
    const std::shared_lock lock(mutex_);
    return last_audit_;
  }

  std::expected<std::vector<AuditEntry>, RegistryError> audit_outbox(
      std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min({limit, kListMax, outbox_.size()}));
    return std::vector<AuditEntry>(outbox_.begin(), outbox_.begin() + count);
  }

  std::expected<void, RegistryError> trim_audit(std::uint64_t up_to_seq) override {
    const std::scoped_lock lock(mutex_);
    while (!outbox_.empty() && outbox_.front().seq <= up_to_seq) {
      outbox_.pop_front();
    }
    return {};
  }

  std::expected<void, RegistryError> forget_replaced(Forgetting /*depth*/) override { return {}; }
  bool keep_reserve() override { return true; }

 private:
  using Records = std::map<RecordKey, Stored>;

  static Record to_record(const Records::value_type& entry) {
    return {.kind = entry.first.kind,
            .id = entry.first.id,
            .modified = entry.second.modified,
            .bytes = entry.second.bytes};
  }

  Change to_change(const FeedEntry& entry) const {
    Change change{.revision = entry.revision, .kind = entry.key.kind, .id = entry.key.id};
    if (const auto found = records_.find(entry.key); found != records_.end()) {
      change.modified = found->second.modified;
      change.bytes = found->second.bytes;
    }
    return change;
  }

  Revision present() const { return {.incarnation = options_.incarnation, .number = revision_}; }

  std::expected<void, RegistryError> check_against_state(const Transaction& transaction) const {
    const std::uint64_t last_seq = last_audit_ ? last_audit_->seq : 0;
    if (!transaction.audit.empty() && transaction.audit.front().seq != last_seq + 1) {
      return std::unexpected(RegistryError::kConflict);
    }
    for (const Write& write : transaction.writes) {
      const auto found = records_.find(RecordKey{.kind = write.kind, .id = write.id});
      if ((found == records_.end() ? 0 : found->second.modified) != write.expected_modified) {
        return std::unexpected(RegistryError::kConflict);
      }
    }
    return check_unique(transaction);
  }

  // A value is free when nobody outside the transaction holds it: its own writes replace all
  // entries of their records, whatever the order they stand in.
  std::expected<void, RegistryError> check_unique(const Transaction& transaction) const {
    std::set<RecordKey> rewritten;
    for (const Write& write : transaction.writes) {
      rewritten.insert(RecordKey{.kind = write.kind, .id = write.id});
    }
    std::set<IndexValue> taken;
    for (const Write& write : transaction.writes) {
      for (const IndexEntry& entry : write.indexes) {
        if (entry.rule != IndexRule::kUnique) {
          continue;
        }
        IndexValue value(entry.index, entry.value);
        const auto owner = owners_.find(value);
        if ((owner != owners_.end() && !rewritten.contains(owner->second)) ||
            !taken.insert(std::move(value)).second) {
          return std::unexpected(RegistryError::kDuplicate);
        }
      }
    }
    return {};
  }

  void apply(const Transaction& transaction) {
    if (!transaction.writes.empty()) {
      ++revision_;
    }
    for (const Write& write : transaction.writes) {
      drop_indexes(RecordKey{.kind = write.kind, .id = write.id});
    }
    for (const Write& write : transaction.writes) {
      apply(write);
    }
    for (const AuditEntry& entry : transaction.audit) {
      outbox_.push_back(entry);
      last_audit_ = entry;
    }
    trim_feed();
  }

  void apply(const Write& write) {
    const RecordKey key{.kind = write.kind, .id = write.id};
    feed_.push_back({.revision = revision_, .key = key});
    if (!write.bytes) {
      records_.erase(key);
      return;
    }
    records_[key] = {.modified = revision_, .bytes = *write.bytes, .indexes = write.indexes};
    for (const IndexEntry& entry : write.indexes) {
      const IndexValue value(entry.index, entry.value);
      holders_[value].insert(key);
      if (entry.rule == IndexRule::kUnique) {
        owners_[value] = key;
      }
    }
  }

  void drop_indexes(const RecordKey& key) {
    const auto found = records_.find(key);
    if (found == records_.end()) {
      return;
    }
    for (const IndexEntry& entry : found->second.indexes) {
      const IndexValue value(entry.index, entry.value);
      const auto holders = holders_.find(value);
      holders->second.erase(key);
      if (holders->second.empty()) {
        holders_.erase(holders);
      }
      if (entry.rule == IndexRule::kUnique) {
        owners_.erase(value);
      }
    }
  }

  // Only whole revisions go, and never the newest.
  void trim_feed() {
    while (feed_.size() > options_.feed_changes_max && feed_.front().revision != revision_) {
      const std::uint64_t oldest = feed_.front().revision;
      const auto next = std::ranges::upper_bound(feed_, oldest, {}, &FeedEntry::revision);
      if (std::cmp_less(feed_.end() - next, options_.feed_changes_max)) {
        return;  // Fewer than promised would be left.
      }
      feed_.erase(feed_.begin(), next);
      trimmed_ = oldest;
    }
  }

  const MemoryRegistryOptions options_;
  mutable std::shared_mutex mutex_;
  std::uint64_t revision_ = 0;
  std::uint64_t trimmed_ = 0;  // the newest revision that left the feed
  Records records_;
  std::map<IndexValue, std::set<RecordKey>> holders_;
  std::map<IndexValue, RecordKey> owners_;  // of the unique values
  std::deque<FeedEntry> feed_;
  std::deque<AuditEntry> outbox_;
  std::optional<AuditEntry> last_audit_;
  CommitListeners listeners_;
};

}  // namespace

std::unique_ptr<Registry> make_memory_registry(MemoryRegistryOptions options) {
  return std::make_unique<MemoryRegistry>(options);
}

}  // namespace counterfoil
