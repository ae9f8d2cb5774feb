#include "backup/stores.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "authority/audit_chain.h"
#include "authority/audit_export.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/audit_log_check.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/manifest.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> broken(const std::string& what) {
  return problem(Kind::kConflict, "backup_damaged",
                 "the stores do not hold together: " + what +
                     "; keep a copy of them, and take an earlier backup");
}

// The head that the outbox leads to from the journal's.
std::expected<AuditHead, Problem> follow_outbox(const Registry& registry, AuditHead head) {
  const auto outbox = registry.audit_outbox(kListMax);
  if (!outbox) {
    return problem_of(outbox.error());
  }
  for (const AuditEntry& entry : *outbox) {
    if (entry.seq <= head.seq) {
      continue;
    }
    const auto record = parse_record(entry.bytes);
    if (!record || record->seq != head.seq + 1 || record->prev != head.hash) {
      return broken("audit record " + std::to_string(entry.seq) +
                    " does not follow the one before it");
    }
    head = {.seq = record->seq, .hash = record_hash(record->prev, entry.bytes)};
  }
  const auto last = registry.last_audit();
  if (!last) {
    return problem_of(last.error());
  }
  const std::optional<AuditEntry>& newest = *last;
  const auto made = newest ? head_of(newest->bytes) : std::nullopt;
  if (newest && (!made || made->seq != head.seq || made->hash != head.hash)) {
    return broken("registry and journal end with different audit records");
  }
  return head;
}

// check_chain follows the chain through journal and outbox.
std::expected<void, Problem> check_chain(const Registry& registry, const Journal& journal,
                                         StoresSurvey& found) {
  const auto stored = registry.find(RecordKind::kSetting, kAuditBirthSetting);
  if (!stored) {
    return problem_of(stored.error());
  }
  const std::optional<Record>& birth = *stored;
  if (!birth) {
    return problem(Kind::kInvalid, "nothing_to_back_up",
                   "this node has never been started, so there is nothing to back up");
  }
  const std::string& birth_line = birth->bytes;
  AuditLogChecker checker;
  const auto exported = export_audit_log(journal, birth_line, [&](std::string_view line) {
    return checker.feed(line).has_value() && checker.feed("\n").has_value();
  });
  if (!exported) {
    return std::unexpected(exported.error());
  }
  const auto checked = checker.finish();
  if (!checked) {
    return broken(checked.error().sentence);
  }
  AuditHead head{.seq = 0, .hash = birth_hash(birth_line)};
  const auto last = journal.audit_head();
  if (!last) {
    return problem_of(last.error());
  }
  if (const std::optional<AuditRow>& newest = *last) {
    const auto made = head_of(newest->bytes);
    if (!made) {
      return broken("the newest audit record cannot be read");
    }
    head = *made;
  }
  const auto followed = follow_outbox(registry, head);
  if (!followed) {
    return std::unexpected(followed.error());
  }
  found.log_id = checked->log_id;
  found.head = *followed;
  found.counts.checkpoints = checked->checkpoints;
  return {};
}

}  // namespace

std::expected<StoresSurvey, Problem> survey(const Registry& registry, const Journal& journal) {
  StoresSurvey found;
  if (const auto checked = check_chain(registry, journal, found); !checked) {
    return std::unexpected(checked.error());
  }
  struct Row {
    RecordKind kind;
    std::uint64_t& count;
  };
  for (const Row& row : {Row{RecordKind::kAccount, found.counts.accounts},
                         Row{RecordKind::kApiKey, found.counts.api_keys},
                         Row{RecordKind::kSealingKey, found.counts.sealing_keys},
                         Row{RecordKind::kSetting, found.counts.settings}}) {
    const auto scanned = registry.scan(row.kind, [&](const RecordView&) { ++row.count; });
    if (!scanned) {
      return problem_of(scanned.error());
    }
    found.incarnation = scanned->incarnation;
    found.revision = scanned->number;
  }
  return found;
}

std::expected<StoresSurvey, Problem> survey_files(const StoreEngines& engines,
                                                  const std::filesystem::path& directory) {
  const auto registry = engines.open_registry(directory / kRegistryPart);
  if (!registry) {
    return std::unexpected(registry.error());
  }
  const auto journal = engines.open_journal(directory / kJournalPart);
  if (!journal) {
    return std::unexpected(journal.error());
  }
  return survey(**registry, **journal);
}

}  // namespace counterfoil
