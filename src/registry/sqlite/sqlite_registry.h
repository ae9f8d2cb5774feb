#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/random.h"
#include "registry/registry.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {

// Lineage kRestored is for the first open of a restored copy: the registry gets a new incarnation,
// so that readers of the old one reload.
enum class Lineage : std::uint8_t { kSame, kRestored };

// SqliteRegistryOptions of one store. The defaults are what ships.
struct SqliteRegistryOptions {
  Lineage lineage = Lineage::kSame;
  std::size_t feed_changes_max =
      100'000;  // older changes are trimmed; readers behind them get kGap
  // Disk space kept back in the file "<store>.reserve" so that revocations commit on a full disk,
  // and nothing else does in what is left of it. 0: none.
  std::uint64_t reserve_bytes = 8ULL * 1024 * 1024;
  // How much the disk has left; empty: ask the system. The reserve is taken at the open and by
  // keep_reserve(), when twice its size is free.
  std::function<std::uint64_t(const std::filesystem::path& path)> free_bytes = {};
};

// open_sqlite_registry opens the registry's file, making it (0600, with its directory 0700) when
// there is none, and holds the right to it until the registry is destroyed: a second open, by this
// or another process, is refused with kInUse.
//
//   random  chooses the incarnation of a new or restored store; not used afterwards.
//
// Every commit is synced to the disk before it returns (WAL, synchronous=FULL). A store of an older
// schema is migrated in one transaction after a backup "<store>.before-v<n>"; a newer one is
// refused. Files beside the store: "-wal" and "-shm" (SQLite's), ".lock", ".reserve".
[[nodiscard]] std::expected<std::unique_ptr<Registry>, StoreOpenError> open_sqlite_registry(
    const std::filesystem::path& path, RandomSource& random, SqliteRegistryOptions options = {});

}  // namespace counterfoil
