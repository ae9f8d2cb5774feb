#include "authority/audit_origin.h"

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sealer.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "crypto/signature_scheme.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Origin = std::expected<AuditOrigin, Problem>;
using Kind = Problem::Kind;

Origin birth_missing() {
  return problem(Kind::kUnavailable, "audit_birth_missing",
                 "the registry has records but no audit log's birth record: it is damaged, or was "
                 "made by a release before the first; restore the newest backup");
}

Origin read_origin(std::string birth_line) {
  if (!AuditCursor::at_birth(birth_line)) {
    return problem(Kind::kUnavailable, "audit_birth_damaged",
                   "the audit log's birth record in the registry cannot be read: the registry is "
                   "damaged or was tampered with; restore the newest backup");
  }
  const Digest hash = birth_hash(birth_line);
  return AuditOrigin{.birth_line = std::move(birth_line), .hash = hash};
}

std::expected<bool, Problem> is_empty(const Registry& registry) {
  const auto revision = registry.revision();
  const auto last_audit = registry.last_audit();
  if (!revision || !last_audit) {
    return problem_of(!revision ? revision.error() : last_audit.error());
  }
  return revision->number == 0 && !*last_audit;
}

Write setting(std::string_view id, std::string bytes) {
  return {.kind = RecordKind::kSetting, .id = std::string(id), .bytes = std::move(bytes)};
}

std::expected<std::string, Problem> new_log_id(RandomSource& random) {
  std::array<std::uint8_t, 16> bytes{};
  if (!random.fill(bytes)) {
    return no_randomness();
  }
  return to_hex(bytes);
}

// The beginning of a log, made in a registry that lives in memory: the sealing key must be made
// with its record before it can seal the audit key, and the birth record names the audit key. Where
// the parts need each other so, only the whole may reach the disk.
class Beginning {
 public:
  Beginning(RandomSource& random, const Clock& clock, std::string node)
      : random_(random), clock_(clock), node_(std::move(node)) {}

  std::expected<AuditOrigin, Problem> make(RootKey root) {
    auto key = PrivateKey::generate(Scheme::kEd25519, random_);
    auto log_id = new_log_id(random_);
    if (!key || !log_id) {
      return no_randomness();
    }
    auto origin = read_origin(encode_birth({.log_id = std::move(*log_id),
                                            .public_key_pem = key->public_key().pem(),
                                            .time = clock_.now()}));
    if (!origin) {
      return origin;
    }
    AuditedRegistry audited(*scratch_, clock_, node_, origin->hash);
    const auto sealer = Sealer::start(std::move(root), audited, random_);
    if (!sealer) {
      return std::unexpected(sealer.error());
    }
    if (const auto stored = store(audited, **sealer, *key, *origin); !stored) {
      return std::unexpected(stored.error());
    }
    return origin;
  }

  // The whole beginning as one transaction. No record of it has index entries.
  std::expected<Transaction, Problem> transaction() const {
    Transaction whole;
    for (const RecordKind kind : {RecordKind::kAccount, RecordKind::kApiKey,
                                  RecordKind::kSealingKey, RecordKind::kSetting}) {
      auto records = scratch_->list(kind, "", kListMax);
      if (!records) {
        return problem_of(records.error());
      }
      for (Record& record : *records) {
        whole.writes.push_back(
            {.kind = kind, .id = std::move(record.id), .bytes = std::move(record.bytes)});
      }
    }
    auto audit = scratch_->audit_outbox(kListMax);
    if (!audit) {
      return problem_of(audit.error());
    }
    whole.audit = std::move(*audit);
    return whole;
  }

 private:
  static std::expected<void, Problem> store(AuditedRegistry& audited, Sealer& sealer,
                                            const PrivateKey& key, const AuditOrigin& origin) {
    const auto pem = key.to_pkcs8_pem();
    if (!pem) {
      return no_randomness();
    }
    const auto sealed = sealer.seal_own(kAuditKeySealName, *pem);
    if (!sealed) {
      return std::unexpected(sealed.error());
    }
    const AuditKeys keys{.public_keys = {key.public_key().pem()},
                         .sealed_private_key = std::string(as_text(*sealed))};
    std::vector<Write> writes;
    writes.push_back(setting(kAuditBirthSetting, origin.birth_line));
    writes.push_back(setting(kAuditKeysSetting, encode(keys)));
    const auto stored =
        audited.commit(std::move(writes), {.actor = "system",
                                           .source = "local",
                                           .action = "audit_log.create",
                                           .object = key.public_key().fingerprint_text()});
    if (!stored) {
      return problem_of(stored.error());
    }
    return {};
  }

  RandomSource& random_;
  const Clock& clock_;
  std::string node_;
  std::unique_ptr<Registry> scratch_ = make_memory_registry();
};

}  // namespace

std::expected<AuditOrigin, Problem> ensure_audit_origin(Registry& registry,
                                                        const RootKeyLoader& load_root_key,
                                                        RandomSource& random, const Clock& clock,
                                                        const std::string& node) {
  auto found = registry.find(RecordKind::kSetting, kAuditBirthSetting);
  if (!found) {
    return problem_of(found.error());
  }
  if (std::optional<Record>& birth = *found) {
    return read_origin(std::move(birth->bytes));
  }
  const auto empty = is_empty(registry);
  if (!empty) {
    return std::unexpected(empty.error());
  }
  if (!*empty) {
    return birth_missing();
  }
  auto root = load_root_key();
  if (!root) {
    return std::unexpected(root.error());
  }
  Beginning beginning(random, clock, node);
  auto origin = beginning.make(std::move(*root));
  if (!origin) {
    return origin;
  }
  const auto whole = beginning.transaction();
  if (!whole) {
    return std::unexpected(whole.error());
  }
  if (const auto committed = registry.commit(*whole); !committed) {
    return problem_of(committed.error());
  }
  return origin;
}

}  // namespace counterfoil
