#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sealer.h"
#include "authority/sealing_records.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/keyed_hash.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "registry/registry.h"

namespace counterfoil {

using namespace sealing_records;  // NOLINT(google-build-using-namespace): our own, for this file

namespace {

using Kind = Problem::Kind;

AuditFact fact(std::string action, std::string object, const Actor& actor = kSystem) {
  return {.actor = actor.name,
          .source = actor.source,
          .action = std::move(action),
          .object = std::move(object),
          .detail = {}};
}

// wraps_of reads a count; one that is missing or damaged counts as all used up, so the key seals
// nothing more.
std::uint64_t wraps_of(const std::optional<Record>& record, std::uint64_t wraps_max) {
  std::uint64_t count = 0;
  if (!record) {
    return wraps_max;
  }
  const std::string& text = record->bytes;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::min(count, wraps_max) : wraps_max;
}

}  // namespace

std::expected<std::unique_ptr<Sealer>, Problem> Sealer::start(RootKey root,
                                                              AuditedRegistry& registry,
                                                              RandomSource& random,
                                                              SealingLimits limits) {
  std::unique_ptr<Sealer> sealer(new Sealer(std::move(root), registry, random, limits));
  if (const auto loaded = sealer->load_keys(); !loaded) {
    return std::unexpected(loaded.error());
  }
  if (sealer->ring_.newest() == nullptr) {
    if (const auto none = sealer->refuse_orphans(); !none) {
      return std::unexpected(none.error());
    }
    if (const auto made = sealer->make_key(1, kSystem); !made) {
      return std::unexpected(made.error());
    }
  }
  // A registry that takes no writes now does not stop the start: a node on a full disk has requests
  // to verify and keys to revoke. Nothing is sealed before maintain() has written ahead.
  (void)sealer->maintain();
  if (const auto loaded = sealer->load_pepper(); !loaded) {
    return std::unexpected(loaded.error());
  }
  return sealer;
}

std::expected<void, Problem> Sealer::load_keys() {
  auto id = SealingKey::root_id(root_);
  if (!id) {
    return problem(Kind::kUnavailable, "crypto_failed", describe(id.error()));
  }
  root_id_ = std::move(*id);
  const auto stored = records_named(kKeyPrefix);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  // A change of the root key may have stopped half-way: then all of them open by one of the two.
  for (const std::string_view prefix : {kKeyPrefix, kNextPrefix}) {
    auto opened = open_keys(*stored, prefix);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    if (*opened) {
      root_to_finish_ = prefix == kNextPrefix && !stored->empty();
      break;
    }
    if (prefix == kNextPrefix) {
      return wrong_root_key();
    }
  }
  std::uint64_t modified = 0;
  const auto facts = root_facts(modified);
  if (!facts) {
    return std::unexpected(facts.error());
  }
  if (!root_to_finish_) {
    next_root_id_ = facts->next;
  }
  if (SealingKey* const newest = ring_.newest(); newest != nullptr) {
    written_wraps_ = newest->wraps_used();
  }
  return {};
}

// open_keys opens each sealing key by its record under `prefix`, all or none. false: not all did.
std::expected<bool, Problem> Sealer::open_keys(const std::vector<Record>& keys,
                                               std::string_view prefix) {
  KekRing opened;
  for (const Record& record : keys) {
    const std::string version = record.id.substr(kKeyPrefix.size());
    const auto wrapped = own_record(std::string(prefix) + version);
    const auto wraps = own_record(std::string(kWrapsPrefix) + version);
    if (!wrapped || !wraps) {
      return std::unexpected(wrapped ? wraps.error() : wrapped.error());
    }
    if (!*wrapped) {
      return false;
    }
    auto key = SealingKey::unwrap(as_bytes((*wrapped)->bytes), root_,
                                  wraps_of(*wraps, limits_.wraps_max), limits_.wraps_max);
    if (!key || std::to_string(key->version()) != version) {
      return false;
    }
    opened.add(std::move(*key));
  }
  ring_ = std::move(opened);
  return true;
}

// refuse_orphans: a registry with API keys and without a sealing key or pepper has lost it, and a
// new one would open, or find, none of the secrets.
std::expected<void, Problem> Sealer::refuse_orphans() const {
  const auto present = registry_.read().list(RecordKind::kApiKey, "", 1);
  if (!present) {
    return problem_of(present.error());
  }
  if (!present->empty()) {
    return problem(Kind::kUnavailable, "sealing_keys_missing",
                   "this registry has sealed secrets but not the keys to open or find them: "
                   "records are missing; restore it from a backup");
  }
  return {};
}

std::expected<void, Problem> Sealer::make_key(std::uint32_t version, const Actor& actor) {
  auto key = SealingKey::generate(version, random_, limits_.wraps_max);
  if (!key) {
    return problem(Kind::kUnavailable, "sealing_failed", describe(key.error()));
  }
  const auto wrapped = key->wrap(root_, random_);
  if (!wrapped) {
    return problem(Kind::kUnavailable, "sealing_failed", describe(wrapped.error()));
  }
  const std::uint64_t ahead = std::min(limits_.written_ahead, limits_.wraps_max);
  const std::string id = record_id(kKeyPrefix, version);
  std::vector<Write> writes{put(id, std::string(as_text(*wrapped)), 0),
                            put(record_id(kWrapsPrefix, version), std::to_string(ahead), 0)};
  // The root key that was prepared is not here, and would not open this one: it is given up.
  if (next_root_id_) {
    if (const auto dropped = drop_next_root(writes); !dropped) {
      return dropped;
    }
  }
  const auto stored = registry_.commit(std::move(writes), fact("sealing_key.create", id, actor));
  if (!stored) {
    return problem_of(stored.error());
  }
  next_root_id_.reset();
  const std::unique_lock lock(ring_mutex_);
  ring_.add(std::move(*key));
  written_wraps_ = ahead;
  return {};
}

std::expected<void, Problem> Sealer::write_ahead() {
  const std::uint32_t version = ring_.newest()->version();
  const std::uint64_t wanted =
      std::min(ring_.newest()->wraps_used() + limits_.written_ahead, limits_.wraps_max);
  const std::string id = record_id(kWrapsPrefix, version);
  const auto present = registry_.read().find(RecordKind::kSealingKey, id);
  if (!present) {
    return problem_of(present.error());
  }
  const auto stored =
      registry_.commit({put(id, std::to_string(wanted), *present ? (*present)->modified : 0)},
                       fact("sealing_key.reserve", id));
  if (!stored) {
    return problem_of(stored.error());
  }
  written_wraps_ = wanted;
  return {};
}

std::expected<void, Problem> Sealer::maintain() {
  // Only who holds this mutex changes the ring, so reading it here needs no other lock.
  const std::scoped_lock lock(maintain_mutex_);
  return maintain_locked();
}

std::expected<void, Problem> Sealer::maintain_locked() {
  if (root_to_finish_) {
    if (const auto taken = take_root(kSystem); !taken) {
      return taken;
    }
  }
  if (ring_.newest()->wraps_used() + limits_.kept_back >= limits_.wraps_max) {
    return make_key(ring_.newest()->version() + 1, kSystem);
  }
  if (ring_.newest()->wraps_used() + (limits_.written_ahead / 2) >= written_wraps_) {
    return write_ahead();
  }
  return {};
}

std::uint32_t Sealer::sealing_key_version() {
  const std::shared_lock lock(ring_mutex_);
  return ring_.newest()->version();
}

std::vector<std::uint32_t> Sealer::sealing_key_versions() const {
  const std::shared_lock lock(ring_mutex_);
  std::vector<std::uint32_t> versions;
  for (const SealingKey& key : ring_.all()) {
    versions.push_back(key.version());
  }
  return versions;
}

std::expected<std::uint32_t, Problem> Sealer::begin_new_key(const Actor& actor) {
  const std::scoped_lock lock(maintain_mutex_);
  if (next_root_id_ || root_to_finish_) {
    return problem(Kind::kConflict, "root_rotation_pending",
                   "a change of the root key is under way: finish it first, `counterfoil secrets "
                   "status` tells how");
  }
  const std::uint32_t version = ring_.newest()->version() + 1;
  if (const auto made = make_key(version, actor); !made) {
    return std::unexpected(made.error());
  }
  return version;
}

std::expected<void, Problem> Sealer::destroy_key(std::uint32_t version,
                                                 std::map<std::string, std::string> detail) {
  const std::scoped_lock lock(maintain_mutex_);
  std::vector<Write> writes;
  for (const std::string_view prefix : {kKeyPrefix, kWrapsPrefix, kNextPrefix}) {
    const auto record = own_record(record_id(prefix, version));
    if (!record) {
      return std::unexpected(record.error());
    }
    if (*record) {
      writes.push_back(erase(**record));
    }
  }
  AuditFact destroyed = fact("sealing_key.destroy", record_id(kKeyPrefix, version));
  destroyed.detail = std::move(detail);
  if (const auto stored = registry_.commit(std::move(writes), destroyed); !stored) {
    return problem_of(stored.error());
  }
  const std::unique_lock ring_lock(ring_mutex_);
  ring_.remove(version);
  return {};
}

std::expected<void, Problem> Sealer::load_pepper() {
  const auto record = registry_.read().find(RecordKind::kSealingKey, kPepperRecord);
  if (!record) {
    return problem_of(record.error());
  }
  auto pepper = *record ? open_own(kPepperRecord, as_bytes((*record)->bytes)) : make_pepper();
  if (!pepper) {
    return std::unexpected(pepper.error());
  }
  auto lookup = KeyedHash::from_pepper(*pepper);
  if (!lookup) {
    return problem(Kind::kUnavailable, "crypto_failed", describe(lookup.error()));
  }
  lookup_ = std::move(*lookup);
  return {};
}

std::expected<SecretBytes, Problem> Sealer::make_pepper() {
  if (const auto none = refuse_orphans(); !none) {
    return std::unexpected(none.error());
  }
  auto made = SecretBytes::random(KeyedHash::kPepperBytes, random_);
  if (!made) {
    return problem(Kind::kUnavailable, "crypto_failed", describe(made.error()));
  }
  const auto sealed = seal_own(kPepperRecord, *made);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  const auto stored =
      registry_.commit({put(std::string(kPepperRecord), std::string(as_text(*sealed)), 0)},
                       fact("pepper.create", std::string(kPepperRecord)));
  if (!stored) {
    return problem_of(stored.error());
  }
  return std::move(*made);
}

}  // namespace counterfoil
