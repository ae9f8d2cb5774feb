#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "crypto/verification_key.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {

// MaterialSource makes verification material out of a stored key pair. Only the authority can open
// a sealed secret, so it implements this. Called from loading threads, several at once.
class MaterialSource {
 public:
  MaterialSource() = default;
  MaterialSource(const MaterialSource&) = delete;
  MaterialSource& operator=(const MaterialSource&) = delete;
  MaterialSource(MaterialSource&&) = delete;
  MaterialSource& operator=(MaterialSource&&) = delete;
  virtual ~MaterialSource() = default;
  // open gives nullopt when the pair's material does not open or parse; the pair then verifies
  // nothing.
  [[nodiscard]] virtual std::optional<VerificationKey> open(const ApiKey& key,
                                                            const KeyPair& pair) = 0;
};

// Replica is a gateway's copy of the registry's API keys. It starts empty, which refuses everybody;
// load() fills it, and read() applies the change feed in order. A record that does not decode
// is removed from the copy and counted, so that key is refused while all others go on (fail
// closed).
//
// find() may be called from any thread at any time; load() and read() from any thread, one at a
// time (they wait).
class Replica {
 public:
  // `permissions` and `material` must outlive the replica.
  Replica(const PermissionTable& permissions, MaterialSource& material)
      : permissions_(permissions), material_(material) {}

  struct LoadReport {
    Revision revision;
    std::size_t keys = 0;
    std::size_t unusable = 0;  // as unusable()
  };

  // load reads everything at one revision. A registry that stands before what the copy shows, or
  // before `at_least`, in the same incarnation, is refused with kUnavailable before anything is put
  // into the copy: from a lagging copy of the registry a revoked key would come back to life. Both
  // are needed: a late word of an earlier incarnation says nothing of this one.
  [[nodiscard]] std::expected<LoadReport, RegistryError> load(
      const Registry& registry, const std::optional<Revision>& at_least = std::nullopt);
  // read applies what happened since, until there is nothing newer. kGap: the feed does not reach
  // back that far, nothing more was applied; load again.
  [[nodiscard]] std::expected<Revision, RegistryError> read(const Registry& registry);

  // hold_back treats an API key as revoked here, whatever the registry says, until let_go(): for a
  // revocation that could not be recorded yet. Kept in memory only. false: kHeldBackMax are held
  // back already. Both wait for a running load.
  static constexpr std::size_t kHeldBackMax = 10'000;
  [[nodiscard]] bool hold_back(const ApiKeyId& id);
  void let_go(const ApiKeyId& id);

  [[nodiscard]] LiveKeyRef find(const ApiKeyId& id) const { return table_.find(id); }
  [[nodiscard]] std::uint64_t applied_revision() const {
    return applied_number_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t size() const { return table_.size(); }
  // unusable counts the records, of API keys and accounts, of which something does not decode or
  // open now: those keys are refused, in part if it is one pair of two.
  [[nodiscard]] std::size_t unusable() const {
    return unusable_count_.load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] std::expected<LoadReport, RegistryError> load_locked(const Registry& registry);
  [[nodiscard]] std::expected<Revision, RegistryError> load_keys(const Registry& registry);
  [[nodiscard]] std::expected<Revision, RegistryError> read_locked(const Registry& registry);
  [[nodiscard]] std::expected<void, RegistryError> apply(const Registry& registry,
                                                         const Change& change);
  [[nodiscard]] std::expected<void, RegistryError> apply_account(const Registry& registry,
                                                                 const Change& change);
  void publish(std::string_view id, std::string_view bytes);
  void remove(std::string_view id);
  // note_usable keeps the count. Called by several loading threads at once.
  enum class Usable : std::uint8_t { kWhole, kNotWhole };
  void note_usable(RecordKind kind, std::string_view id, Usable usable);
  [[nodiscard]] LiveKey make_live(const ApiKey& key);

  const PermissionTable& permissions_;
  MaterialSource& material_;
  LiveKeyTable table_;
  std::mutex feed_mutex_;
  std::set<std::string, std::less<>> suspended_accounts_;
  std::unordered_set<ApiKeyId, ApiKeyIdHash> held_back_;
  Revision applied_{};
  std::atomic<std::uint64_t> applied_number_{0};
  std::mutex unusable_mutex_;
  std::unordered_set<std::string> unusable_;  // kind and id
  std::atomic<std::size_t> unusable_count_{0};
};

}  // namespace counterfoil
