#include "authority/audited_registry.h"

#include <expected>
#include <mutex>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "registry/registry.h"

namespace counterfoil {

std::expected<AuditHead, RegistryError> AuditedRegistry::head_locked() const {
  if (head_) {
    return *head_;
  }
  const auto last = registry_.last_audit();
  if (!last) {
    return std::unexpected(last.error());
  }
  if (!*last) {
    head_ = AuditHead{.seq = 0, .hash = birth_};
    return *head_;
  }
  const auto head = head_of((*last)->bytes);
  if (!head) {
    return std::unexpected(RegistryError::kCorrupt);
  }
  head_ = *head;
  return *head_;
}

std::expected<AuditHead, RegistryError> AuditedRegistry::head() const {
  const std::scoped_lock lock(mutex_);
  return head_locked();
}

std::expected<Revision, RegistryError> AuditedRegistry::commit(std::vector<Write> writes,
                                                               const AuditFact& fact,
                                                               Urgency urgency) {
  std::expected<Revision, RegistryError> revision = std::unexpected(RegistryError::kUnavailable);
  {
    const std::scoped_lock lock(mutex_);
    const auto head = head_locked();
    if (!head) {
      return std::unexpected(head.error());
    }
    const std::string record = encode_record(fact, *head, clock_.now(), node_);
    Transaction transaction{.writes = std::move(writes),
                            .audit = {{.seq = head->seq + 1, .bytes = record}},
                            .urgency = urgency};
    revision = registry_.commit(transaction);
    // Whatever went wrong, the chain's true head is in the registry: read it again next time.
    head_ = revision ? head_of(record) : std::nullopt;
  }
  if (revision && listener_) {
    listener_();
  }
  return revision;
}

}  // namespace counterfoil
