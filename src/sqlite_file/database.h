#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace counterfoil {

// SqlError is what can go wrong with a statement, as far as a caller can act on it.
enum class SqlError : std::uint8_t {
  kConstraint,  // a uniqueness, foreign key or check constraint
  kFull,        // no space left on the disk
  kBusy,        // a lock was not to be had in kBusyTimeout
  kCorrupt,     // the file is damaged or not SQLite's
  kFailed,      // anything else: I/O error, statement that does not compile, too big a value
};

// Statement is one run of a prepared statement. Values are bound in order; a failure before step()
// is told by step(). Bound and returned views are borrowed: bound ones until the Statement ends,
// columns until the next step(). Ending the Statement makes the prepared one free for its next
// run. One thread at a time.
class Statement {
 public:
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& number(std::int64_t value);
  Statement& text(std::string_view value);
  Statement& blob(std::string_view value);

  // step gives true: a row is here; false: done.
  [[nodiscard]] std::expected<bool, SqlError> step();
  // run steps to the end, passing over rows.
  [[nodiscard]] std::expected<void, SqlError> run();
  // each calls `visit(*this)` at every row.
  template <typename Visit>
  [[nodiscard]] std::expected<void, SqlError> each(Visit&& visit) {
    for (;;) {
      const std::expected<bool, SqlError> row = step();
      if (!row) {
        return std::unexpected(row.error());
      }
      if (!*row) {
        return {};
      }
      visit(*this);
    }
  }

  // Columns of the row, counted from 0. A NULL is 0 or "".
  [[nodiscard]] std::int64_t column_number(int column) const;
  [[nodiscard]] std::string_view column_bytes(int column) const;
  [[nodiscard]] bool column_is_null(int column) const;

 private:
  friend class Database;
  Statement(sqlite3_stmt* statement, bool* in_use, std::optional<SqlError> error)
      : statement_(statement), in_use_(in_use), error_(error) {}
  void note(int result);

  sqlite3_stmt* statement_;
  bool* in_use_;
  std::optional<SqlError> error_;
  int bound_ = 0;
};

// DatabaseMode: kReader refuses every statement that writes.
enum class DatabaseMode : std::uint8_t { kWriter, kReader };

// Database is one connection to one SQLite file, hardened (control S-76): foreign keys on, schema
// not trusted, extensions off, defensive, secure_delete on, synchronous FULL, temporary data in
// memory. One thread at a time.
class Database {
 public:
  // open never creates a file and follows no symbolic link anywhere in `path`.
  [[nodiscard]] static std::expected<std::unique_ptr<Database>, SqlError> open(
      const std::filesystem::path& path, DatabaseMode mode);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;
  ~Database();

  // statement readies `sql`, which must be a literal: it is compiled once a connection and found
  // again by its text. The same text must not be in use twice at a time.
  [[nodiscard]] Statement statement(std::string_view sql);

  // execute runs a script of statements without values (schema, pragmas, BEGIN).
  [[nodiscard]] std::expected<void, SqlError> execute(const char* script);

  // roll_back ends a transaction that is open, if there is one.
  void roll_back();

  // rows_changed by the newest statement that wrote.
  [[nodiscard]] std::int64_t rows_changed() const;

  // copy_to writes a consistent copy of the whole database over the empty file `target`.
  [[nodiscard]] std::expected<void, SqlError> copy_to(const std::filesystem::path& target);

 private:
  struct Cache;
  explicit Database(sqlite3* connection);
  [[nodiscard]] std::expected<void, SqlError> harden(DatabaseMode mode);

  sqlite3* connection_;
  std::unique_ptr<Cache> cache_;
};

// Begin: kRead sees one state throughout, kWrite takes the right to write at once.
enum class Begin : std::uint8_t { kRead, kWrite };

// SqlTransaction is rolled back unless it was committed.
class SqlTransaction {
 public:
  [[nodiscard]] static std::expected<SqlTransaction, SqlError> begin(Database& database, Begin how);
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  SqlTransaction(SqlTransaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  SqlTransaction& operator=(SqlTransaction&&) = delete;
  ~SqlTransaction();

  // commit ends it. After an error it is rolled back when this object ends.
  [[nodiscard]] std::expected<void, SqlError> commit();

 private:
  explicit SqlTransaction(Database& database) : database_(&database) {}
  Database* database_;  // nullptr: ended
};

}  // namespace counterfoil
