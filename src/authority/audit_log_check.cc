#include "authority/audit_log_check.h"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "base/time.h"

namespace counterfoil {
namespace {

std::string_view meaning_of(AuditDamage damage) {
  switch (damage) {
    case AuditDamage::kForeignLog:
      return "belongs to another log";
    case AuditDamage::kSignature:
      return "is not signed by the audit key";
    case AuditDamage::kFork:
      return "is rightly signed and names another record: the log was written anew, or there are "
             "two "
             "histories";
    case AuditDamage::kTime:
      return "is older than the record it pins";
    default:
      return "is wrong";
  }
}

// The damage of a checkpoint that claims to pin the head where the cursor stands; nullopt: none.
std::optional<AuditDamage> judge(const AuditCheckpoint& checkpoint, const AuditCursor& cursor) {
  if (checkpoint.log_id != cursor.log_id()) {
    return AuditDamage::kForeignLog;
  }
  if (checkpoint.key_id != cursor.key().id() ||
      !cursor.key().verify(checkpoint.signed_text, checkpoint.signature)) {
    return AuditDamage::kSignature;
  }
  if (checkpoint.hash != cursor.head().hash) {
    return AuditDamage::kFork;
  }
  if (checkpoint.time < cursor.time() - kAuditTimeBackMax) {
    return AuditDamage::kTime;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(AuditDamage damage) {
  switch (damage) {
    case AuditDamage::kEmpty:
      return "empty";
    case AuditDamage::kLine:
      return "line";
    case AuditDamage::kBirth:
      return "birth";
    case AuditDamage::kForeignKey:
      return "foreign_key";
    case AuditDamage::kForeignLog:
      return "foreign_log";
    case AuditDamage::kSequence:
      return "sequence";
    case AuditDamage::kLink:
      return "link";
    case AuditDamage::kTime:
      return "time";
    case AuditDamage::kKeyChange:
      return "key_change";
    case AuditDamage::kSignature:
      return "signature";
    case AuditDamage::kFork:
      return "fork";
    case AuditDamage::kCheckpointPlace:
      return "checkpoint_place";
    case AuditDamage::kCheckpointMissing:
      return "checkpoint_missing";
    case AuditDamage::kCut:
      return "cut";
    case AuditDamage::kExpectation:
      return "expectation";
  }
  std::unreachable();
}

std::string describe(const AuditSummary& summary) {
  if (!summary.uncut_seq) {
    return fmt::format(
        "tail not proven after record {}: no checkpoint from outside was given, so records that "
        "followed may have been cut off",
        summary.proven_seq);
  }
  if (summary.proven_seq < summary.records) {
    return fmt::format("records {} to {} are newer than the newest checkpoint: not proven yet",
                       summary.proven_seq + 1, summary.records);
  }
  if (*summary.uncut_seq < summary.records) {
    return fmt::format(
        "tail not proven after record {}: the newest checkpoint from outside is older "
        "than the log's end",
        *summary.uncut_seq);
  }
  return "every record is proven, up to the end";
}

AuditLogChecker::AuditLogChecker(AuditExpectations expectations)
    : expectations_(std::move(expectations)) {
  read_expectations();
}

void AuditLogChecker::find(AuditDamage damage, std::string sentence) {
  if (!finding_) {
    finding_ = AuditFinding{.damage = damage,
                            .line = line_number_,
                            .seq = cursor_ ? cursor_->head().seq : 0,
                            .sentence = std::move(sentence)};
  }
}

void AuditLogChecker::read_expectations() {
  std::size_t number = 0;
  for (const std::string& line : expectations_.checkpoints) {
    ++number;
    auto checkpoint = parse_checkpoint(line);
    if (!checkpoint) {
      find(AuditDamage::kExpectation,
           fmt::format("checkpoint {} of those given is not one: give whole lines", number));
      return;
    }
    const std::uint64_t seq = checkpoint->seq;
    outside_.emplace(seq, Outside{.checkpoint = std::move(*checkpoint), .number = number});
  }
  if (!expectations_.public_key.empty() && !AuditKey::from_pem(expectations_.public_key)) {
    find(AuditDamage::kExpectation,
         "the expected public key is not an Ed25519 key in PEM (BEGIN PUBLIC KEY)");
  }
}

std::expected<void, AuditFinding> AuditLogChecker::feed(std::string_view bytes) {
  while (!finding_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (partial_line_.size() + part.size() > kAuditLineBytesMax) {
      ++line_number_;
      find(AuditDamage::kLine,
           fmt::format("line {} is longer than any line of an audit log", line_number_));
      break;
    }
    if (end == std::string_view::npos) {
      partial_line_.append(part);
      break;
    }
    if (partial_line_.empty()) {
      take_line(part);
    } else {
      const std::string line = std::exchange(partial_line_, {}).append(part);
      take_line(line);
    }
    bytes.remove_prefix(end + 1);
  }
  return finding_ ? Result(std::unexpected(*finding_)) : Result();
}

std::expected<AuditSummary, AuditFinding> AuditLogChecker::finish() {
  if (!finding_ && !partial_line_.empty()) {
    const std::string line = std::exchange(partial_line_, {});
    take_line(line);
  }
  if (!cursor_) {
    find(AuditDamage::kEmpty, "this is no audit log: there is nothing in it");
  } else if (!finding_) {
    finish_outside(*cursor_);
    summary_.records = cursor_->head().seq;
    summary_.key_id = cursor_->key().id();
    summary_.last_at = cursor_->time();
  }
  return finding_ ? std::expected<AuditSummary, AuditFinding>(std::unexpected(*finding_))
                  : summary_;
}

void AuditLogChecker::take_line(std::string_view line) {
  ++line_number_;
  if (!cursor_) {
    take_birth(line);
    return;
  }
  switch (audit_line_kind(line)) {
    case AuditLineKind::kBirth:
      find(AuditDamage::kBirth, fmt::format("line {} is a second birth record: another log begins "
                                            "here, or the beginning was doubled",
                                            line_number_));
      return;
    case AuditLineKind::kRecord:
      take_record(line, *cursor_);
      return;
    case AuditLineKind::kCheckpoint:
      take_checkpoint(line, *cursor_);
      return;
  }
}

void AuditLogChecker::take_birth(std::string_view line) {
  auto cursor = AuditCursor::at_birth(line);
  if (!cursor) {
    find(AuditDamage::kBirth,
         "line 1 is not the log's birth record: the beginning is missing or was changed");
    return;
  }
  summary_.log_id = cursor->log_id();
  summary_.born_key_id = cursor->key().id();
  summary_.born_at = cursor->time();
  if (!expectations_.public_key.empty() && cursor->key().pem() != expectations_.public_key) {
    find(AuditDamage::kForeignKey,
         fmt::format("the log was born with the key {}, not with the expected one: this is another "
                     "log, or one that was written anew",
                     cursor->key().id()));
  }
  cursor_ = std::move(*cursor);
}

void AuditLogChecker::take_record(std::string_view line, AuditCursor& cursor) {
  if (const auto advanced = cursor.advance(line); !advanced) {
    find_wrong_record(advanced.error(), line, cursor.head().seq);
    return;
  }
  compare_outside(cursor);
  if (cursor.head().seq - summary_.proven_seq > kAuditCheckpointRecordsMax) {
    find(AuditDamage::kCheckpointMissing,
         fmt::format(
             "no checkpoint since record {}, though one is made every {} records: those that "
             "were here were taken out, and the records may have been written anew",
             summary_.proven_seq, kAuditCheckpointRecordsMax));
  }
}

void AuditLogChecker::find_wrong_record(AuditCursor::Wrong wrong, std::string_view line,
                                        std::uint64_t last) {
  using Wrong = AuditCursor::Wrong;
  switch (wrong) {
    case Wrong::kForm:
      find(AuditDamage::kLine,
           fmt::format("line {} is not a record in the form the log is written in: it was changed, "
                       "or the file was cut within it",
                       line_number_));
      return;
    case Wrong::kSequence: {
      const auto record = parse_record(line);
      const std::uint64_t seq = record ? record->seq : 0;
      find(AuditDamage::kSequence,
           seq > last
               ? fmt::format("record {} follows record {}: {} in between {} missing", seq, last,
                             seq - last - 1, seq - last == 2 ? "is" : "are")
               : fmt::format("record {} comes after record {}: it is doubled, inserted or was "
                             "moved",
                             seq, last));
      return;
    }
    case Wrong::kLink:
      find(AuditDamage::kLink,
           last == 0
               ? std::string("record 1 does not follow the birth record: one of the two was "
                             "changed")
               : fmt::format("record {} does not follow record {}: one of the two was changed",
                             last + 1, last));
      return;
    case Wrong::kTime:
      find(AuditDamage::kTime,
           fmt::format("record {} is more than {} s older than the one before: the clock was set "
                       "back, or the time is invented",
                       last + 1, kAuditTimeBackMax.count()));
      return;
    case Wrong::kKeyChange:
      find(AuditDamage::kKeyChange,
           fmt::format("record {} changes the audit key, but the key before it has not signed that",
                       last + 1));
      return;
  }
}

void AuditLogChecker::take_checkpoint(std::string_view line, const AuditCursor& cursor) {
  const auto checkpoint = parse_checkpoint(line);
  if (!checkpoint) {
    find(AuditDamage::kLine,
         fmt::format(
             "line {} is not a checkpoint in the form the log is written in: it was changed, "
             "or the file was cut within it",
             line_number_));
    return;
  }
  const std::uint64_t seq = cursor.head().seq;
  if (checkpoint->seq != seq || seq == last_checkpoint_seq_) {
    find(
        AuditDamage::kCheckpointPlace,
        fmt::format("line {} is the checkpoint of record {}, after record {}: it is doubled or was "
                    "moved, or records were",
                    line_number_, checkpoint->seq, seq));
    return;
  }
  if (const auto damage = judge(*checkpoint, cursor)) {
    find(*damage, fmt::format("the checkpoint of record {} in line {} {}", seq, line_number_,
                              meaning_of(*damage)));
    return;
  }
  last_checkpoint_seq_ = seq;
  summary_.proven_seq = seq;
  ++summary_.checkpoints;
}

// Every outside checkpoint is compared when its record is at hand, with the key in force there.
void AuditLogChecker::compare_outside(const AuditCursor& cursor) {
  const std::uint64_t seq = cursor.head().seq;
  const auto [from, to] = outside_.equal_range(seq);
  for (auto at = from; at != to && !finding_; ++at) {
    const auto& [checkpoint, number] = at->second;
    if (const auto damage = judge(checkpoint, cursor)) {
      find(*damage, fmt::format("checkpoint {} of those given, of record {}, {}", number, seq,
                                meaning_of(*damage)));
      return;
    }
    summary_.proven_seq = seq;
    summary_.uncut_seq = seq;
  }
}

void AuditLogChecker::finish_outside(const AuditCursor& cursor) {
  const std::uint64_t last = cursor.head().seq;
  const auto beyond = outside_.upper_bound(last);
  if (beyond == outside_.end()) {
    return;
  }
  // A checkpoint that is none proves nothing about this log, so it is judged as far as can be: one
  // of a later audit key cannot.
  const AuditCheckpoint& newest = outside_.rbegin()->second.checkpoint;
  if (newest.log_id != cursor.log_id()) {
    find(AuditDamage::kForeignLog,
         fmt::format("checkpoint {} of those given {}", outside_.rbegin()->second.number,
                     meaning_of(AuditDamage::kForeignLog)));
    return;
  }
  if (newest.key_id == cursor.key().id() &&
      !cursor.key().verify(newest.signed_text, newest.signature)) {
    find(AuditDamage::kSignature,
         fmt::format("checkpoint {} of those given {}", outside_.rbegin()->second.number,
                     meaning_of(AuditDamage::kSignature)));
    return;
  }
  find(AuditDamage::kCut,
       fmt::format(
           "the log ends with record {}, and a checkpoint of record {} was given: the end was "
           "cut off",
           last, newest.seq));
}

std::expected<AuditSummary, AuditFinding> check_audit_log(std::string_view log,
                                                          AuditExpectations expectations) {
  AuditLogChecker checker(std::move(expectations));
  if (const auto fed = checker.feed(log); !fed) {
    return std::unexpected(fed.error());
  }
  return checker.finish();
}

}  // namespace counterfoil
