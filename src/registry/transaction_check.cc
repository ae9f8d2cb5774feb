#include "registry/transaction_check.h"

#include <cstddef>
#include <expected>
#include <set>
#include <string_view>
#include <utility>

#include "registry/registry.h"

namespace counterfoil {
namespace {

using Checked = std::expected<void, RegistryError>;

Checked check_indexes(const Write& write) {
  if (write.indexes.size() > kIndexesPerRecordMax) {
    return std::unexpected(RegistryError::kTooLarge);
  }
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const IndexEntry& entry : write.indexes) {
    if (entry.index.size() > kIndexNameBytesMax || entry.value.size() > kIndexValueBytesMax) {
      return std::unexpected(RegistryError::kTooLarge);
    }
    if (entry.index.empty() || !seen.emplace(entry.index, entry.value).second) {
      return std::unexpected(RegistryError::kInvalid);
    }
  }
  return {};
}

Checked check_write(const Write& write) {
  if (write.id.size() > kRecordIdBytesMax ||
      (write.bytes && write.bytes->size() > kRecordBytesMax)) {
    return std::unexpected(RegistryError::kTooLarge);
  }
  const bool erases = !write.bytes.has_value();
  if (write.id.empty() || (erases && (write.expected_modified == 0 || !write.indexes.empty()))) {
    return std::unexpected(RegistryError::kInvalid);
  }
  return check_indexes(write);
}

Checked check_audit(const Transaction& transaction) {
  for (std::size_t i = 0; i < transaction.audit.size(); ++i) {
    if (transaction.audit[i].bytes.size() > kAuditEntryBytesMax) {
      return std::unexpected(RegistryError::kTooLarge);
    }
    if (transaction.audit[i].seq == 0 ||
        (i > 0 && transaction.audit[i].seq != transaction.audit[i - 1].seq + 1)) {
      return std::unexpected(RegistryError::kConflict);
    }
  }
  return {};
}

}  // namespace

Checked check_transaction(const Transaction& transaction) {
  if (transaction.writes.empty() && transaction.audit.empty()) {
    return std::unexpected(RegistryError::kInvalid);
  }
  if (transaction.writes.size() > kWritesPerTransactionMax ||
      transaction.audit.size() > kAuditPerTransactionMax) {
    return std::unexpected(RegistryError::kTooLarge);
  }
  std::set<std::pair<RecordKind, std::string_view>> seen;
  for (const Write& write : transaction.writes) {
    if (auto checked = check_write(write); !checked) {
      return checked;
    }
    if (!seen.emplace(write.kind, write.id).second) {
      return std::unexpected(RegistryError::kInvalid);
    }
  }
  return check_audit(transaction);
}

}  // namespace counterfoil
