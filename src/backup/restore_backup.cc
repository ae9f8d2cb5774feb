#include "backup/restore_backup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "authority/audit_chain.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/audited_registry.h"
#include "authority/checkpoint_file.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/make_backup.h"
#include "backup/manifest.h"
#include "backup/new_file.h"
#include "backup/restored_keys.h"
#include "backup/restored_people.h"
#include "backup/revocation_lines.h"
#include "base/bytes.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
namespace fs = std::filesystem;

// read_text gives nullopt for a file that is not there. Problem: it is, but cannot be read.
std::expected<std::optional<std::string>, Problem> read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return std::nullopt;
  }
  const std::uintmax_t bytes = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || bytes > kRevocationLogBytesMax || !file) {
    return problem(Kind::kUnavailable, "file_unreadable",
                   path.string() + " cannot be read, or is longer than 256 MiB: check its mode");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::expected<void, Problem> check_directory_empty(const fs::path& directory) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(directory, error);
  if (!fs::exists(status)) {
    return {};
  }
  if (!fs::is_directory(status) || !fs::is_empty(directory, error) || error) {
    return problem(Kind::kInvalid, "directory_not_empty",
                   directory.string() +
                       " is not an empty folder, and nothing is restored over something else: name "
                       "a new one with --data");
  }
  return {};
}

// Restoring is one restore on its way, after the backup was unpacked into `folder`.
class Restoring {
 public:
  Restoring(const RestoreWork& work, const RestoreWish& wish, fs::path folder, Manifest manifest)
      : work_(work), wish_(wish), folder_(std::move(folder)) {
    restored_.manifest = std::move(manifest);
  }

  std::expected<Restored, Problem> run() {
    using Step = std::expected<void, Problem> (Restoring::*)();
    for (const Step step :
         {&Restoring::check_age, &Restoring::read_logs, &Restoring::change_keys,
          &Restoring::change_accounts, &Restoring::change_people, &Restoring::end_sign_ins,
          &Restoring::commit_all, &Restoring::carry_log_on}) {
      if (const auto done = (this->*step)(); !done) {
        return std::unexpected(done.error());
      }
    }
    return std::move(restored_);
  }

 private:
  using Done = std::expected<void, Problem>;

  // Refuses a backup that is older than the newest known checkpoint, or of another history.
  Done check_age() {
    const fs::path path = wish_.checkpoints.value_or(restored_.manifest.checkpoints);
    const auto text = read_text(path);
    if (!text) {
      return std::unexpected(text.error());
    }
    const std::vector<std::string> lines = checkpoint_lines(text->value_or(""));
    const auto newest = lines.empty() ? std::nullopt : parse_checkpoint(lines.back());
    if (!newest) {
      return {};
    }
    const StoresSurvey& stores = restored_.manifest.stores;
    if (newest->log_id != stores.log_id) {
      return problem(Kind::kInvalid, "checkpoints_foreign",
                     path.string() +
                         " holds the checkpoints of another node: name those of the node that was "
                         "backed up");
    }
    restored_.newest_known = newest->seq;
    const auto fits = knows(*newest);
    if (!fits) {
      return std::unexpected(fits.error());
    }
    restored_.rolled_back = !*fits;
    if (!*fits && wish_.rollback == Rollback::kRefuse) {
      return problem(
          Kind::kConflict, "backup_too_old",
          wish_.file.string() + " ends with audit record " + std::to_string(stores.head.seq) +
              ", and " + path.string() + " knows record " + std::to_string(newest->seq) +
              ": whatever was changed after the backup would be lost. Take a newer backup, or "
              "repeat with --accept-rollback, which the audit log will tell");
    }
    return {};
  }

  // knows: the backup's chain holds the record that the checkpoint pins.
  std::expected<bool, Problem> knows(const AuditCheckpoint& checkpoint) {
    const AuditHead& head = restored_.manifest.stores.head;
    if (checkpoint.seq >= head.seq) {
      return checkpoint.seq == head.seq && checkpoint.hash == head.hash;
    }
    const auto journal = work_.engines.open_journal(folder_ / kJournalPart);
    if (!journal) {
      return std::unexpected(journal.error());
    }
    const auto rows = (*journal)->audit(checkpoint.seq - 1, 1);
    const auto pinned = rows && !rows->empty() ? head_of(rows->front().bytes) : std::nullopt;
    // A record that is still in the outbox is newer than every checkpoint.
    return pinned && pinned->hash == checkpoint.hash;
  }

  Done read_logs() {
    const std::vector<std::string>& remembered = restored_.manifest.revocation_logs;
    const std::vector<fs::path> logs =
        wish_.revocation_logs.value_or(std::vector<fs::path>(remembered.begin(), remembered.end()));
    for (const fs::path& path : logs) {
      const auto text = read_text(path);
      if (!text) {
        return std::unexpected(text.error());
      }
      const std::optional<std::string>& content = *text;
      if (!content) {
        continue;
      }
      const auto log = parse_revocation_log(*content, path.string());
      auto found = log ? endings_since(log->sections, path.string(), restored_.manifest.stores,
                                       restored_.newest_known)
                       : std::unexpected(log.error());
      if (!found) {
        return std::unexpected(found.error());
      }
      if (log_text_.empty() || found->is_complete) {
        log_text_ = *content;
      }
      merge(since_, std::move(*found));
    }
    restored_.revocations_known = since_.is_complete;
    restored_.endings = since_.endings.size();
    return {};
  }

  Done open_registry() {
    auto opened = work_.engines.open_restored_registry(folder_ / kRegistryPart);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    registry_ = std::move(*opened);
    return {};
  }

  // for_each hands every record of one kind to `take`.
  template <typename Take>
  Done for_each(RecordKind kind, const Take& take) {
    std::string after;
    for (;;) {
      const auto records = registry_->list(kind, after, kListMax);
      if (!records) {
        return problem_of(records.error());
      }
      for (const Record& record : *records) {
        if (const Done taken = take(record); !taken) {
          return taken;
        }
      }
      if (records->size() < kListMax) {
        return {};
      }
      after = records->back().id;
    }
  }

  using EndingsByObject = std::multimap<std::string_view, const Ending*>;
  [[nodiscard]] EndingsByObject endings_by_object() const {
    EndingsByObject by_object;
    for (const Ending& ending : since_.endings) {
      by_object.emplace(ending.object, &ending);
    }
    return by_object;
  }

  Done change_keys() {
    if (const Done opened = open_registry(); !opened) {
      return opened;
    }
    const EndingsByObject by_object = endings_by_object();
    return for_each(RecordKind::kApiKey, [&](const Record& record) {
      const auto [from, to] = by_object.equal_range(record.id);
      if (from == to && since_.is_complete) {
        return Done();
      }
      const auto stored = decode_api_key(record.bytes, work_.permissions);
      if (!stored) {
        return Done(problem(
            Kind::kConflict, "record_unreadable",
            "the API key " + record.id +
                " cannot be read, so it cannot be ended: give the configuration of the node that "
                "was backed up with --config, so that its profile is known"));
      }
      ApiKey key = *stored;
      for (auto at = from; at != to; ++at) {
        key = ended(std::move(key), *at->second);
      }
      change(record, *stored, settled(std::move(key), now_));
      return Done();
    });
  }

  void change(const Record& record, const ApiKey& stored, ApiKey key) {
    if (!since_.is_complete) {
      key = suspended_until_confirmed(std::move(key), now_);
    }
    if (key == stored) {
      return;
    }
    const bool has_other_state = key.state != stored.state;
    restored_.keys_revoked += has_other_state && key.state == KeyState::kRevoked ? 1U : 0U;
    restored_.keys_suspended += has_other_state && key.state == KeyState::kSuspended ? 1U : 0U;
    restored_.keys_changed += has_other_state ? 0U : 1U;
    writes_.push_back(api_key_write(key, work_.permissions, record.modified));
  }

  Done change_accounts() {
    std::map<std::string_view, const Ending*> by_account;
    for (const Ending& ending : since_.endings) {
      if (ending.kind == EndingKind::kSuspendAccount) {
        by_account.emplace(ending.object, &ending);
      }
    }
    return for_each(RecordKind::kAccount, [&](const Record& record) {
      const auto found = by_account.find(record.id);
      if (found == by_account.end()) {
        return Done();
      }
      auto account = decode_account(record.bytes);
      if (!account) {
        return Done(problem(Kind::kConflict, "record_unreadable",
                            "the account " + record.id +
                                " cannot be read, so it cannot be suspended again: take another "
                                "backup"));
      }
      const Ending& ending = *found->second;
      if (auto made = suspend(std::move(*account), ending.cause, ending.ends_at)) {
        ++restored_.accounts_suspended;
        writes_.push_back(account_write(*made, record.modified));
      }
      return Done();
    });
  }

  Done change_people() {
    const EndingsByObject by_object = endings_by_object();
    return for_each(RecordKind::kPerson, [&](const Record& record) {
      const auto stored = decode_person(record.bytes);
      if (!stored) {
        return Done(problem(Kind::kConflict, "record_unreadable",
                            "the person " + record.id +
                                " cannot be read, so they cannot be disabled: restore with the "
                                "version that made the backup"));
      }
      if (stored->state == PersonState::kEnrolling) {
        // Their invitation does not come back, and without it their e-mail would be taken for good.
        writes_.push_back(person_erase({.value = *stored, .modified = record.modified}));
        return Done();
      }
      Person person = restored(*stored);
      const auto [from, to] = by_object.equal_range(record.id);
      for (auto at = from; at != to; ++at) {
        person = ended(std::move(person), *at->second);
      }
      if (!since_.is_complete) {
        person = disabled_until_confirmed(std::move(person), now_);
      }
      if (person != *stored) {
        restored_.people_disabled += person.state != stored->state ? 1U : 0U;
        writes_.push_back(person_write(person, record.modified));
      }
      return Done();
    });
  }

  // What lets somebody in without their factors, or make an API key, does not come back: it may
  // have been ended or used up since.
  Done end_sign_ins() {
    for (const RecordKind kind :
         {RecordKind::kSession, RecordKind::kInvitation, RecordKind::kEnrolmentLink}) {
      const Done erased = for_each(kind, [&](const Record& record) {
        writes_.push_back({.kind = kind, .id = record.id, .expected_modified = record.modified});
        return Done();
      });
      if (!erased) {
        return erased;
      }
    }
    return {};
  }

  [[nodiscard]] AuditFact fact(std::size_t part, std::size_t parts) const {
    const Manifest& manifest = restored_.manifest;
    return {.actor = wish_.actor.name,
            .source = wish_.actor.source,
            .action = "backup.restore",
            .object = wish_.file.filename().string(),
            .detail = {{"accounts_suspended", std::to_string(restored_.accounts_suspended)},
                       {"api_keys_changed", std::to_string(restored_.keys_changed)},
                       {"api_keys_revoked", std::to_string(restored_.keys_revoked)},
                       {"api_keys_suspended", std::to_string(restored_.keys_suspended)},
                       {"backup_seq", std::to_string(manifest.stores.head.seq)},
                       {"backup_time", manifest.time},
                       {"endings", std::to_string(restored_.endings)},
                       {"newest_known_seq", std::to_string(restored_.newest_known)},
                       {"people_disabled", std::to_string(restored_.people_disabled)},
                       {"part", std::to_string(part) + " of " + std::to_string(parts)},
                       {"revocations", restored_.revocations_known ? "applied" : "not known"},
                       {"rollback", restored_.rolled_back ? "accepted" : "no"}}};
  }

  // One record tells of the restore; another one of each further 4,096 records that it changes.
  Done commit_all() {
    const auto found = registry_->find(RecordKind::kSetting, kAuditBirthSetting);
    const std::optional<Record> birth = found ? *found : std::nullopt;
    if (!birth) {
      return problem_of(found ? RegistryError::kCorrupt : found.error());
    }
    AuditedRegistry audited(*registry_, work_.clock, restored_.manifest.node,
                            birth_hash(birth->bytes));
    const std::size_t parts = std::max<std::size_t>(
        1, (writes_.size() + kWritesPerTransactionMax - 1) / kWritesPerTransactionMax);
    auto next = writes_.begin();
    for (std::size_t part = 1; part <= parts; ++part) {
      const auto left = static_cast<std::size_t>(std::distance(next, writes_.end()));
      const auto end = next + static_cast<std::ptrdiff_t>(std::min(left, kWritesPerTransactionMax));
      const auto revision = audited.commit(
          {std::make_move_iterator(next), std::make_move_iterator(end)}, fact(part, parts));
      if (!revision) {
        return problem_of(revision.error());
      }
      restored_.incarnation = revision->incarnation;
      next = end;
    }
    registry_.reset();
    return {};
  }

  // The restored node goes on with the log, so that later restores of older backups know all of it.
  Done carry_log_on() {
    if (log_text_.empty()) {
      return {};
    }
    auto file = NewFile::make(folder_ / "revocations.log");
    const Done written = file ? file->write(as_bytes(log_text_)) : std::unexpected(file.error());
    return written ? file->sync() : written;
  }

  const RestoreWork& work_;
  const RestoreWish& wish_;
  fs::path folder_;
  Restored restored_;
  Timestamp now_ = work_.clock.now();
  EndingsSince since_;
  std::string log_text_;
  std::unique_ptr<Registry> registry_;
  std::vector<Write> writes_;
};

}  // namespace

std::expected<Restored, Problem> restore_backup(const RestoreWork& work, const RestoreWish& wish) {
  if (const auto empty = check_directory_empty(wish.directory); !empty) {
    return std::unexpected(empty.error());
  }
  auto folder = ScratchFolder::make(wish.directory.parent_path(), ".restoring-");
  if (!folder) {
    return std::unexpected(folder.error());
  }
  auto manifest = check_backup(work.engines, work.key, wish.file, folder->path());
  if (!manifest) {
    return std::unexpected(manifest.error());
  }
  auto restored = Restoring(work, wish, folder->path(), std::move(*manifest)).run();
  if (!restored) {
    return restored;
  }
  sync_folder(folder->path());
  // Replaces an empty folder, and nothing else.
  if (std::rename(folder->path().c_str(), wish.directory.c_str()) != 0) {
    return not_written(wish.directory, errno);
  }
  folder->keep();
  sync_folder(wish.directory.parent_path());
  return restored;
}

}  // namespace counterfoil
