#include "backup/revocation_log.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/revocation_lines.h"
#include "base/append_file.h"
#include "crypto/digest.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

// Room for some hundred lines on a full disk (design: revocations go on there).
constexpr std::size_t kRoomBytes = 256UL * 1024;
constexpr std::size_t kBytesAtOnce = 64UL * 1024;  // of lines that are synced together
constexpr std::size_t kRowsAtATime = 1'000;

std::unexpected<Problem> refuse(const std::filesystem::path& path, AppendFileError error) {
  if (error == AppendFileError::kUnsafe) {
    return problem(Kind::kUnavailable, "revocation_log_unsafe",
                   path.string() +
                       " must be a regular file of this user that nobody else can write to: set "
                       "its owner and mode (0600), or name another file");
  }
  return problem(
      Kind::kUnavailable, "revocation_log_unavailable",
      path.string() + (error == AppendFileError::kFull
                           ? " cannot be written, for its disk is full: free some space"
                           : " cannot be read or written: look at its disk and its permissions"));
}

// AuditFollower reads the audit records after one seq, from the journal and then from the
// registry's outbox.
class AuditFollower {
 public:
  AuditFollower(const Registry& registry, const Journal& journal)
      : registry_(registry), journal_(journal) {}

  // endings_after gives what was ended after `seq` up to `last`. nullopt: records are missing, or
  // the journal does not answer, which must not keep a node from starting.
  std::optional<std::vector<Ending>> endings_after(std::uint64_t seq, std::uint64_t last) {
    next_ = seq + 1;
    endings_.clear();
    for (;;) {
      const auto rows = journal_.audit(next_ - 1, kRowsAtATime);
      if (!rows) {
        return std::nullopt;
      }
      if (rows->empty()) {
        break;
      }
      for (const AuditRow& row : *rows) {
        take(row.seq, row.bytes);
      }
    }
    const auto outbox = registry_.audit_outbox(kListMax);
    if (!outbox) {
      return std::nullopt;
    }
    for (const AuditEntry& entry : *outbox) {
      take(entry.seq, entry.bytes);
    }
    return next_ > last ? std::optional(std::move(endings_)) : std::nullopt;
  }

 private:
  void take(std::uint64_t seq, std::string_view record) {
    if (seq != next_) {
      return;
    }
    ++next_;
    if (auto ending = ending_in(record)) {
      endings_.push_back(std::move(*ending));
    }
  }

  const Registry& registry_;
  const Journal& journal_;
  std::uint64_t next_ = 1;
  std::vector<Ending> endings_;
};

}  // namespace

std::expected<RevocationLog::Place, Problem> RevocationLog::open_place(
    const std::filesystem::path& path, RevocationLogText& log) {
  auto file = AppendFile::open(path);
  const auto text =
      file ? file->read_end(kRevocationLogBytesMax + 1) : std::unexpected(file.error());
  if (!text) {
    return refuse(path, text.error());
  }
  if (text->size() > kRevocationLogBytesMax) {
    return problem(
        Kind::kUnavailable, "revocation_log_unavailable",
        path.string() + " is longer than 256 MiB: keep it elsewhere, and a new one begins");
  }
  auto parsed = parse_revocation_log(*text, path.string());
  if (!parsed) {
    return std::unexpected(parsed.error());
  }
  log = std::move(*parsed);
  file->hold_room(kRoomBytes);
  return Place{.path = path, .file = std::move(*file), .last_hash = log.last_hash, .waiting = {}};
}

std::expected<std::unique_ptr<RevocationLog>, Problem> RevocationLog::start(
    const std::vector<std::filesystem::path>& paths, const Registry& registry,
    const Journal& journal, const std::string& log_id) {
  const auto revision = registry.revision();
  const auto last = revision ? registry.last_audit() : std::unexpected(revision.error());
  if (!last) {
    return problem_of(last.error());
  }
  const std::uint64_t head = last->value_or(AuditEntry{}).seq;
  std::unique_ptr<RevocationLog> log(new RevocationLog);
  for (const std::filesystem::path& path : paths) {
    RevocationLogText known;
    auto place = open_place(path, known);
    if (!place) {
      return std::unexpected(place.error());
    }
    const RevocationSection* const section =
        known.sections.empty() ? nullptr : &known.sections.back();
    const bool is_ours = section != nullptr && section->log_id == log_id &&
                         section->incarnation == revision->incarnation;
    const auto missing =
        is_ours && section->seen_seq <= head
            ? AuditFollower(registry, journal).endings_after(section->seen_seq, head)
            : std::nullopt;
    if (!missing) {
      place->waiting.push_back(begin_json({.log_id = log_id,
                                           .incarnation = revision->incarnation,
                                           .from_seq = head,
                                           .seen_seq = head,
                                           .endings = {}}));
    } else {
      for (const Ending& ending : *missing) {
        place->waiting.push_back(ending_json(ending));
      }
      if (section->seen_seq < head) {
        place->waiting.push_back(seen_json(head));
      }
    }
    log->places_.push_back(std::move(*place));
  }
  const std::scoped_lock lock(log->mutex_);
  (void)log->write_all_locked();  // A full disk does not keep a node from starting: retry() tells.
  return log;
}

void RevocationLog::add_locked(const std::string& json) {
  for (Place& place : places_) {
    place.waiting.push_back(json);
  }
}

// Many lines are synced at once: a mass revocation has hundreds in one transaction. When a part of
// them got to the disk, all are written again, which the reader knows.
bool RevocationLog::write_some(Place& place) {
  std::string lines;
  Digest hash = place.last_hash;
  auto next = place.waiting.begin();
  for (; next != place.waiting.end() && lines.size() < kBytesAtOnce; ++next) {
    hash = revocation_hash(hash, *next);
    lines += lines.empty() ? "" : "\n";
    lines += revocation_line(hash, *next);
  }
  if (!place.file.append(lines)) {
    return false;
  }
  place.last_hash = hash;
  place.waiting.erase(place.waiting.begin(), next);
  return true;
}

bool RevocationLog::write_all_locked() {
  std::size_t left = 0;
  for (Place& place : places_) {
    while (!place.waiting.empty() && write_some(place)) {
    }
    left += place.waiting.size();
  }
  waiting_ = left;
  return left == 0;
}

std::expected<void, Problem> RevocationLog::problem_locked() const {
  for (const Place& place : places_) {
    if (!place.waiting.empty()) {
      return problem(Kind::kUnavailable, "revocation_log_unavailable",
                     "the revocation log " + place.path.string() +
                         " cannot be written, so a restored backup would not know of the newest "
                         "revocations: look at its disk and its permissions; what is missing is "
                         "written by itself then");
    }
  }
  return {};
}

std::expected<Revision, RegistryError> RevocationLog::commit(Registry& registry,
                                                             const Transaction& transaction) {
  std::vector<Ending> endings;
  for (const AuditEntry& entry : transaction.audit) {
    if (auto ending = ending_in(entry.bytes)) {
      endings.push_back(std::move(*ending));
    }
  }
  if (endings.empty()) {
    return registry.commit(transaction);
  }
  // Held over both: take() must not say that a record was seen whose line is still to come.
  const std::scoped_lock lock(mutex_);
  const auto committed = registry.commit(transaction);
  if (!committed) {
    return committed;
  }
  for (const Ending& ending : endings) {
    add_locked(ending_json(ending));
  }
  if (!write_all_locked() && transaction.urgency == Urgency::kRevocation) {
    return std::unexpected(RegistryError::kUnavailable);
  }
  return committed;
}

std::expected<void, Problem> RevocationLog::retry() {
  const std::scoped_lock lock(mutex_);
  return write_all_locked() ? std::expected<void, Problem>() : problem_locked();
}

std::expected<void, Problem> RevocationLog::take(std::string_view checkpoint_line) {
  const auto checkpoint = parse_checkpoint(checkpoint_line);
  if (!checkpoint) {
    return {};
  }
  const std::scoped_lock lock(mutex_);
  if (!write_all_locked()) {
    return problem_locked();
  }
  add_locked(seen_json(checkpoint->seq));
  for (Place& place : places_) {
    place.file.hold_room(kRoomBytes);
  }
  return write_all_locked() ? std::expected<void, Problem>() : problem_locked();
}

std::expected<Revision, RegistryError> LoggedRegistry::revision() const {
  if (!log_.is_complete() && !log_.retry()) {
    return std::unexpected(RegistryError::kUnavailable);
  }
  return registry_.revision();
}

}  // namespace counterfoil
