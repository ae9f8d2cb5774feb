#include "sqlite_file/database.h"

#include <sqlite3.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace counterfoil {
namespace {

// One writer and the checkpoints are all that can be in each other's way: this is never used up in
// a healthy store.
constexpr int kBusyTimeoutMs = 5'000;

// The log is cut back to this after it grew behind a long reader.
constexpr const char* kCommonPragmas =
    "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
    "PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=67108864;";

// Who writes touches pages all over a store of a million keys, once for each index of a key, and
// would read most of them again from the file with the 2 MiB that are usual.
constexpr const char* kWriterPragmas = "PRAGMA cache_size=-65536;";  // KiB

// SQLite calls a disk full when a write ends with ENOSPC, and nothing else: not a used up quota,
// and not a disk that finds out when it is told to sync. So whoever writes sets errno to 0 before.
bool is_out_of_room() { return errno == ENOSPC || errno == EDQUOT; }

SqlError to_error(int result) {
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT:
      return SqlError::kConstraint;
    case SQLITE_FULL:
      return SqlError::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlError::kBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqlError::kCorrupt;
    case SQLITE_IOERR:
      return is_out_of_room() ? SqlError::kFull : SqlError::kFailed;
    default:
      return SqlError::kFailed;
  }
}

// A null pointer would bind NULL, and an empty view may hold one.
const char* never_null(std::string_view value) {
  return value.data() == nullptr ? "" : value.data();
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(other.statement_),
      in_use_(other.in_use_),
      error_(other.error_),
      bound_(other.bound_) {
  other.statement_ = nullptr;
  other.in_use_ = nullptr;
}

Statement::~Statement() {
  if (statement_ != nullptr) {
    // What reset tells is the failure that step() has told already.
    (void)sqlite3_reset(statement_);
    (void)sqlite3_clear_bindings(statement_);
  }
  if (in_use_ != nullptr) {
    *in_use_ = false;
  }
}

void Statement::note(int result) {
  if (result != SQLITE_OK && !error_) {
    error_ = to_error(result);
  }
}

Statement& Statement::number(std::int64_t value) {
  if (!error_) {
    note(sqlite3_bind_int64(statement_, ++bound_, value));
  }
  return *this;
}

Statement& Statement::text(std::string_view value) {
  if (!error_) {
    note(sqlite3_bind_text64(statement_, ++bound_, never_null(value), value.size(), SQLITE_STATIC,
                             SQLITE_UTF8));
  }
  return *this;
}

Statement& Statement::blob(std::string_view value) {
  if (!error_) {
    note(sqlite3_bind_blob64(statement_, ++bound_, never_null(value), value.size(), SQLITE_STATIC));
  }
  return *this;
}

std::expected<bool, SqlError> Statement::step() {
  if (error_) {
    return std::unexpected(*error_);
  }
  errno = 0;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result == SQLITE_DONE) {
    return false;
  }
  error_ = to_error(result);
  return std::unexpected(*error_);
}

std::expected<void, SqlError> Statement::run() {
  return each([](const Statement&) {});
}

std::int64_t Statement::column_number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::column_bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_, column);
  if (data == nullptr) {
    return {};
  }
  return {static_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::column_is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

struct Database::Cache {
  struct Entry {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };
  // Node-based: a Statement keeps a pointer to its entry's flag.
  std::unordered_map<std::string_view, Entry> entries;
};

Database::Database(sqlite3* connection)
    : connection_(connection), cache_(std::make_unique<Cache>()) {}

Database::~Database() {
  for (const auto& [sql, entry] : cache_->entries) {
    (void)sqlite3_finalize(entry.statement);
  }
  (void)sqlite3_close(connection_);
}

std::expected<std::unique_ptr<Database>, SqlError> Database::open(const std::filesystem::path& path,
                                                                  DatabaseMode mode) {
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &connection,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW,
      nullptr);
  if (result != SQLITE_OK) {
    (void)sqlite3_close(connection);
    return std::unexpected(to_error(result));
  }
  std::unique_ptr<Database> database(new Database(connection));
  if (const auto hardened = database->harden(mode); !hardened) {
    return std::unexpected(hardened.error());
  }
  return database;
}

std::expected<void, SqlError> Database::harden(DatabaseMode mode) {
  struct Setting {
    int verb;
    int value;
  };
  constexpr auto kSettings = std::to_array<Setting>({
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
      {SQLITE_DBCONFIG_DQS_DML, 0},
      {SQLITE_DBCONFIG_DQS_DDL, 0},
  });
  for (const Setting& setting : kSettings) {
    int now = -1;
    if (const int result = sqlite3_db_config(connection_, setting.verb, setting.value, &now);
        result != SQLITE_OK || now != setting.value) {
      return std::unexpected(SqlError::kFailed);
    }
  }
  (void)sqlite3_busy_timeout(connection_, kBusyTimeoutMs);
  if (const auto common = execute(kCommonPragmas); !common) {
    return common;
  }
  return execute(mode == DatabaseMode::kWriter ? kWriterPragmas : "PRAGMA query_only=ON;");
}

Statement Database::statement(std::string_view sql) {
  Cache::Entry& entry = cache_->entries[sql];
  if (entry.in_use) {
    assert(false && "the same statement is in use already");
    return {nullptr, nullptr, SqlError::kFailed};
  }
  if (entry.statement == nullptr) {
    const int result = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &entry.statement, nullptr);
    if (result != SQLITE_OK) {
      return {nullptr, nullptr, to_error(result)};
    }
  }
  entry.in_use = true;
  return {entry.statement, &entry.in_use, std::nullopt};
}

std::expected<void, SqlError> Database::execute(const char* script) {
  errno = 0;
  const int result = sqlite3_exec(connection_, script, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) {
    return std::unexpected(to_error(result));
  }
  return {};
}

void Database::roll_back() {
  // SQLite has rolled back by itself after some errors; then there is nothing to do.
  if (sqlite3_get_autocommit(connection_) == 0) {
    (void)sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

std::int64_t Database::rows_changed() const { return sqlite3_changes64(connection_); }

std::expected<void, SqlError> Database::copy_to(const std::filesystem::path& target) {
  auto copy = open(target, DatabaseMode::kWriter);
  if (!copy) {
    return std::unexpected(copy.error());
  }
  sqlite3_backup* const backup =
      sqlite3_backup_init((*copy)->connection_, "main", connection_, "main");
  if (backup == nullptr) {
    return std::unexpected(to_error(sqlite3_errcode((*copy)->connection_)));
  }
  constexpr int kAllPages = -1;
  errno = 0;
  const int stepped = sqlite3_backup_step(backup, kAllPages);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
    return std::unexpected(to_error(stepped != SQLITE_DONE ? stepped : finished));
  }
  return {};
}

std::expected<SqlTransaction, SqlError> SqlTransaction::begin(Database& database, Begin how) {
  const auto begun =
      database.statement(how == Begin::kWrite ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED").run();
  if (!begun) {
    return std::unexpected(begun.error());
  }
  return SqlTransaction(database);
}

SqlTransaction::~SqlTransaction() {
  if (database_ != nullptr) {
    database_->roll_back();
  }
}

std::expected<void, SqlError> SqlTransaction::commit() {
  const auto done = database_->statement("COMMIT").run();
  if (done) {
    database_ = nullptr;
  }
  return done;
}

}  // namespace counterfoil
