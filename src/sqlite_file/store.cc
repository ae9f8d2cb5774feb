#include "sqlite_file/store.h"

#include <fmt/core.h>
#include <stdio.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "sqlite_file/database.h"
#include "sqlite_file/open_error.h"
#include "sqlite_file/store_files.h"

namespace counterfoil {
namespace {

using Opened = std::expected<void, StoreOpenError>;

std::unexpected<StoreOpenError> refuse(StoreOpenErrorKind kind, std::string sentence) {
  return std::unexpected(StoreOpenError{.kind = kind, .sentence = std::move(sentence)});
}

std::unexpected<StoreOpenError> refuse_foreign(const std::filesystem::path& path) {
  return refuse(
      StoreOpenErrorKind::kNotAStore,
      fmt::format("{} is a database of another application: name another file.", path.string()));
}

std::unexpected<StoreOpenError> refuse_sql(const std::filesystem::path& path, SqlError error) {
  switch (error) {
    case SqlError::kFull:
      return refuse(StoreOpenErrorKind::kFull,
                    fmt::format("No space is left on the disk for {}: free some and start again.",
                                path.string()));
    case SqlError::kCorrupt:
      return refuse(StoreOpenErrorKind::kCorrupt,
                    fmt::format("{} is damaged: keep a copy of it and restore the newest backup.",
                                path.string()));
    case SqlError::kBusy:
      return refuse(StoreOpenErrorKind::kInUse,
                    fmt::format("{} is locked by another program (a database tool?): close it.",
                                path.string()));
    case SqlError::kConstraint:
    case SqlError::kFailed:
      break;
  }
  return refuse(StoreOpenErrorKind::kNoAccess,
                fmt::format("{} cannot be read or written: look at the disk and at the system's "
                            "log.",
                            path.string()));
}

// SQLite's file format, section 1.3: the magic at offset 0, the application id at 68 (big-endian).
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kApplicationIdOffset = 68;

std::int32_t application_id_in(std::string_view header) {
  std::uint32_t id = 0;
  for (const char byte : header.substr(kApplicationIdOffset, sizeof id)) {
    id = (id << 8U) | static_cast<std::uint8_t>(byte);
  }
  return static_cast<std::int32_t>(id);
}

// Looks at the raw bytes first: merely opening a database with SQLite may already change it.
Opened check_header(const StorePlace& place, std::string_view header, std::int32_t ours) {
  // With a journal beside it the file may be in any state: SQLite takes the last change back first.
  if (header.empty() ||
      std::filesystem::exists(std::filesystem::symlink_status(place.path.string() + "-journal"))) {
    return {};
  }
  if (header.size() < kHeaderBytes || !header.starts_with(kMagic)) {
    return refuse(StoreOpenErrorKind::kNotAStore,
                  fmt::format("{} is not a store (not an SQLite file): name another file, or "
                              "restore a backup.",
                              place.path.string()));
  }
  // 0 is also what a store holds whose making was cut short: SQLite decides that below.
  const std::int32_t theirs = application_id_in(header);
  if (theirs != 0 && theirs != ours) {
    return refuse_foreign(place.path);
  }
  return {};
}

std::expected<std::int64_t, SqlError> read_number(Database& database, std::string_view sql) {
  Statement statement = database.statement(sql);
  const auto row = statement.step();
  if (!row) {
    return std::unexpected(row.error());
  }
  return *row ? statement.column_number(0) : 0;
}

struct Identity {
  std::int64_t application_id = 0;
  std::int64_t version = 0;
  std::int64_t tables = 0;
};

std::expected<Identity, SqlError> read_identity(Database& database) {
  const auto application_id = read_number(database, "PRAGMA application_id");
  const auto version = read_number(database, "PRAGMA user_version");
  const auto tables = read_number(database, "SELECT count(*) FROM sqlite_schema");
  for (const auto* number : {&application_id, &version, &tables}) {
    if (!*number) {
      return std::unexpected(number->error());
    }
  }
  return Identity{.application_id = *application_id, .version = *version, .tables = *tables};
}

// Finds damage of pages, cells and record formats; about 0.7 s for a million records of 500 bytes.
// That indexes agree with their tables is left to `backup verify`: it costs ten times that.
Opened check_for_damage(Database& database, const std::filesystem::path& path) {
  Statement statement = database.statement("PRAGMA quick_check(1)");
  const auto row = statement.step();
  if (!row) {
    return refuse_sql(path, row.error());
  }
  if (!*row || statement.column_bytes(0) != "ok") {
    return refuse_sql(path, SqlError::kCorrupt);
  }
  return {};
}

std::expected<void, SqlError> apply_steps(Database& database, const StoreSchema& schema,
                                          std::size_t from_version) {
  auto transaction = SqlTransaction::begin(database, Begin::kWrite);
  if (!transaction) {
    return std::unexpected(transaction.error());
  }
  for (const char* const step : schema.steps.subspan(from_version)) {
    if (const auto done = database.execute(step); !done) {
      return done;
    }
  }
  const std::string stamp = fmt::format("PRAGMA application_id={}; PRAGMA user_version={};",
                                        schema.application_id, schema.steps.size());
  if (const auto done = database.execute(stamp.c_str()); !done) {
    return done;
  }
  return transaction->commit();
}

// The first of "<store>.before-v2", "<store>.before-v2-2", ... that is not taken.
std::expected<std::string, StoreOpenError> copy_before(const Store& store, std::size_t version) {
  const std::filesystem::path directory = store.place.path.parent_path();
  const std::string wanted =
      fmt::format("{}.before-v{}", store.place.path.filename().string(), version);
  constexpr int kCopiesMax = 100;
  for (int number = 1; number <= kCopiesMax; ++number) {
    std::string name = number == 1 ? wanted : fmt::format("{}-{}", wanted, number);
    const std::string partial = name + ".partial";
    if (std::filesystem::exists(std::filesystem::symlink_status(directory / name))) {
      continue;
    }
    (void)unlinkat(store.place.directory.get(), partial.c_str(), 0);  // Of a start cut short.
    const auto made = make_private_file(store.place, partial);
    if (!made) {
      return std::unexpected(made.error());
    }
    if (const auto copied = store.writer->copy_to(directory / partial); !copied) {
      (void)unlinkat(store.place.directory.get(), partial.c_str(), 0);
      return refuse_sql(directory / name, copied.error());
    }
    if (fsync(made->get()) != 0 ||
        renameat(store.place.directory.get(), partial.c_str(), store.place.directory.get(),
                 name.c_str()) != 0 ||
        fsync(store.place.directory.get()) != 0) {
      return refuse_sql(directory / name, SqlError::kFailed);
    }
    return name;
  }
  return refuse(StoreOpenErrorKind::kMigration,
                fmt::format("{} has too many copies named {}: move them away.",
                            store.place.path.string(), wanted));
}

Opened migrate(Store& store, const StoreSchema& schema, std::size_t from_version) {
  const auto copy = copy_before(store, schema.steps.size());
  if (!copy) {
    return refuse(StoreOpenErrorKind::kMigration,
                  fmt::format("{} was not upgraded, for no backup could be made first. {}",
                              store.place.path.string(), copy.error().sentence));
  }
  if (const auto applied = apply_steps(*store.writer, schema, from_version); !applied) {
    return refuse(StoreOpenErrorKind::kMigration,
                  fmt::format("{} could not be upgraded to version {} and is as it was: free disk "
                              "space, or go back to the release that wrote it.",
                              store.place.path.string(), schema.steps.size()));
  }
  return {};
}

Opened bring_up_to_date(Store& store, const StoreSchema& schema) {
  const std::filesystem::path& path = store.place.path;
  const auto identity = read_identity(*store.writer);
  if (!identity) {
    return refuse_sql(path, identity.error());
  }
  const bool is_new =
      identity->application_id == 0 && identity->version == 0 && identity->tables == 0;
  if (is_new) {
    const auto applied = apply_steps(*store.writer, schema, 0);
    return applied ? Opened{} : refuse_sql(path, applied.error());
  }
  if (identity->application_id != schema.application_id || identity->version <= 0) {
    return refuse_foreign(path);
  }
  if (std::cmp_greater(identity->version, schema.steps.size())) {
    return refuse(StoreOpenErrorKind::kNewerVersion,
                  fmt::format("{} was written by a newer release (store version {}, this release "
                              "knows {}): install that release.",
                              path.string(), identity->version, schema.steps.size()));
  }
  if (auto checked = check_for_damage(*store.writer, path); !checked) {
    return checked;
  }
  if (std::cmp_less(identity->version, schema.steps.size())) {
    return migrate(store, schema, static_cast<std::size_t>(identity->version));
  }
  return {};
}

Opened switch_to_wal(Database& database, const std::filesystem::path& path) {
  Statement statement = database.statement("PRAGMA journal_mode=WAL");
  const auto row = statement.step();
  if (!row) {
    return refuse_sql(path, row.error());
  }
  if (!*row || statement.column_bytes(0) != "wal") {
    return refuse_sql(path, SqlError::kFailed);
  }
  return {};
}

}  // namespace

std::expected<Store, StoreOpenError> open_store(const std::filesystem::path& path,
                                                const StoreSchema& schema) {
  auto place = take_store_place(path);
  if (!place) {
    return std::unexpected(place.error());
  }
  // Every look at the file by hand ends before SQLite opens it: closing any descriptor of a file
  // drops the locks that SQLite holds on it (POSIX advisory locks).
  const auto file = ensure_store_file(*place);
  if (!file) {
    return std::unexpected(file.error());
  }
  if (const auto checked = check_header(*place, file->starts_with, schema.application_id);
      !checked) {
    return std::unexpected(checked.error());
  }
  auto writer = Database::open(place->path, DatabaseMode::kWriter);
  if (!writer) {
    return refuse_sql(place->path, writer.error());
  }
  Store store{.place = std::move(*place), .writer = std::move(*writer)};
  if (const auto ready = bring_up_to_date(store, schema); !ready) {
    return std::unexpected(ready.error());
  }
  if (const auto wal = switch_to_wal(*store.writer, store.place.path); !wal) {
    return std::unexpected(wal.error());
  }
  return store;
}

}  // namespace counterfoil
