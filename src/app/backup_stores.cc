#include "app/backup_stores.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/manifest.h"
#include "backup/new_file.h"
#include "backup/stores.h"
#include "base/random.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"
#include "sqlite_file/database.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

namespace fs = std::filesystem;
using Kind = Problem::Kind;
using Done = std::expected<void, Problem>;

std::unexpected<Problem> not_opened(const StoreOpenError& error) {
  switch (error.kind) {
    case StoreOpenErrorKind::kNotAStore:
    case StoreOpenErrorKind::kCorrupt:
      return problem(Kind::kConflict, "backup_damaged", error.sentence);
    case StoreOpenErrorKind::kNewerVersion:
      return problem(Kind::kInvalid, "backup_of_a_newer_release", error.sentence);
    case StoreOpenErrorKind::kFull:
      return problem(Kind::kUnavailable, "disk_full", error.sentence);
    case StoreOpenErrorKind::kUnsafeDirectory:
    case StoreOpenErrorKind::kUnsafeFile:
    case StoreOpenErrorKind::kNoAccess:
    case StoreOpenErrorKind::kInUse:
    case StoreOpenErrorKind::kMigration:
    case StoreOpenErrorKind::kRandom:
      return problem(Kind::kUnavailable, "store_not_opened", error.sentence);
  }
  std::unreachable();
}

StoreEngines::OpenedRegistry open_copy(const fs::path& file, RandomSource& random,
                                       Lineage lineage) {
  SqliteRegistryOptions options;
  options.lineage = lineage;
  options.reserve_bytes = 0;  // a copy revokes nothing; the node takes its reserve at the start
  auto opened = open_sqlite_registry(file, random, std::move(options));
  return opened ? StoreEngines::OpenedRegistry(std::move(*opened)) : not_opened(opened.error());
}

std::unexpected<Problem> not_copied(const fs::path& path, SqlError error) {
  if (error == SqlError::kFull) {
    return problem(Kind::kUnavailable, "disk_full",
                   path.string() + ": no space is left on the disk for a copy of it; free some");
  }
  return problem(Kind::kUnavailable, "store_not_copied",
                 path.string() + " cannot be copied: look at its disk, and repeat");
}

// Copying holds one state of one store until it is copied.
class Copying {
 public:
  static std::expected<Copying, Problem> begin(const fs::path& from) {
    auto database = Database::open(from, DatabaseMode::kReader);
    if (!database) {
      return not_copied(from, database.error());
    }
    auto transaction = SqlTransaction::begin(**database, Begin::kRead);
    if (!transaction) {
      return not_copied(from, transaction.error());
    }
    // SQLite fixes the state with the first read.
    Statement first = (*database)->statement("SELECT count(*) FROM sqlite_schema");
    if (const auto row = first.step(); !row) {
      return not_copied(from, row.error());
    }
    return Copying(from, std::move(*database), std::move(*transaction));
  }

  Done copy_to(const fs::path& to) {
    if (auto made = NewFile::make(to); !made) {
      return std::unexpected(made.error());
    }
    const auto copied = database_->copy_to(to);
    return copied ? Done() : not_copied(from_, copied.error());
  }

 private:
  Copying(fs::path from, std::unique_ptr<Database> database, SqlTransaction transaction)
      : from_(std::move(from)),
        database_(std::move(database)),
        transaction_(std::move(transaction)) {}
  fs::path from_;
  std::unique_ptr<Database> database_;
  SqlTransaction transaction_;
};

// The registry's state is fixed first: what it had given away by then is in the journal. The
// journal may have been given more between the two; then it is ahead, and both are looked at again.
Done copy_stores(const fs::path& data, const fs::path& to, RandomSource& random) {
  constexpr int kAttemptsMax = 10;
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    {
      auto registry = Copying::begin(data / kRegistryPart);
      auto journal = registry ? Copying::begin(data / kJournalPart)
                              : std::expected<Copying, Problem>(std::unexpected(registry.error()));
      if (!journal) {
        return std::unexpected(journal.error());
      }
      Done copied = registry->copy_to(to / kRegistryPart);
      copied = copied ? journal->copy_to(to / kJournalPart) : std::move(copied);
      if (!copied) {
        return copied;
      }
    }
    const auto registry = open_copy(to / kRegistryPart, random, Lineage::kSame);
    const auto journal = open_sqlite_journal(to / kJournalPart);
    if (!registry) {
      return std::unexpected(registry.error());
    }
    if (!journal) {
      return not_opened(journal.error());
    }
    const auto last = (*registry)->last_audit();
    const auto head = (*journal)->audit_head();
    if (!last || !head) {
      return problem(Kind::kUnavailable, "store_not_copied",
                     "the copies of the stores cannot be read: look at the disk, and repeat");
    }
    const std::uint64_t registry_seq = last->value_or(AuditEntry{}).seq;
    const std::uint64_t journal_seq = head->value_or(AuditRow{}).seq;
    if (journal_seq <= registry_seq) {
      return {};
    }
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(to, error)) {
      fs::remove(entry.path(), error);
    }
  }
  return problem(Kind::kUnavailable, "store_not_copied",
                 "so much was changed that no moment was found to copy the stores in: repeat");
}

}  // namespace

StoreEngines store_engines(const fs::path& data, RandomSource& random) {
  return {
      .open_registry =
          [&random](const fs::path& file) { return open_copy(file, random, Lineage::kSame); },
      .open_restored_registry =
          [&random](const fs::path& file) { return open_copy(file, random, Lineage::kRestored); },
      .open_journal = [](const fs::path& file) -> StoreEngines::OpenedJournal {
        auto opened = open_sqlite_journal(file);
        return opened ? StoreEngines::OpenedJournal(std::move(*opened))
                      : not_opened(opened.error());
      },
      .copy_stores = [data, &random](const fs::path& to) { return copy_stores(data, to, random); }};
}

}  // namespace counterfoil
