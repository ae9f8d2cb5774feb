#include "authority/key_records.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "base/hex.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/permission.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

IndexEntry entry(std::string_view index, std::string value, IndexRule rule = IndexRule::kMany) {
  return {.index = std::string(index), .value = std::move(value), .rule = rule};
}

std::vector<IndexEntry> index_entries(const ApiKey& key) {
  std::vector<IndexEntry> entries{entry(kAccountIndex, key.account.text())};
  if (key.state != KeyState::kRevoked) {
    entries.push_back(entry(kLivingIndex, key.account.text()));
    if (key.expires_at) {
      entries.push_back(entry(kExpiryIndex, std::to_string(expiry_minute(*key.expires_at))));
    }
    if (key.parent) {
      entries.push_back(entry(kParentIndex, std::string(key.parent->text())));
    }
  }
  if (std::ranges::any_of(key.pairs,
                          [](const KeyPair& pair) { return pair.quiet_for.has_value(); })) {
    entries.push_back(entry(kQuietIndex, std::string(kQuietValue)));
  }
  if (!key.label.empty()) {
    entries.push_back(entry(kLabelIndex, key.label));
  }
  if (!key.vendor.empty()) {
    entries.push_back(entry(kVendorIndex, key.vendor));
  }
  for (const KeyPair& pair : key.pairs) {
    entries.push_back(entry(kLookupIndex, to_hex(pair.lookup_hash), IndexRule::kUnique));
  }
  return entries;
}

std::vector<IndexEntry> index_entries(const Account& account) {
  if (!account.master) {
    return {};
  }
  return {entry(kMasterIndex, account.master->text()),
          entry(kEmailIndex, account.email, IndexRule::kUnique)};
}

}  // namespace

Write account_write(const Account& account, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kAccount,
          .id = account.id.text(),
          .bytes = encode_account(account),
          .expected_modified = expected_modified,
          .indexes = index_entries(account)};
}

Write api_key_write(const ApiKey& key, const PermissionTable& permissions,
                    std::uint64_t expected_modified) {
  return {.kind = RecordKind::kApiKey,
          .id = std::string(key.id.text()),
          .bytes = encode_api_key(key, permissions),
          .expected_modified = expected_modified,
          .indexes = index_entries(key)};
}

std::int64_t expiry_minute(Timestamp expires_at) {
  return std::chrono::floor<std::chrono::minutes>(expires_at.time_since_epoch()).count();
}

AuditFact account_fact(const Actor& actor, std::string action, std::string account,
                       AuditDetail detail) {
  return {.actor = actor.name,
          .source = actor.source,
          .action = std::move(action),
          .object = std::move(account),
          .detail = std::move(detail)};
}

AuditFact api_key_fact(const Actor& actor, std::string action, const ApiKey& key,
                       AuditDetail detail) {
  detail["account"] = key.account.text();
  if (actor.key) {
    detail["by_key"] = actor.key->text();
  }
  if (actor.management_key) {
    detail["by_key"] = actor.management_key->text();
  }
  return {.actor = actor.name,
          .source = actor.source,
          .action = std::move(action),
          .object = std::string(key.id.text()),
          .detail = std::move(detail)};
}

}  // namespace counterfoil
