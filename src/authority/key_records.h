#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "accounts/account.h"
#include "authority/audit_chain.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

struct Actor;
using AuditDetail = std::map<std::string, std::string>;

// How accounts and API keys become records with their index entries (registry/index_names.h), and
// what the audit log says of a change. `expected_modified`: Record::modified as it was read, 0 for
// a new one.
[[nodiscard]] Write account_write(const Account& account, std::uint64_t expected_modified);
[[nodiscard]] Write api_key_write(const ApiKey& key, const PermissionTable& permissions,
                                  std::uint64_t expected_modified);

// expiry_minute is the minute since 1970 by which kExpiryIndex finds an API key.
[[nodiscard]] std::int64_t expiry_minute(Timestamp expires_at);

[[nodiscard]] AuditFact account_fact(const Actor& actor, std::string action, std::string account,
                                     AuditDetail detail = {});
[[nodiscard]] AuditFact api_key_fact(const Actor& actor, std::string action, const ApiKey& key,
                                     AuditDetail detail = {});

}  // namespace counterfoil
