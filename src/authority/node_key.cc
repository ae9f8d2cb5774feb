#include "authority/node_key.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sealer.h"
#include "authority/secret_job.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Result = std::expected<PrivateKey, Problem>;

// The record's id, and the name that the sealer binds its bytes to.
std::string record_name(const std::string& node) { return std::string(kNodeKeyPrefix) + node; }

Result open_key(const Sealer& sealer, const std::string& name, const Record& record) {
  const auto pem = sealer.open_own(name, as_bytes(record.bytes));
  auto key = pem ? SecretJob::to_private_key(*pem) : std::unexpected(PrivateKeyError::kEmpty);
  if (!key || key->scheme() != Scheme::kEd25519) {
    return problem(Problem::Kind::kUnavailable, "node_key_unusable",
                   "the key of this node in the registry does not open: the registry is damaged or "
                   "was tampered with; restore the newest backup");
  }
  return std::move(*key);
}

}  // namespace

Result ensure_node_key(AuditedRegistry& registry, Sealer& sealer, RandomSource& random,
                       const std::string& node) {
  const std::string name = record_name(node);
  const auto found = registry.read().find(RecordKind::kSetting, name);
  if (!found) {
    return problem_of(found.error());
  }
  if (const std::optional<Record>& record = *found) {
    return open_key(sealer, name, *record);
  }
  auto key = PrivateKey::generate(Scheme::kEd25519, random);
  const auto pem = key ? key->to_pkcs8_pem() : std::unexpected(key.error());
  if (!pem) {
    return no_randomness();
  }
  const auto sealed = sealer.seal_own(name, *pem);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  const auto stored = registry.commit(
      {{.kind = RecordKind::kSetting, .id = name, .bytes = std::string(as_text(*sealed))}},
      {.actor = "system",
       .source = "local",
       .action = std::string(kNodeKeyMade),
       .object = node,
       .detail = {{"public_key", key->public_key().pem()}}});
  if (!stored) {
    return problem_of(stored.error());
  }
  return std::move(*key);
}

}  // namespace counterfoil
