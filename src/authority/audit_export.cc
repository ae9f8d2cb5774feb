#include "authority/audit_export.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "journal/journal.h"

namespace counterfoil {
namespace {

constexpr std::size_t kRowsAtATime = 1'000;

// CheckpointStream gives the journal's checkpoints one after the other, with the record each pins.
class CheckpointStream {
 public:
  explicit CheckpointStream(const Journal& journal) : journal_(journal) {}

  struct Checkpoint {
    std::uint64_t seq = 0;
    std::string line;
  };
  // next gives nullptr at the end. It stays until take().
  std::expected<const Checkpoint*, Problem> next() {
    if (!current_ && !ended_) {
      if (const auto read = read_one(); !read) {
        return std::unexpected(read.error());
      }
    }
    return current_ ? &*current_ : nullptr;
  }
  void take() { current_.reset(); }

 private:
  std::expected<void, Problem> read_one() {
    if (at_ == page_.size()) {
      auto page = journal_.checkpoints(position_, kRowsAtATime);
      if (!page) {
        return problem_of(page.error());
      }
      page_ = std::move(*page);
      at_ = 0;
      ended_ = page_.empty();
    }
    if (ended_) {
      return {};
    }
    CheckpointRow& row = page_[at_++];
    position_ = row.position;
    const auto parsed = parse_checkpoint(row.bytes);
    if (!parsed) {
      return problem(Problem::Kind::kUnavailable, "audit_log_damaged",
                     "checkpoint " + std::to_string(row.position) +
                         " in the journal cannot be read: the journal is damaged or was tampered "
                         "with; keep a copy of it");
    }
    current_ = Checkpoint{.seq = parsed->seq, .line = std::move(row.bytes)};
    return {};
  }

  const Journal& journal_;
  std::vector<CheckpointRow> page_;
  std::size_t at_ = 0;
  std::uint64_t position_ = 0;
  bool ended_ = false;
  std::optional<Checkpoint> current_;
};

// Exporting is one export on its way.
class Exporting {
 public:
  Exporting(const Journal& journal, const AuditLineSink& sink)
      : journal_(journal), sink_(sink), checkpoints_(journal) {}

  std::expected<AuditExported, Problem> run(std::string_view birth_line) {
    const auto found = journal_.audit_head();
    if (!found) {
      return problem_of(found.error());
    }
    const std::optional<AuditRow>& head = *found;
    const std::uint64_t last = head ? head->seq : 0;
    give(birth_line);
    while (wants_more_ && exported_.records < last) {
      const auto rows = journal_.audit(exported_.records, kRowsAtATime);
      if (!rows) {
        return problem_of(rows.error());
      }
      if (rows->empty()) {
        return problem_of(JournalError::kCorrupt);
      }
      if (const auto given = give_rows(*rows, last); !given) {
        return std::unexpected(given.error());
      }
    }
    return exported_;
  }

 private:
  std::expected<void, Problem> give_rows(const std::vector<AuditRow>& rows, std::uint64_t last) {
    for (const AuditRow& row : rows) {
      if (row.seq > last || !wants_more_) {
        return {};
      }
      give(row.bytes);
      exported_.records = row.seq;
      if (const auto given = give_checkpoints(row.seq); !given) {
        return given;
      }
    }
    return {};
  }

  std::expected<void, Problem> give_checkpoints(std::uint64_t seq) {
    while (wants_more_) {
      const auto checkpoint = checkpoints_.next();
      if (!checkpoint) {
        return std::unexpected(checkpoint.error());
      }
      if (*checkpoint == nullptr || (*checkpoint)->seq > seq) {
        return {};
      }
      give((*checkpoint)->line);
      ++exported_.checkpoints;
      checkpoints_.take();
    }
    return {};
  }

  void give(std::string_view line) { wants_more_ = wants_more_ && sink_(line); }

  const Journal& journal_;
  const AuditLineSink& sink_;
  CheckpointStream checkpoints_;
  AuditExported exported_;
  bool wants_more_ = true;
};

}  // namespace

std::expected<AuditExported, Problem> export_audit_log(const Journal& journal,
                                                       std::string_view birth_line,
                                                       const AuditLineSink& sink) {
  return Exporting(journal, sink).run(birth_line);
}

std::unexpected<Problem> problem_of(JournalError error) {
  if (error == JournalError::kFull) {
    return problem(Problem::Kind::kUnavailable, "disk_full",
                   "the journal's disk is full; free some space, then it goes on by itself");
  }
  return problem(Problem::Kind::kUnavailable, "journal_unavailable",
                 "the journal did not do its work (" + std::string(describe(error)) + ")");
}

}  // namespace counterfoil
