#include "authority/audit_keeper.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_export.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/secret_job.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> damaged(std::string_view what) {
  return problem(Kind::kUnavailable, "audit_log_damaged",
                 std::string(what) +
                     ": the store is damaged or was tampered with; keep a copy of registry and "
                     "journal, and run `counterfoil audit verify` on an export");
}

std::unexpected<Problem> rolled_back(std::uint64_t registry, std::uint64_t known,
                                     std::string_view where) {
  return problem(
      Kind::kUnavailable, "audit_rolled_back",
      "the registry ends with audit record " + std::to_string(registry) + ", but " +
          std::string(where) + " knows record " + std::to_string(known) +
          ": an old copy of the registry was put in place, in which revoked API keys may "
          "be alive again; put the newest registry back");
}

std::unexpected<Problem> forked() {
  return problem(
      Kind::kUnavailable, "audit_forked",
      "registry, journal and checkpoint file tell different histories: they do not belong "
      "together, or one was tampered with; put back those that belong together");
}

std::uint64_t seq_of(const std::optional<AuditEntry>& entry) { return entry ? entry->seq : 0; }

}  // namespace

std::expected<std::unique_ptr<AuditKeeper>, Problem> AuditKeeper::start(
    Parts parts, AuditOrigin origin, const std::optional<std::string>& newest_outside) {
  std::unique_ptr<AuditKeeper> keeper(new AuditKeeper(std::move(parts), std::move(origin)));
  if (const Result loaded = keeper->load_key(); !loaded) {
    return std::unexpected(loaded.error());
  }
  if (const Result compared = keeper->compare_ends(newest_outside); !compared) {
    return std::unexpected(compared.error());
  }
  (void)keeper->noted(keeper->find_place());
  return keeper;
}

AuditKeeper::Result AuditKeeper::load_key() {
  const auto record = parts_.registry.find(RecordKind::kSetting, kAuditKeysSetting);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return problem(Kind::kUnavailable, "audit_key_missing",
                   "the registry holds no audit key, so no checkpoint can be signed; restore the "
                   "newest backup");
  }
  auto keys = decode_audit_keys((*record)->bytes);
  auto pem = keys ? parts_.sealer.open_own(kAuditKeySealName, as_bytes(keys->sealed_private_key))
                  : std::unexpected(Problem{});
  auto key = pem ? SecretJob::to_private_key(*pem) : std::unexpected(PrivateKeyError::kEmpty);
  if (!key || key->scheme() != Scheme::kEd25519 ||
      key->public_key().pem() != keys->public_keys.back()) {
    return problem(Kind::kUnavailable, "audit_key_unusable",
                   "the audit key in the registry does not open: the registry is damaged or was "
                   "tampered with; restore the newest backup");
  }
  keys_ = std::move(*keys);
  keys_modified_ = (*record)->modified;
  key_ = std::move(*key);
  return {};
}

AuditKeeper::Result AuditKeeper::compare_ends(
    const std::optional<std::string>& newest_outside) const {
  const auto last = parts_.registry.last_audit();
  if (!last) {
    return problem_of(last.error());
  }
  const std::uint64_t registry_seq = seq_of(*last);
  if (newest_outside) {
    if (Result compared = compare_outside(*newest_outside, registry_seq); !compared) {
      return compared;
    }
  }
  const auto head = parts_.journal.audit_head();
  if (!head || !*head) {
    return {};  // pump() says what is wrong with the journal.
  }
  if ((*head)->seq > registry_seq) {
    return rolled_back(registry_seq, (*head)->seq, "the journal");
  }
  return (*head)->seq == registry_seq && (*head)->bytes != (*last)->bytes ? forked() : Result();
}

AuditKeeper::Result AuditKeeper::compare_outside(const std::string& line,
                                                 std::uint64_t registry_seq) const {
  const auto checkpoint = parse_checkpoint(line);
  const auto birth = parse_birth(origin_.birth_line);
  if (!checkpoint || !birth || checkpoint->log_id != birth->log_id) {
    return problem(
        Kind::kUnavailable, "audit_checkpoints_foreign",
        "the checkpoint file is another audit log's: keep it with the registry it belongs "
        "to, and name a new file for this one");
  }
  if (checkpoint->seq > registry_seq) {
    return rolled_back(registry_seq, checkpoint->seq, "the checkpoint file");
  }
  const auto rows = parts_.journal.audit(checkpoint->seq - 1, 1);
  const auto record = rows && !rows->empty() ? parse_record(rows->front().bytes) : std::nullopt;
  const bool differs = record && record_hash(record->prev, rows->front().bytes) != checkpoint->hash;
  return differs ? forked() : Result();
}

AuditKeeper::Result AuditKeeper::noted(Result result) {
  trouble_ = result ? std::nullopt : std::optional(result.error());
  return result;
}

// Puts the cursor at the journal's newest record: from the newest checkpoint on, each record is
// checked.
AuditKeeper::Result AuditKeeper::find_place() {
  auto cursor = AuditCursor::at_birth(origin_.birth_line);
  if (!cursor) {
    return damaged("the birth record cannot be read");
  }
  if (const Result found = find_checkpoint(*cursor); !found) {
    return found;
  }
  if (const Result followed = follow_journal(*cursor); !followed) {
    return followed;
  }
  journal_seq_ = cursor->head().seq;
  cursor_ = std::move(*cursor);
  return {};
}

AuditKeeper::Result AuditKeeper::find_checkpoint(AuditCursor& cursor) {
  const auto row = parts_.journal.checkpoint_head();
  if (!row) {
    return problem_of(row.error());
  }
  checkpoint_seq_ = 0;
  if (!*row) {
    return {};
  }
  const auto checkpoint = parse_checkpoint((*row)->bytes);
  if (!checkpoint || checkpoint->log_id != cursor.log_id()) {
    return damaged("the newest checkpoint cannot be read, or is another log's");
  }
  const auto rows = parts_.journal.audit(checkpoint->seq - 1, 1);
  if (!rows) {
    return problem_of(rows.error());
  }
  const auto record = rows->empty() ? std::nullopt : parse_record(rows->front().bytes);
  if (!record || record_hash(record->prev, rows->front().bytes) != checkpoint->hash) {
    return damaged("the newest checkpoint names a record that the journal does not have");
  }
  for (const std::string& pem : keys_.public_keys) {
    auto key = AuditKey::from_pem(pem);
    if (key && key->id() == checkpoint->key_id &&
        key->verify(checkpoint->signed_text, checkpoint->signature)) {
      cursor.skip_to({.seq = checkpoint->seq, .hash = checkpoint->hash}, record->time,
                     std::move(*key));
      checkpoint_seq_ = checkpoint->seq;
      return {};
    }
  }
  return damaged("the newest checkpoint is not signed by the audit key");
}

AuditKeeper::Result AuditKeeper::follow_journal(AuditCursor& cursor) const {
  for (;;) {
    const auto rows = parts_.journal.audit(cursor.head().seq, kAuditCheckpointRecordsMax);
    if (!rows) {
      return problem_of(rows.error());
    }
    if (rows->empty()) {
      return {};
    }
    for (const AuditRow& row : *rows) {
      if (!cursor.advance(row.bytes)) {
        return damaged("audit record " + std::to_string(row.seq) +
                       " in the journal does not follow the one before it");
      }
    }
  }
}

std::expected<void, Problem> AuditKeeper::pump() {
  const std::scoped_lock lock(mutex_);
  Result pumped = pump_locked();
  if (pumped && is_checkpoint_due()) {
    pumped = make_checkpoint();
  }
  return noted(std::move(pumped));
}

std::expected<void, Problem> AuditKeeper::checkpoint_now() {
  const std::scoped_lock lock(mutex_);
  Result pumped = pump_locked();
  return noted(pumped ? pin_head() : std::move(pumped));
}

AuditKeeper::Result AuditKeeper::pump_locked() {
  if (!cursor_) {
    if (Result found = find_place(); !found) {
      return found;
    }
  }
  for (;;) {
    const auto moved = move_some();
    if (!moved) {
      cursor_.reset();  // How far the journal came is not known: look there.
      return std::unexpected(moved.error());
    }
    if (!*moved) {
      return {};
    }
  }
}

// Moves as many records as may follow without a checkpoint, and makes one when it must be made.
// false: the outbox is empty.
std::expected<bool, Problem> AuditKeeper::move_some() {
  auto rows = next_rows();
  if (!rows) {
    return std::unexpected(rows.error());
  }
  if (rows->empty()) {
    return false;
  }
  if (const auto appended = parts_.journal.append_audit(*rows); !appended) {
    return appended.error() == JournalError::kConflict ? forked() : problem_of(appended.error());
  }
  journal_seq_ = cursor_->head().seq;
  if (const auto trimmed = parts_.registry.trim_audit(rows->back().seq); !trimmed) {
    return problem_of(trimmed.error());
  }
  if (journal_seq_ - checkpoint_seq_ >= kAuditCheckpointRecordsMax && can_sign()) {
    if (const Result made = make_checkpoint(); !made) {
      return std::unexpected(made.error());
    }
  }
  return true;
}

// The next records of the outbox, with the cursor moved behind the last of them. Some may be in the
// journal already: after a crash between append and trim.
std::expected<std::vector<AuditRow>, Problem> AuditKeeper::next_rows() {
  const std::uint64_t open = cursor_->head().seq - checkpoint_seq_;
  const std::uint64_t room =
      can_sign() ? kAuditCheckpointRecordsMax - std::min(open, kAuditCheckpointRecordsMax - 1)
                 : kAuditCheckpointRecordsMax;
  auto entries = parts_.registry.audit_outbox(static_cast<std::size_t>(room));
  if (!entries) {
    return problem_of(entries.error());
  }
  std::vector<AuditRow> rows;
  rows.reserve(entries->size());
  for (AuditEntry& entry : *entries) {
    const bool is_new = entry.seq > cursor_->head().seq;
    if (is_new && entry.seq != cursor_->head().seq + 1) {
      return damaged("the journal lacks audit records " + std::to_string(cursor_->head().seq + 1) +
                     " to " + std::to_string(entry.seq - 1) + ", which it had been given");
    }
    if (is_new && !cursor_->advance(entry.bytes)) {
      return damaged("audit record " + std::to_string(entry.seq) +
                     " in the registry does not follow the one before it");
    }
    rows.push_back({.seq = entry.seq, .bytes = std::move(entry.bytes)});
  }
  return rows;
}

// Between the change of the key and its record's arrival here, checkpoints must wait: they would
// pin records of the old key's time with the new one.
bool AuditKeeper::can_sign() const {
  return cursor_->key().id() == key_->public_key().fingerprint_text();
}

bool AuditKeeper::is_checkpoint_due() const {
  return cursor_->head().seq > checkpoint_seq_ &&
         (!checkpoint_at_ || parts_.clock.boot_now() - *checkpoint_at_ >= kCheckpointInterval);
}

AuditKeeper::Result AuditKeeper::make_checkpoint() {
  const AuditHead& head = cursor_->head();
  const Timestamp time = std::max(parts_.clock.now(), cursor_->time());
  const auto line =
      can_sign() ? encode_checkpoint(cursor_->log_id(), head, time, *key_) : std::nullopt;
  if (!line) {
    return problem(
        Kind::kUnavailable, "audit_key_unusable",
        "the audit key did not sign a checkpoint; restart the node, and if that does not "
        "help restore the newest backup");
  }
  checkpoint_seq_ = head.seq;
  if (const auto added = parts_.journal.add_checkpoint(*line); !added) {
    // It may be there all the same, and one record has one checkpoint: look there next time.
    cursor_.reset();
    return problem_of(added.error());
  }
  checkpoint_at_ = parts_.clock.boot_now();
  Result given;
  for (CheckpointSink* const sink : parts_.sinks) {
    if (Result taken = sink->take(*line); !taken) {
      given = std::move(taken);
    }
  }
  return given;
}

AuditKeeper::Result AuditKeeper::pin_head() {
  return cursor_->head().seq > checkpoint_seq_ ? make_checkpoint() : Result();
}

std::expected<void, Problem> AuditKeeper::change_key(const std::string& actor,
                                                     const std::string& source) {
  const std::scoped_lock lock(mutex_);
  Result done = pump_locked();
  done = done ? pin_head() : std::move(done);  // with the old key, up to here
  done = done ? change_key_locked(actor, source) : std::move(done);
  done = done ? pump_locked() : std::move(done);
  return noted(done ? pin_head() : std::move(done));
}

AuditKeeper::Result AuditKeeper::change_key_locked(const std::string& actor,
                                                   const std::string& source) {
  auto key = PrivateKey::generate(Scheme::kEd25519, parts_.random);
  const auto pem = key ? key->to_pkcs8_pem() : std::unexpected(key.error());
  if (!pem) {
    return no_randomness();
  }
  const auto sealed = parts_.sealer.seal_own(kAuditKeySealName, *pem);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  auto fact = audit_key_change(cursor_->log_id(), *key_, key->public_key());
  if (!fact) {
    return no_randomness();
  }
  fact->actor = actor;
  fact->source = source;
  AuditKeys keys = keys_;
  keys.public_keys.push_back(key->public_key().pem());
  keys.sealed_private_key = as_text(*sealed);
  std::vector<Write> writes;
  writes.push_back({.kind = RecordKind::kSetting,
                    .id = std::string(kAuditKeysSetting),
                    .bytes = encode(keys),
                    .expected_modified = keys_modified_});
  if (const auto stored = parts_.audited.commit(std::move(writes), *fact); !stored) {
    // It may have happened all the same: what is stored decides.
    if (const Result loaded = load_key(); !loaded) {
      return loaded;
    }
    return problem_of(stored.error());
  }
  return load_key();
}

std::expected<AuditExported, Problem> AuditKeeper::export_log(const AuditLineSink& sink) {
  // A log in trouble is the one that somebody wants to look at: export what the journal has.
  (void)checkpoint_now();
  return export_audit_log(parts_.journal, origin_.birth_line, sink);
}

AuditState AuditKeeper::state() const {
  const auto head = parts_.audited.head();
  const std::scoped_lock lock(mutex_);
  const auto birth = parse_birth(origin_.birth_line);
  return {.log_id = birth ? birth->log_id : std::string(),
          .key_id = key_->public_key().fingerprint_text(),
          .seq = std::max(head ? head->seq : 0, journal_seq_),
          .journal_seq = journal_seq_,
          .checkpoint_seq = checkpoint_seq_,
          .trouble = trouble_};
}

std::string AuditKeeper::public_key() const {
  const auto birth = parse_birth(origin_.birth_line);
  return birth ? birth->public_key_pem : std::string();
}

}  // namespace counterfoil
