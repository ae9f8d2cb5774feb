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
#include "authority/audit_origin.h"
#include "authority/checkpoint_sink.h"
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

template <typename More>
AuditKeeper::Result AuditKeeper::run(const More& more) {
  Result done = cursor_ ? Result() : find_place();
  if (done && cursor_) {
    done = move_all(*cursor_);
    done = done ? more(*cursor_) : std::move(done);
  }
  if (!done) {
    // How far the stores came is not known: a write that failed may have happened all the same.
    cursor_.reset();
    trouble_ = done.error();
  } else {
    trouble_.reset();
  }
  return done;
}

std::expected<std::unique_ptr<AuditKeeper>, Problem> AuditKeeper::start(
    Parts parts, AuditOrigin origin, const std::optional<std::string>& newest_outside) {
  auto birth = parse_birth(origin.birth_line);
  if (!birth) {
    return damaged("the birth record cannot be read");
  }
  auto loaded = load_key(parts);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  std::unique_ptr<AuditKeeper> keeper(
      new AuditKeeper(std::move(parts), std::move(origin), std::move(*birth), std::move(*loaded)));
  if (const Result compared = keeper->compare_ends(newest_outside); !compared) {
    return std::unexpected(compared.error());
  }
  if (const Result found = keeper->find_place(); !found) {
    keeper->trouble_ = found.error();
  }
  return keeper;
}

std::expected<AuditKeeper::Loaded, Problem> AuditKeeper::load_key(const Parts& parts) {
  const auto found = parts.registry.find(RecordKind::kSetting, kAuditKeysSetting);
  if (!found) {
    return problem_of(found.error());
  }
  const std::optional<Record>& record = *found;
  if (!record) {
    return problem(Kind::kUnavailable, "audit_key_missing",
                   "the registry holds no audit key, so no checkpoint can be signed; restore the "
                   "newest backup");
  }
  auto keys = decode_audit_keys(record->bytes);
  const auto pem =
      keys ? parts.sealer.open_own(kAuditKeySealName, as_bytes(keys->sealed_private_key))
           : std::unexpected(Problem{});
  auto key = pem ? SecretJob::to_private_key(*pem) : std::unexpected(PrivateKeyError::kEmpty);
  if (!keys || !key || key->scheme() != Scheme::kEd25519 ||
      key->public_key().pem() != keys->public_keys.back()) {
    return problem(Kind::kUnavailable, "audit_key_unusable",
                   "the audit key in the registry does not open: the registry is damaged or was "
                   "tampered with; restore the newest backup");
  }
  return Loaded{.keys = std::move(*keys), .modified = record->modified, .key = std::move(*key)};
}

AuditKeeper::Result AuditKeeper::compare_ends(
    const std::optional<std::string>& newest_outside) const {
  const auto last = parts_.registry.last_audit();
  if (!last) {
    return problem_of(last.error());
  }
  if (newest_outside) {
    if (Result compared = compare_outside(*newest_outside, seq_of(*last)); !compared) {
      return compared;
    }
  }
  return compare_journal(*last);
}

AuditKeeper::Result AuditKeeper::compare_journal(const std::optional<AuditEntry>& last) const {
  const auto found = parts_.journal.audit_head();
  if (!found) {
    return {};  // pump() says what is wrong with the journal.
  }
  const std::optional<AuditRow>& head = *found;
  if (head && head->seq > seq_of(last)) {
    return rolled_back(seq_of(last), head->seq, "the journal");
  }
  const bool differs = head && last && head->seq == last->seq && head->bytes != last->bytes;
  return differs ? forked() : Result();
}

AuditKeeper::Result AuditKeeper::compare_outside(const std::string& line,
                                                 std::uint64_t registry_seq) const {
  const auto checkpoint = parse_checkpoint(line);
  if (!checkpoint || checkpoint->log_id != birth_.log_id) {
    return problem(
        Kind::kUnavailable, "audit_checkpoints_foreign",
        "the checkpoint file is another audit log's: keep it with the registry it belongs "
        "to, and name a new file for this one");
  }
  if (checkpoint->seq > registry_seq) {
    return rolled_back(registry_seq, checkpoint->seq, "the checkpoint file");
  }
  const auto rows = parts_.journal.audit(checkpoint->seq - 1, 1);
  const auto head = rows && !rows->empty() ? head_of(rows->front().bytes) : std::nullopt;
  return head && head->hash != checkpoint->hash ? forked() : Result();
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
  const auto found = parts_.journal.checkpoint_head();
  if (!found) {
    return problem_of(found.error());
  }
  const std::optional<CheckpointRow>& row = *found;
  checkpoint_seq_ = 0;
  if (!row) {
    return {};
  }
  const auto checkpoint = parse_checkpoint(row->bytes);
  if (!checkpoint || checkpoint->log_id != cursor.log_id()) {
    return damaged("the newest checkpoint cannot be read, or is another log's");
  }
  return take_checkpoint(*checkpoint, cursor);
}

AuditKeeper::Result AuditKeeper::take_checkpoint(const AuditCheckpoint& checkpoint,
                                                 AuditCursor& cursor) {
  const auto rows = parts_.journal.audit(checkpoint.seq - 1, 1);
  if (!rows) {
    return problem_of(rows.error());
  }
  const auto record = rows->empty() ? std::nullopt : parse_record(rows->front().bytes);
  if (!record || record_hash(record->prev, rows->front().bytes) != checkpoint.hash) {
    return damaged("the newest checkpoint names a record that the journal does not have");
  }
  for (const std::string& pem : loaded_.keys.public_keys) {
    auto key = AuditKey::from_pem(pem);
    if (key && key->id() == checkpoint.key_id &&
        key->verify(checkpoint.signed_text, checkpoint.signature)) {
      cursor.skip_to({.seq = checkpoint.seq, .hash = checkpoint.hash}, record->time,
                     std::move(*key));
      checkpoint_seq_ = checkpoint.seq;
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
  return run([this](const AuditCursor& cursor) {
    return is_checkpoint_due() ? pin_head(cursor) : Result();
  });
}

std::expected<void, Problem> AuditKeeper::checkpoint_now() {
  const std::scoped_lock lock(mutex_);
  return run([this](const AuditCursor& cursor) { return pin_head(cursor); });
}

AuditKeeper::Result AuditKeeper::move_all(AuditCursor& cursor) {
  for (;;) {
    const auto moved = move_some(cursor);
    if (!moved) {
      return std::unexpected(moved.error());
    }
    if (!*moved) {
      return {};
    }
  }
}

// Moves as many records as may follow without a checkpoint, and makes one when it must be made.
// false: the outbox is empty.
std::expected<bool, Problem> AuditKeeper::move_some(AuditCursor& cursor) {
  auto rows = next_rows(cursor);
  if (!rows) {
    return std::unexpected(rows.error());
  }
  if (rows->empty()) {
    return false;
  }
  if (const auto appended = parts_.journal.append_audit(*rows); !appended) {
    return appended.error() == JournalError::kConflict ? forked() : problem_of(appended.error());
  }
  journal_seq_ = cursor.head().seq;
  if (const auto trimmed = parts_.registry.trim_audit(rows->back().seq); !trimmed) {
    return problem_of(trimmed.error());
  }
  if (journal_seq_ - checkpoint_seq_ >= kAuditCheckpointRecordsMax && can_sign(cursor)) {
    if (const Result pinned = pin_head(cursor); !pinned) {
      return std::unexpected(pinned.error());
    }
  }
  return true;
}

// The next records of the outbox, with the cursor moved behind the last of them. Some may be in the
// journal already: after a crash between append and trim.
std::expected<std::vector<AuditRow>, Problem> AuditKeeper::next_rows(AuditCursor& cursor) {
  const std::uint64_t open = cursor.head().seq - checkpoint_seq_;
  const std::uint64_t room =
      can_sign(cursor) ? kAuditCheckpointRecordsMax - std::min(open, kAuditCheckpointRecordsMax - 1)
                       : kAuditCheckpointRecordsMax;
  auto entries = parts_.registry.audit_outbox(static_cast<std::size_t>(room));
  if (!entries) {
    return problem_of(entries.error());
  }
  std::vector<AuditRow> rows;
  rows.reserve(entries->size());
  for (AuditEntry& entry : *entries) {
    const bool is_new = entry.seq > cursor.head().seq;
    if (is_new && entry.seq != cursor.head().seq + 1) {
      return damaged("the journal lacks audit records " + std::to_string(cursor.head().seq + 1) +
                     " to " + std::to_string(entry.seq - 1) + ", which it had been given");
    }
    if (is_new && !cursor.advance(entry.bytes)) {
      return damaged("audit record " + std::to_string(entry.seq) +
                     " in the registry does not follow the one before it");
    }
    rows.push_back({.seq = entry.seq, .bytes = std::move(entry.bytes)});
  }
  return rows;
}

// Between the change of the key and its record's arrival here, checkpoints must wait: they would
// pin records of the old key's time with the new one.
bool AuditKeeper::can_sign(const AuditCursor& cursor) const {
  return cursor.key().id() == loaded_.key.public_key().fingerprint_text();
}

bool AuditKeeper::is_checkpoint_due() const {
  return !checkpoint_at_ || parts_.clock.boot_now() - *checkpoint_at_ >= kCheckpointInterval;
}

AuditKeeper::Result AuditKeeper::pin_head(const AuditCursor& cursor) {
  const AuditHead& head = cursor.head();
  if (head.seq <= checkpoint_seq_) {
    return {};  // One record has one checkpoint.
  }
  const Timestamp time = std::max(parts_.clock.now(), cursor.time());
  const auto line =
      can_sign(cursor) ? encode_checkpoint(cursor.log_id(), head, time, loaded_.key) : std::nullopt;
  if (!line) {
    return problem(
        Kind::kUnavailable, "audit_key_unusable",
        "the audit key did not sign a checkpoint; restart the node, and if that does not "
        "help restore the newest backup");
  }
  if (const auto added = parts_.journal.add_checkpoint(*line); !added) {
    return problem_of(added.error());
  }
  checkpoint_seq_ = head.seq;
  checkpoint_at_ = parts_.clock.boot_now();
  return give_to_sinks(*line);
}

// Every sink gets it, whatever becomes of the others.
AuditKeeper::Result AuditKeeper::give_to_sinks(const std::string& line) {
  Result given;
  for (CheckpointSink* const sink : parts_.sinks) {
    if (Result taken = sink->take(line); !taken) {
      given = std::move(taken);
    }
  }
  return given;
}

std::expected<void, Problem> AuditKeeper::change_key(const std::string& actor,
                                                     const std::string& source) {
  const std::scoped_lock lock(mutex_);
  Result done = run([&](const AuditCursor& cursor) {
    const Result pinned = pin_head(cursor);  // with the old key, up to here
    return pinned ? store_new_key(cursor, actor, source) : pinned;
  });
  return done ? run([this](const AuditCursor& cursor) { return pin_head(cursor); })
              : std::move(done);
}

AuditKeeper::Result AuditKeeper::store_new_key(const AuditCursor& cursor, const std::string& actor,
                                               const std::string& source) {
  // Its record may have been renewed under another sealing key since it was read.
  auto present = load_key(parts_);
  if (!present) {
    return std::unexpected(present.error());
  }
  loaded_ = std::move(*present);
  const auto key = PrivateKey::generate(Scheme::kEd25519, parts_.random);
  const auto pem = key ? key->to_pkcs8_pem() : std::unexpected(key.error());
  auto fact =
      key ? audit_key_change(cursor.log_id(), loaded_.key, key->public_key()) : std::nullopt;
  if (!pem || !fact) {
    return no_randomness();
  }
  const auto held = parts_.sealer.hold_keys();
  const auto sealed = parts_.sealer.seal_own(kAuditKeySealName, *pem);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  fact->actor = actor;
  fact->source = source;
  AuditKeys keys = loaded_.keys;
  keys.public_keys.push_back(key->public_key().pem());
  keys.sealed_private_key = as_text(*sealed);
  std::vector<Write> writes;
  writes.push_back({.kind = RecordKind::kSetting,
                    .id = std::string(kAuditKeysSetting),
                    .bytes = encode(keys),
                    .expected_modified = loaded_.modified});
  const auto stored = parts_.audited.commit(std::move(writes), *fact);
  // A commit that failed may have happened all the same: what is stored decides.
  auto loaded = load_key(parts_);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  loaded_ = std::move(*loaded);
  return stored ? Result() : problem_of(stored.error());
}

std::expected<AuditExported, Problem> AuditKeeper::export_log(const AuditLineSink& sink) {
  // A log in trouble is the one that somebody wants to look at: then what the journal has is given,
  // and state() says what the trouble is.
  [[maybe_unused]] const Result pinned = checkpoint_now();
  return export_audit_log(parts_.journal, origin_.birth_line, sink);
}

AuditState AuditKeeper::state() const {
  const auto head = parts_.audited.head();
  const std::scoped_lock lock(mutex_);
  return {.log_id = birth_.log_id,
          .key_id = loaded_.key.public_key().fingerprint_text(),
          .seq = std::max(head ? head->seq : 0, journal_seq_),
          .journal_seq = journal_seq_,
          .checkpoint_seq = checkpoint_seq_,
          .trouble = trouble_};
}

std::string AuditKeeper::public_key() const { return birth_.public_key_pem; }

}  // namespace counterfoil
