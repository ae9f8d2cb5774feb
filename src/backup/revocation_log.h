#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/checkpoint_sink.h"
#include "authority/problem.h"
#include "backup/revocation_lines.h"
#include "base/append_file.h"
#include "crypto/digest.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// RevocationLog writes the revocation log (backup/revocation_lines.h) to one or more files. Safe to
// call from any thread.
class RevocationLog final : public CheckpointSink {
 public:
  // start opens the files, making those that are missing (0600), and writes what the audit log
  // knows and they do not: a crash may have come between a commit and its line, and a file may have
  // been out of reach. What cannot be written is left to retry(). A file that holds nothing of this
  // incarnation of the registry gets a section of its own, which begins now.
  //
  //   log_id   of the audit log
  //   Problem  revocation_log_damaged, revocation_log_unsafe, revocation_log_unavailable; registry
  //            unavailable
  [[nodiscard]] static std::expected<std::unique_ptr<RevocationLog>, Problem> start(
      const std::vector<std::filesystem::path>& paths, const Registry& registry,
      const Journal& journal, const std::string& log_id);

  // commit commits `transaction` to `registry` and writes what it ends to every file, synced. When
  // that fails, a transaction of urgency kRevocation is answered kUnavailable although it is
  // committed: it may not be called done before the line is written, and retry() writes it later.
  [[nodiscard]] std::expected<Revision, RegistryError> commit(Registry& registry,
                                                              const Transaction& transaction);

  // retry tries again to write what could not be written. Call it every second or so. Problem: what
  // is still missing where; for the node's status.
  [[nodiscard]] std::expected<void, Problem> retry();
  [[nodiscard]] bool is_complete() const { return waiting_ == 0; }

  // take notes that everything up to the checkpoint's record is in the log.
  [[nodiscard]] std::expected<void, Problem> take(std::string_view checkpoint_line) override;

 private:
  // Place is one file. `waiting` are lines, without their hash, that are not in it yet.
  struct Place {
    std::filesystem::path path;
    AppendFile file;
    Digest last_hash{};
    std::deque<std::string> waiting;
  };
  RevocationLog() = default;

  [[nodiscard]] static std::expected<Place, Problem> open_place(const std::filesystem::path& path,
                                                                RevocationLogText& log);
  [[nodiscard]] static bool write_some(Place& place);
  [[nodiscard]] bool write_all_locked();
  [[nodiscard]] std::expected<void, Problem> problem_locked() const;
  void add_locked(const std::string& json);

  std::mutex mutex_;
  std::vector<Place> places_;
  std::atomic<std::size_t> waiting_{0};
};

// LoggedRegistry is a registry whose endings go to a revocation log before they count as done. The
// authority changes the registry through it; readers may use the registry itself.
class LoggedRegistry final : public Registry {
 public:
  // Both must outlive it.
  LoggedRegistry(Registry& registry, RevocationLog& log) : registry_(registry), log_(log) {}

  // revision is kUnavailable while something that was ended is not in the log: whoever repeats a
  // revocation that was not answered asks for it, and may not be told that all is well.
  std::expected<Revision, RegistryError> revision() const override;
  std::expected<Revision, RegistryError> commit(const Transaction& transaction) override {
    return log_.commit(registry_, transaction);
  }

  std::expected<std::optional<Record>, RegistryError> find(RecordKind kind,
                                                           std::string_view id) const override {
    return registry_.find(kind, id);
  }
  std::expected<std::vector<Record>, RegistryError> list(RecordKind kind, std::string_view after_id,
                                                         std::size_t limit) const override {
    return registry_.list(kind, after_id, limit);
  }
  std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value, std::string_view after_id) const override {
    return registry_.find_by_index(index, value, after_id);
  }
  std::expected<std::vector<Change>, RegistryError> changes(const Revision& after,
                                                            std::size_t limit) const override {
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
  RevocationLog& log_;
};

}  // namespace counterfoil
