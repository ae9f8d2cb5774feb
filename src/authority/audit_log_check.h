#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audit_lines.h"
#include "base/time.h"

namespace counterfoil {

// AuditDamage is what is wrong with a log.
enum class AuditDamage : std::uint8_t {
  kEmpty,       // no line at all
  kLine,        // not one of the log's lines in canonical form, or longer than kAuditLineBytesMax
  kBirth,       // no birth record at the beginning, or another one later
  kForeignKey,  // the log was born with another key than the expected one
  kForeignLog,  // a checkpoint of another log
  kSequence,    // a record is missing, doubled, inserted or moved
  kLink,        // a record is not the one that the next names: one of the two was changed
  kTime,        // a record or checkpoint is older than the record before it
  kKeyChange,   // the old audit key has not signed the new one
  kSignature,   // a checkpoint that the audit key has not signed
  kFork,        // a signed checkpoint names another record: there are two histories
  kCheckpointPlace,    // a checkpoint in the wrong place, or doubled
  kCheckpointMissing,  // more records in a row without a checkpoint than the log is ever written
                       // with
  kCut,                // the log ends before the newest outside checkpoint
  kExpectation,        // what was given to check against cannot be read
};
[[nodiscard]] std::string_view name_of(AuditDamage damage);

// AuditFinding is the first thing that is wrong. `sentence` says what, where, and what it means.
struct AuditFinding {
  AuditDamage damage = AuditDamage::kEmpty;
  std::uint64_t line = 0;  // from 1; 0: no line of the log
  std::uint64_t seq = 0;   // the record; 0: before the first
  std::string sentence;
};

// AuditExpectations are what is known of the log from elsewhere. Without them a log can only be
// shown to agree with itself: whoever holds all of it could have written all of it anew.
struct AuditExpectations {
  std::string public_key;                // PEM of the key the log was born with; empty: not known
  std::vector<std::string> checkpoints;  // lines kept outside (a checkpoint file, another machine)
};

// AuditSummary is what a whole log was found to be.
struct AuditSummary {
  std::string log_id;
  std::string born_key_id;  // fingerprint of the key in the birth record
  std::string key_id;       // of the key that signs now
  std::uint64_t records = 0;
  std::uint64_t checkpoints = 0;
  Timestamp born_at{};
  Timestamp last_at{};
  // proven_seq is the newest record that a signed checkpoint pins: up to it, nothing was changed
  // by anyone who does not hold the audit key.
  std::uint64_t proven_seq = 0;
  // uncut_seq is the newest record that an outside checkpoint names: up to it, nothing was cut off.
  // nullopt: no outside checkpoint was given, so the end of the log is not proven to be its end.
  std::optional<std::uint64_t> uncut_seq;
};
// describe gives one or two sentences, such as "tail not proven after record 120".
[[nodiscard]] std::string describe(const AuditSummary& summary);

// AuditLogChecker judges an exported audit log (authority/audit_chain.h) from its bytes alone: no
// store, no secret, no network. It reads as it comes and keeps one line. One thread at a time.
class AuditLogChecker {
 public:
  explicit AuditLogChecker(AuditExpectations expectations = {});

  // feed takes the next bytes of the log, cut anywhere. After a finding the log is not whole,
  // whatever follows; every further call gives the same finding.
  [[nodiscard]] std::expected<void, AuditFinding> feed(std::string_view bytes);
  // finish says that this was all. The last line may end without LF.
  [[nodiscard]] std::expected<AuditSummary, AuditFinding> finish();

 private:
  struct Outside {
    AuditCheckpoint checkpoint;
    std::size_t number;  // which of the expectations, from 1
  };
  using Result = std::expected<void, AuditFinding>;

  void read_expectations();
  void take_line(std::string_view line);
  void take_birth(std::string_view line);
  void take_record(std::string_view line, AuditCursor& cursor);
  void take_checkpoint(std::string_view line, const AuditCursor& cursor);
  void compare_outside(const AuditCursor& cursor);
  void finish_outside(const AuditCursor& cursor);
  void find(AuditDamage damage, std::string sentence);
  void find_wrong_record(AuditCursor::Wrong wrong, std::string_view line, std::uint64_t last);
  AuditExpectations expectations_;
  std::multimap<std::uint64_t, Outside> outside_;  // by seq
  std::optional<AuditCursor> cursor_;
  std::optional<AuditFinding> finding_;
  AuditSummary summary_;
  std::uint64_t line_number_ = 0;
  std::uint64_t last_checkpoint_seq_ = 0;
  std::string partial_line_;
};

// check_audit_log judges a log that is in memory.
[[nodiscard]] std::expected<AuditSummary, AuditFinding> check_audit_log(
    std::string_view log, AuditExpectations expectations = {});

}  // namespace counterfoil
