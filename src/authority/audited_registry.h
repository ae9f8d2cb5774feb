#pragma once

#include <expected>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

// AuditedRegistry is the one way the authority changes the registry: every transaction carries its
// audit record, made and chained here (no change without record, no record without change). Safe to
// call from any thread.
//
// People are told of what is recorded in the same transaction (authority/notices.h).
//
// A record's time is the clock's, unless the clock was set back by more than kAuditTimeBackMax:
// then it is the time of the record before, and the detail "clock" says what the clock showed. So
// times of a whole log never run back, and none is invented.
class AuditedRegistry {
 public:
  // `registry` and `clock` must outlive it. `birth` is the hash of the log's birth record.
  AuditedRegistry(Registry& registry, const Clock& clock, std::string node, const Digest& birth)
      : registry_(registry), clock_(clock), node_(std::move(node)), birth_(birth) {}

  // commit writes `writes` and the record of `fact` in one transaction; `writes` may be empty.
  // kConflict: a record was changed since it was read: read again and decide anew. kCorrupt: also
  // when the newest audit record cannot be read, for nothing may follow it then.
  [[nodiscard]] std::expected<Revision, RegistryError> commit(std::vector<Write> writes,
                                                              const AuditFact& fact,
                                                              Urgency urgency = Urgency::kNormal) {
    return commit_all(std::move(writes), {&fact, 1}, urgency);
  }
  // commit_all does so for several changes that happen together, each with its record, in the order
  // of `facts` (at least one).
  [[nodiscard]] std::expected<Revision, RegistryError> commit_all(
      std::vector<Write> writes, std::span<const AuditFact> facts,
      Urgency urgency = Urgency::kNormal);

  [[nodiscard]] const Registry& read() const { return registry_; }
  [[nodiscard]] Timestamp now() const { return clock_.now(); }
  [[nodiscard]] std::expected<AuditHead, RegistryError> head() const;

 private:
  // Newest is the head of the chain, and the time of its record.
  struct Newest {
    AuditHead head;
    Timestamp time{};
  };
  [[nodiscard]] std::expected<Newest, RegistryError> newest_locked() const;

  Registry& registry_;
  const Clock& clock_;
  std::string node_;
  Digest birth_;
  mutable std::mutex mutex_;              // one chain: its records are made one after the other
  mutable std::optional<Newest> newest_;  // nullopt: read it from the registry
};

}  // namespace counterfoil
