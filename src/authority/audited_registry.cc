#include "authority/audited_registry.h"

#include <algorithm>
#include <expected>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "authority/notices.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// The fact as it is recorded at `time`, when the clock shows `clock`.
AuditFact with_clock(AuditFact fact, Timestamp clock) {
  fact.detail.emplace("clock", audit_time_text(clock));
  return fact;
}

}  // namespace

std::expected<AuditedRegistry::Newest, RegistryError> AuditedRegistry::newest_locked() const {
  if (newest_) {
    return *newest_;
  }
  const auto found = registry_.last_audit();
  if (!found) {
    return std::unexpected(found.error());
  }
  const std::optional<AuditEntry>& last = *found;
  if (!last) {
    newest_ = Newest{.head = {.seq = 0, .hash = birth_}};
    return *newest_;
  }
  const std::string& line = last->bytes;
  const auto record = parse_record(line);
  if (!record || record->seq != last->seq) {
    return std::unexpected(RegistryError::kCorrupt);
  }
  newest_ = Newest{.head = {.seq = record->seq, .hash = record_hash(record->prev, line)},
                   .time = record->time};
  return *newest_;
}

std::expected<AuditHead, RegistryError> AuditedRegistry::head() const {
  const std::scoped_lock lock(mutex_);
  const auto newest = newest_locked();
  return newest ? std::expected<AuditHead, RegistryError>(newest->head)
                : std::unexpected(newest.error());
}

std::expected<Revision, RegistryError> AuditedRegistry::commit_all(std::vector<Write> writes,
                                                                   std::span<const AuditFact> facts,
                                                                   Urgency urgency) {
  const std::scoped_lock lock(mutex_);
  const auto newest = newest_locked();
  if (!newest) {
    return std::unexpected(newest.error());
  }
  const Timestamp now = clock_.now();
  const bool was_set_back = now < newest->time - kAuditTimeBackMax;
  Newest next{.head = newest->head, .time = was_set_back ? newest->time : now};
  Transaction transaction{.writes = std::move(writes), .urgency = urgency};
  for (const AuditFact& fact : facts) {
    std::string record =
        encode_record(was_set_back ? with_clock(fact, now) : fact, next.head, next.time, node_);
    next.head = {.seq = next.head.seq + 1, .hash = record_hash(next.head.hash, record)};
    transaction.audit.push_back({.seq = next.head.seq, .bytes = std::move(record)});
  }
  std::ranges::move(notices_of(registry_, facts, newest->head.seq + 1, next.time,
                               kWritesPerTransactionMax -
                                   std::min(kWritesPerTransactionMax, transaction.writes.size())),
                    std::back_inserter(transaction.writes));
  const auto revision = registry_.commit(transaction);
  // Whatever went wrong, the chain's true head is in the registry: read it again next time.
  newest_ = revision ? std::optional(next) : std::nullopt;
  return revision;
}

}  // namespace counterfoil
