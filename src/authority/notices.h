#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "accounts/person_id.h"
#include "authority/audit_chain.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

// Notices tell people what was done in their name or to what is theirs (control S-66). They are
// made out of the audit records, in the same transaction, so none is forgotten and no change has to
// think of them. Holders are told of the API keys of their account and its sub-accounts.

// notices_of gives the notices of what one transaction records. `first_seq` is the seq of the first
// of `facts`. What the same person is told of the same action in one transaction is one notice with
// a count. At most `writes_max` of them. A fault of the store costs notices, never the change: what
// stops harm must not wait for them.
[[nodiscard]] std::vector<Write> notices_of(const Registry& registry,
                                            std::span<const AuditFact> facts,
                                            std::uint64_t first_seq, Timestamp time,
                                            std::size_t writes_max);

// The ids of a person's notices begin with notice_prefix, and the newest comes first.
[[nodiscard]] std::string notice_prefix(const PersonId& person);

}  // namespace counterfoil
