#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "authority/audit_chain.h"
#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sealer.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/keyed_hash.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "registry/registry.h"

// The sealing keys as records of the registry: "kek-<version>" is the key, wrapped by the root key;
// "wraps-<version>" how many wraps it may have made; "pepper" what secrets are hashed with for
// look-up, sealed like any secret of ours.

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

constexpr std::string_view kKeyPrefix = "kek-";
constexpr std::string_view kWrapsPrefix = "wraps-";
constexpr std::string_view kPepperRecord = "pepper";

std::unexpected<Problem> wrong_root_key() {
  return problem(Kind::kUnavailable, "wrong_root_key",
                 "the root key does not open this registry: it is the key of another "
                 "installation, or the registry was tampered with; put the right root.key in "
                 "place");
}

std::string record_id(std::string_view prefix, std::uint32_t version) {
  return std::string(prefix) + std::to_string(version);
}

AuditFact fact(std::string action, std::string object) {
  return {.actor = "system",
          .source = "local",
          .action = std::move(action),
          .object = std::move(object),
          .detail = {}};
}

Write write(std::string id, std::string bytes, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kSealingKey,
          .id = std::move(id),
          .bytes = std::move(bytes),
          .expected_modified = expected_modified,
          .indexes = {}};
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
    if (const auto made = sealer->make_key(1); !made) {
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
  const auto stored = registry_.read().list(RecordKind::kSealingKey, "", kListMax);
  if (!stored) {
    return problem_of(stored.error());
  }
  for (const Record& record : *stored) {
    if (!record.id.starts_with(kKeyPrefix)) {
      continue;
    }
    const std::string version = record.id.substr(kKeyPrefix.size());
    const auto wraps =
        registry_.read().find(RecordKind::kSealingKey, std::string(kWrapsPrefix) + version);
    if (!wraps) {
      return problem_of(wraps.error());
    }
    auto key = SealingKey::unwrap(as_bytes(record.bytes), root_,
                                  wraps_of(*wraps, limits_.wraps_max), limits_.wraps_max);
    if (!key || std::to_string(key->version()) != version) {
      return wrong_root_key();
    }
    ring_.add(std::move(*key));
  }
  if (SealingKey* const newest = ring_.newest(); newest != nullptr) {
    written_wraps_ = newest->wraps_used();
  }
  return {};
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

std::expected<void, Problem> Sealer::make_key(std::uint32_t version) {
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
  const auto stored =
      registry_.commit({write(id, std::string(as_text(*wrapped)), 0),
                        write(record_id(kWrapsPrefix, version), std::to_string(ahead), 0)},
                       fact("sealing_key.create", id));
  if (!stored) {
    return problem_of(stored.error());
  }
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
      registry_.commit({write(id, std::to_string(wanted), *present ? (*present)->modified : 0)},
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
  if (ring_.newest()->wraps_used() + limits_.kept_back >= limits_.wraps_max) {
    return make_key(ring_.newest()->version() + 1);
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
      registry_.commit({write(std::string(kPepperRecord), std::string(as_text(*sealed)), 0)},
                       fact("pepper.create", std::string(kPepperRecord)));
  if (!stored) {
    return problem_of(stored.error());
  }
  return std::move(*made);
}

}  // namespace counterfoil
