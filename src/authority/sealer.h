#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/root_facts.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/keyed_hash.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {

struct Actor;

// SealingLimits are smaller in tests alone.
struct SealingLimits {
  std::uint64_t wraps_max = SealingKey::kWrapsMax;  // of one sealing key
  // Wraps are counted in memory and written down in advance, so that a crash can only waste some.
  std::uint64_t written_ahead = std::uint64_t{1} << 16U;
  // A sealing key is replaced when it has this many wraps left.
  std::uint64_t kept_back = std::uint64_t{1} << 20U;
};

// Sealer opens and seals every secret of the installation: HMAC secrets of API keys, our own
// signing keys, what is kept of refused requests. It holds the sealing keys; secrets themselves
// only pass through. Safe to call from any thread.
class Sealer final : public MaterialSource {
 public:
  // start loads the sealing keys from the registry, or makes the first one in an empty registry. On
  // a full disk it opens what is sealed, and seals nothing until maintain() succeeds.
  // Problem: wrong_root_key (the root key is not the one this registry was made with, or a record
  // was tampered with), sealing_keys_missing. `registry` and `random` must outlive it.
  [[nodiscard]] static std::expected<std::unique_ptr<Sealer>, Problem> start(
      RootKey root, AuditedRegistry& registry, RandomSource& random, SealingLimits limits = {});

  // maintain keeps the count of wraps ahead of what was used, and makes a new sealing key when the
  // present one has wrapped nearly as often as it may (control S-02). Call it every second or so;
  // what fails is tried again by the next call. It waits for the store.
  [[nodiscard]] std::expected<void, Problem> maintain();

  // hold_keys keeps every sealing key in being until what was sealed meanwhile is stored: hold it
  // from the sealing to the commit. A rotation waits for whoever holds it before it counts what is
  // left on an old key.
  [[nodiscard]] std::shared_lock<std::shared_mutex> hold_keys() const {
    return std::shared_lock(in_flight_mutex_);
  }

  struct SealedSecret {
    std::vector<std::uint8_t> bytes;
    Digest lookup_hash;  // keyed hash of the secret, by which a leaked one is found without trying
                         // to verify
  };
  [[nodiscard]] std::expected<SealedSecret, Problem> seal_secret(const ApiKey& key,
                                                                 std::uint32_t pair,
                                                                 const SecretBytes& secret);
  // new_secret makes the text of a new HMAC secret, inside secret memory.
  [[nodiscard]] std::expected<SecretBytes, Problem> new_secret(const KeyFormat& format,
                                                               RandomSource& random) const;

  // open makes verification material of a stored pair (MaterialSource).
  [[nodiscard]] std::optional<VerificationKey> open(const ApiKey& key,
                                                    const KeyPair& pair) override;

  // seal_refused keeps the payload of a refused request for its owner's autopsy. It waits for
  // nothing, so it is for the event loop. Empty when it cannot: the refusal is then kept without.
  [[nodiscard]] std::vector<std::uint8_t> seal_refused(std::string_view request_id,
                                                       std::string_view payload);

  // open_secret gives the HMAC secret of a stored pair, for one autopsy. nullopt: it is of another
  // type, erased, or does not open.
  [[nodiscard]] std::optional<SecretBytes> open_secret(const ApiKey& key,
                                                       const KeyPair& pair) const;
  // lookup_hash is SealedSecret::lookup_hash of a text that may be a secret.
  [[nodiscard]] Digest lookup_hash(std::string_view text) const;
  // seal_findings keeps what the autopsy of a refused request found; empty when it cannot. The
  // caller holds hold_keys(). open_findings gives nullopt for what does not open.
  [[nodiscard]] std::vector<std::uint8_t> seal_findings(std::string_view request_id,
                                                        std::string_view findings);
  [[nodiscard]] std::optional<SecretBytes> open_findings(std::string_view request_id,
                                                         ByteView sealed) const;

  // seal_own and open_own keep our own keys, such as the audit key, as records of the registry.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, Problem> seal_own(
      std::string_view name, const SecretBytes& secret);
  [[nodiscard]] std::expected<SecretBytes, Problem> open_own(std::string_view name,
                                                             ByteView sealed) const;

  // own_mac_key derives a key for what this installation writes for itself outside of the registry.
  // Whoever has the store alone cannot compute it; other words for `purpose` give unrelated keys.
  [[nodiscard]] std::expected<HmacKey, Problem> own_mac_key(std::string_view purpose) const;

  // not_opened counts sealed values that did not open since the start: tampering, or a missing
  // sealing key. Above 0 it is an alarm.
  [[nodiscard]] std::uint64_t not_opened() const {
    return not_opened_.load(std::memory_order_relaxed);
  }
  // sealing_key_version is the version that seals now.
  [[nodiscard]] std::uint32_t sealing_key_version();
  // sealing_key_versions gives all that open, rising; the last one seals.
  [[nodiscard]] std::vector<std::uint32_t> sealing_key_versions() const;

  // ---- changing the sealing key (sealer_keys.cc). The order is SealingRotation's.

  // begin_new_key makes the sealing key that seals from now on; the others open what they sealed.
  // Problem: root_rotation_pending.
  [[nodiscard]] std::expected<std::uint32_t, Problem> begin_new_key(const Actor& actor);
  // wait_for_in_flight returns once everything is stored, or given up, that was sealed before the
  // call (hold_keys).
  void wait_for_in_flight() { const std::unique_lock lock(in_flight_mutex_); }
  // renew gives a sealed value with its data key wrapped by the newest sealing key; the value is
  // not opened. nullopt: it is so already. It may wait for the store.
  [[nodiscard]] std::expected<std::optional<std::vector<std::uint8_t>>, SealError> renew(
      std::string_view record_id, ByteView sealed);
  // destroy_key forgets a sealing key, here and in the registry. What it sealed and was not renewed
  // never opens again. `detail` goes into the audit record. It must not be the one that seals.
  [[nodiscard]] std::expected<void, Problem> destroy_key(std::uint32_t version,
                                                         std::map<std::string, std::string> detail);

  // ---- changing the root key (sealer_root.cc)

  // RootState: `id` names the root key in use, `next_id` the one that a change was prepared for and
  // that opens this registry too.
  struct RootState {
    std::string id;
    std::optional<std::string> next_id;
  };
  [[nodiscard]] RootState root_state() const;
  // prepare_root keeps each sealing key a second time, wrapped by `next`: from now on a start with
  // either root key opens this registry. Repeated, also with another key, it begins anew.
  [[nodiscard]] std::expected<void, Problem> prepare_root(const RootKey& next, const Actor& actor);
  // finish_root takes `next` as the root key: what the old one wraps is erased. Call it once the
  // new key lies where the next start looks for it. A start with the new key does it by itself.
  [[nodiscard]] std::expected<void, Problem> finish_root(RootKey next, const Actor& actor);

 private:
  Sealer(RootKey root, AuditedRegistry& registry, RandomSource& random, SealingLimits limits)
      : root_(std::move(root)), registry_(registry), random_(random), limits_(limits) {}
  [[nodiscard]] std::expected<void, Problem> load_keys();
  [[nodiscard]] std::expected<void, Problem> refuse_orphans() const;
  [[nodiscard]] std::expected<void, Problem> load_pepper();
  [[nodiscard]] std::expected<SecretBytes, Problem> make_pepper();
  [[nodiscard]] std::expected<void, Problem> make_key(std::uint32_t version, const Actor& actor);
  [[nodiscard]] std::expected<bool, Problem> open_keys(const std::vector<Record>& keys,
                                                       std::string_view prefix);
  // take_root stores that root_ is the root key now, with every sealing key wrapped by it.
  [[nodiscard]] std::expected<void, Problem> take_root(const Actor& actor);
  // wrap_all adds each sealing key to `writes`, wrapped by `root`, under `prefix`.
  [[nodiscard]] std::expected<void, Problem> wrap_all(const RootKey& root, std::string_view prefix,
                                                      std::vector<Write>& writes);
  [[nodiscard]] std::expected<void, Problem> drop_next_root(std::vector<Write>& writes) const;
  [[nodiscard]] std::expected<std::vector<Record>, Problem> records_named(
      std::string_view prefix) const;
  [[nodiscard]] std::expected<std::optional<Record>, Problem> own_record(std::string_view id) const;
  // root_facts also gives the record's `modified`, 0 where there is none yet.
  [[nodiscard]] std::expected<RootFacts, Problem> root_facts(std::uint64_t& modified) const;
  [[nodiscard]] std::unexpected<Problem> wrong_root_key() const;
  [[nodiscard]] std::expected<void, Problem> write_ahead();
  [[nodiscard]] std::expected<void, Problem> maintain_locked();

  // try_seal seals if a wrap is left that is written down; it waits for nothing.
  template <typename Plaintext>
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, SealError> try_seal(
      const SealContext& context, const Plaintext& plaintext);
  // seal_kept makes room first when it has to, so it may wait for the store.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, Problem> seal_kept(
      const SealContext& context, const SecretBytes& secret);

  RootKey root_;                             // under maintain_mutex_
  std::string root_id_;                      // under maintain_mutex_
  std::optional<std::string> next_root_id_;  // under maintain_mutex_
  bool root_to_finish_ = false;              // under maintain_mutex_: opened by the next root key
  AuditedRegistry& registry_;
  RandomSource& random_;
  SealingLimits limits_;
  mutable std::mutex maintain_mutex_;          // one thread at a time changes the ring
  mutable std::shared_mutex ring_mutex_;       // exclusive: the ring is changed
  mutable std::shared_mutex in_flight_mutex_;  // shared: something sealed is not stored yet
  KekRing ring_;
  std::optional<KeyedHash> lookup_;
  std::atomic<std::uint64_t> written_wraps_{0};  // of the newest sealing key
  mutable std::atomic<std::uint64_t> not_opened_{0};
};

}  // namespace counterfoil
