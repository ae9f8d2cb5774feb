#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace counterfoil {

// RegistryProxy hands every call on to another registry, until a test lets some fail or something
// happen just before a commit. For tests alone.
class RegistryProxy : public Registry {
 public:
  // `registry` must outlive it.
  explicit RegistryProxy(Registry& registry) : registry_(registry) {}

  std::optional<RegistryError> read_fails;
  std::optional<RegistryError> index_fails;
  std::optional<RegistryError> commit_fails;
  std::optional<RegistryError> feed_fails;
  std::function<void()> before_commit;  // called once for each commit() that does not fail

  std::expected<Revision, RegistryError> revision() const override { return registry_.revision(); }
  std::expected<std::optional<Record>, RegistryError> find(RecordKind kind,
                                                           std::string_view id) const override {
    if (read_fails) {
      return std::unexpected(*read_fails);
    }
    return registry_.find(kind, id);
  }
  std::expected<std::vector<Record>, RegistryError> list(RecordKind kind, std::string_view after_id,
                                                         std::size_t limit) const override {
    if (read_fails) {
      return std::unexpected(*read_fails);
    }
    return registry_.list(kind, after_id, limit);
  }
  std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value,
      std::string_view after_id = {}) const override {
    if (index_fails) {
      return std::unexpected(*index_fails);
    }
    return registry_.find_by_index(index, value, after_id);
  }
  std::expected<Revision, RegistryError> commit(const Transaction& transaction) override {
    if (commit_fails) {
      return std::unexpected(*commit_fails);
    }
    if (before_commit) {
      before_commit();
    }
    return registry_.commit(transaction);
  }
  std::expected<std::vector<Change>, RegistryError> changes(const Revision& after,
                                                            std::size_t limit) const override {
    if (feed_fails) {
      return std::unexpected(*feed_fails);
    }
    return registry_.changes(after, limit);
  }
  std::expected<Revision, RegistryError> scan(RecordKind kind,
                                              const RecordVisitor& visitor) const override {
    return registry_.scan(kind, visitor);
  }
  Subscription subscribe(CommitListener listener) override {
    return registry_.subscribe(std::move(listener));
  }
  std::expected<std::optional<AuditEntry>, RegistryError> last_audit() const override {
    return registry_.last_audit();
  }
  std::expected<std::vector<AuditEntry>, RegistryError> audit_outbox(
      std::size_t limit) const override {
    return registry_.audit_outbox(limit);
  }
  std::expected<void, RegistryError> trim_audit(std::uint64_t up_to_seq) override {
    return registry_.trim_audit(up_to_seq);
  }
  std::expected<void, RegistryError> forget_replaced(Forgetting depth) override {
    return registry_.forget_replaced(depth);
  }
  bool keep_reserve() override { return registry_.keep_reserve(); }

 private:
  Registry& registry_;
};

}  // namespace counterfoil
