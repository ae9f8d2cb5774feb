#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>

#include "sqlite_file/database.h"
#include "sqlite_file/open_error.h"
#include "sqlite_file/store_files.h"

namespace counterfoil {

// StoreSchema is what makes a file this kind of store. Version n is what steps[0..n) made; a step
// once released is never changed, only followed by another.
struct StoreSchema {
  std::int32_t application_id = 0;  // PRAGMA application_id; not 0
  std::span<const char* const> steps;
};

// Store is an open file at the newest version, its writing connection, and the right to both.
struct Store {
  StorePlace place;  // outlives the connection
  std::unique_ptr<Database> writer;
};

// open_store opens the store at `path`, or makes a new one.
//
// A file is opened only if it and its directory are ours alone (control S-08), it is of this
// application, SQLite's quick check finds no damage, and it is not newer than `schema`. An older
// one is copied to
// "<store>.before-v<newest version>" (with "-2", "-3" ... when that is taken) and then migrated in
// one transaction: a crash on the way leaves the old version. After opening, the store is in WAL
// mode.
[[nodiscard]] std::expected<Store, StoreOpenError> open_store(const std::filesystem::path& path,
                                                              const StoreSchema& schema);

}  // namespace counterfoil
