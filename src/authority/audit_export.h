#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string_view>

#include "authority/problem.h"
#include "journal/journal.h"

namespace counterfoil {

// AuditLineSink takes one line of an exported log, without LF. false: it wants no more.
using AuditLineSink = std::function<bool(std::string_view line)>;

// AuditExported says how much was given.
struct AuditExported {
  std::uint64_t records = 0;
  std::uint64_t checkpoints = 0;
};

// export_audit_log gives the whole log up to the newest record that the journal has at this moment:
// the birth record, the records, each checkpoint after the record it pins. It reads as it goes,
// some thousand lines at a time. Problem: the journal does not answer, or a checkpoint in it cannot
// be read (audit_log_damaged); what was given until then is a log that was cut.
[[nodiscard]] std::expected<AuditExported, Problem> export_audit_log(const Journal& journal,
                                                                     std::string_view birth_line,
                                                                     const AuditLineSink& sink);

// problem_of says what a fault of the journal means for whoever waits for it.
[[nodiscard]] std::unexpected<Problem> problem_of(JournalError error);

}  // namespace counterfoil
