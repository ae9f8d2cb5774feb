#pragma once

#include <expected>
#include <filesystem>
#include <memory>

#include "journal/journal.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {

// open_sqlite_journal opens the journal's file, making it (0600, with its directory 0700) when
// there is none, and holds the right to it until the journal is destroyed: a second open, by this
// or another process, is refused with kInUse. Every write is synced to the disk before it returns.
// A journal of an older schema is migrated in one transaction after a backup "<store>.before-v<n>";
// a newer one is refused. Files beside it: "-wal" and "-shm" (SQLite's), ".lock".
[[nodiscard]] std::expected<std::unique_ptr<Journal>, StoreOpenError> open_sqlite_journal(
    const std::filesystem::path& path);

}  // namespace counterfoil
