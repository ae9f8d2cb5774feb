#pragma once

#include <expected>
#include <functional>
#include <string>

#include "authority/problem.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/root_key.h"
#include "registry/registry.h"

namespace counterfoil {

// AuditOrigin is what must be known of the audit log before its first record can be made.
struct AuditOrigin {
  std::string birth_line;  // the birth record
  Digest hash{};           // its hash: what AuditedRegistry begins with
};

// RootKeyLoader loads the root key once more; only the first start needs it.
using RootKeyLoader = std::function<std::expected<RootKey, Problem>()>;

// ensure_audit_origin reads the birth record of the registry's audit log. In an empty registry it
// makes the log first: birth record, audit key, the first sealing key (for the audit key is sealed)
// and the records that tell of them, all in one transaction, so that a crash leaves either an empty
// registry or a whole beginning. Then start, in this order: AuditedRegistry, Sealer, AuditKeeper.
//
//   node     this node's name, as audit records will say it
//   Problem  audit_birth_missing: records but no birth record, so the registry is damaged or of a
//            release before the first; wrong root key, registry or random source unavailable
[[nodiscard]] std::expected<AuditOrigin, Problem> ensure_audit_origin(
    Registry& registry, const RootKeyLoader& load_root_key, RandomSource& random,
    const Clock& clock, const std::string& node);

}  // namespace counterfoil
