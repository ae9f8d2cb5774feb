#include "registry/sqlite/sqlite_registry.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/random.h"
#include "registry/commit_listeners.h"
#include "registry/registry.h"
#include "registry/sqlite/reserve_file.h"
#include "registry/sqlite/schema.h"
#include "registry/transaction_check.h"
#include "sqlite_file/database.h"
#include "sqlite_file/open_error.h"
#include "sqlite_file/read_pool.h"
#include "sqlite_file/store.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, RegistryError>;

std::unexpected<RegistryError> fault(SqlError error) {
  switch (error) {
    case SqlError::kFull:
      return std::unexpected(RegistryError::kFull);
    case SqlError::kBusy:
    case SqlError::kFailed:
      return std::unexpected(RegistryError::kUnavailable);
    case SqlError::kConstraint:  // Where a constraint may rightly refuse, the caller looks first.
    case SqlError::kCorrupt:
      return std::unexpected(RegistryError::kCorrupt);
  }
  std::unreachable();
}

Done to_done(const std::expected<void, SqlError>& result) {
  return result ? Done{} : fault(result.error());
}

// SQLite's integers are signed; every number of ours fits (incarnations are made with 63 bits).
std::int64_t stored(std::uint64_t number) { return static_cast<std::int64_t>(number); }
std::uint64_t loaded(std::int64_t number) { return static_cast<std::uint64_t>(number); }
std::int64_t stored(RecordKind kind) { return std::to_underlying(kind); }
std::int64_t stored_count(std::size_t count) {
  return static_cast<std::int64_t>(std::min(count, kListMax));
}

// See schema.cc: the slots of one kind are [first_slot(kind), end_slot(kind)).
constexpr int kSlotBits = 48;
std::int64_t first_slot(RecordKind kind) { return stored(kind) << kSlotBits; }
std::int64_t end_slot(RecordKind kind) { return (stored(kind) + 1) << kSlotBits; }

std::expected<std::int64_t, SqlError> read_fact(Database& database, std::string_view name) {
  Statement statement = database.statement("SELECT value FROM facts WHERE name = ?");
  const auto row = statement.text(name).step();
  if (!row) {
    return std::unexpected(row.error());
  }
  if (!*row) {
    return std::unexpected(SqlError::kCorrupt);
  }
  return statement.column_number(0);
}

std::expected<void, SqlError> write_fact(Database& database, std::string_view name,
                                         std::int64_t value) {
  return database.statement("UPDATE facts SET value = ? WHERE name = ?")
      .number(value)
      .text(name)
      .run();
}

// Placed is where a record lies, as a write finds it. slot 0: there is none.
struct Placed {
  std::int64_t slot = 0;
  std::uint64_t modified = 0;
};

// Committing is one transaction on its way into the store. All its functions run inside one SQL
// transaction; after an error the caller rolls that back.
class Committing {
 public:
  Committing(Database& database, const Transaction& transaction, std::size_t feed_changes_max)
      : database_(database), transaction_(transaction), feed_changes_max_(feed_changes_max) {}

  std::expected<std::uint64_t, RegistryError> run() {
    const auto revision = read_fact(database_, "revision");
    if (!revision) {
      return fault(revision.error());
    }
    revision_ = *revision;
    if (const Done audited = append_audit(); !audited) {
      return std::unexpected(audited.error());
    }
    if (!transaction_.writes.empty()) {
      if (const Done written = write_records(); !written) {
        return std::unexpected(written.error());
      }
    }
    return loaded(revision_);
  }

 private:
  Done append_audit() {
    if (transaction_.audit.empty()) {
      return {};
    }
    std::uint64_t last = 0;
    {
      Statement newest = database_.statement("SELECT max(seq) FROM audit_outbox");
      if (const auto row = newest.step(); !row) {
        return fault(row.error());
      }
      last = loaded(newest.column_number(0));
    }
    if (transaction_.audit.front().seq != last + 1) {
      return std::unexpected(RegistryError::kConflict);
    }
    for (const AuditEntry& entry : transaction_.audit) {
      const auto inserted =
          database_.statement("INSERT INTO audit_outbox (seq, bytes) VALUES (?, ?)")
              .number(stored(entry.seq))
              .blob(entry.bytes)
              .run();
      if (!inserted) {
        return fault(inserted.error());
      }
    }
    return {};
  }

  // All conditions are looked at and all old index entries dropped before the first new one: the
  // order of the writes must not matter when a unique value moves from one record to another.
  Done write_records() {
    ++revision_;
    std::vector<Placed> places;
    places.reserve(transaction_.writes.size());
    for (const Write& write : transaction_.writes) {
      const auto placed = find_expected(write);
      if (!placed) {
        return std::unexpected(placed.error());
      }
      places.push_back(*placed);
    }
    for (const Placed& placed : places) {
      if (const Done dropped = drop_indexes(placed.slot); !dropped) {
        return dropped;
      }
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (const Done written = write_record(transaction_.writes[i], places[i]); !written) {
        return written;
      }
    }
    if (const Done fed = append_feed(); !fed) {
      return fed;
    }
    return to_done(write_fact(database_, "revision", revision_));
  }

  std::expected<Placed, RegistryError> find_expected(const Write& write) {
    Statement statement =
        database_.statement("SELECT slot, modified FROM records WHERE kind = ? AND id = ?");
    const auto row = statement.number(stored(write.kind)).text(write.id).step();
    if (!row) {
      return fault(row.error());
    }
    Placed placed;
    if (*row) {
      placed = {.slot = statement.column_number(0), .modified = loaded(statement.column_number(1))};
    }
    if (placed.modified != write.expected_modified) {
      return std::unexpected(RegistryError::kConflict);
    }
    return placed;
  }

  Done drop_indexes(std::int64_t slot) {
    if (slot == 0) {
      return {};
    }
    return to_done(
        database_.statement("DELETE FROM index_entries WHERE slot = ?").number(slot).run());
  }

  Done write_record(const Write& write, const Placed& placed) {
    if (!write.bytes) {
      return to_done(
          database_.statement("DELETE FROM records WHERE slot = ?").number(placed.slot).run());
    }
    if (placed.slot != 0) {
      const auto updated =
          database_.statement("UPDATE records SET modified = ?, bytes = ? WHERE slot = ?")
              .number(revision_)
              .blob(*write.bytes)
              .number(placed.slot)
              .run();
      return updated ? insert_indexes(write, placed.slot) : fault(updated.error());
    }
    const auto slot = next_slot(write.kind);
    if (!slot) {
      return fault(slot.error());
    }
    const auto inserted =
        database_
            .statement(
                "INSERT INTO records (slot, kind, id, modified, bytes) VALUES (?, ?, ?, ?, ?)")
            .number(*slot)
            .number(stored(write.kind))
            .text(write.id)
            .number(revision_)
            .blob(*write.bytes)
            .run();
    return inserted ? insert_indexes(write, *slot) : fault(inserted.error());
  }

  std::expected<std::int64_t, SqlError> next_slot(RecordKind kind) {
    Statement statement = database_.statement(
        "SELECT slot FROM records WHERE slot >= ? AND slot < ? ORDER BY slot DESC LIMIT 1");
    const auto row = statement.number(first_slot(kind)).number(end_slot(kind)).step();
    if (!row) {
      return std::unexpected(row.error());
    }
    return *row ? statement.column_number(0) + 1 : first_slot(kind);
  }

  Done insert_indexes(const Write& write, std::int64_t slot) {
    for (const IndexEntry& entry : write.indexes) {
      const auto inserted =
          database_
              .statement("INSERT INTO index_entries (name, value, slot, rule) VALUES (?, ?, ?, ?)")
              .text(entry.index)
              .text(entry.value)
              .number(slot)
              .number(std::to_underlying(entry.rule))
              .run();
      if (!inserted) {
        return inserted.error() == SqlError::kConstraint
                   ? Done(std::unexpected(RegistryError::kDuplicate))
                   : fault(inserted.error());
      }
    }
    return {};
  }

  // End is one end of the feed. position 0: the feed is empty.
  struct FeedEnd {
    std::int64_t revision = 0;
    std::int64_t position = 0;
  };
  std::expected<FeedEnd, SqlError> feed_end(std::string_view sql) {
    Statement statement = database_.statement(sql);
    const auto row = statement.step();
    if (!row) {
      return std::unexpected(row.error());
    }
    return *row ? FeedEnd{.revision = statement.column_number(0),
                          .position = statement.column_number(1)}
                : FeedEnd{};
  }

  Done append_feed() {
    const auto newest = feed_end(
        "SELECT revision, position FROM changes ORDER BY revision DESC, position DESC LIMIT 1");
    if (!newest) {
      return fault(newest.error());
    }
    std::int64_t position = newest->position;
    for (const Write& write : transaction_.writes) {
      const auto inserted =
          database_
              .statement("INSERT INTO changes (revision, position, kind, id) VALUES (?, ?, ?, ?)")
              .number(revision_)
              .number(++position)
              .number(stored(write.kind))
              .text(write.id)
              .run();
      if (!inserted) {
        return fault(inserted.error());
      }
    }
    return trim_feed(position);
  }

  // Trims once the feed is an eighth longer than promised, so that few commits pay for it.
  Done trim_feed(std::int64_t newest_position) {
    const auto oldest =
        feed_end("SELECT revision, position FROM changes ORDER BY revision, position LIMIT 1");
    if (!oldest) {
      return fault(oldest.error());
    }
    const auto promised = static_cast<std::int64_t>(feed_changes_max_);
    if (newest_position - oldest->position + 1 <= promised + (promised / 8)) {
      return {};
    }
    std::int64_t kept_from = revision_;  // nothing is promised: the newest revision stays
    {
      // The oldest revision that has a part in what is promised stays whole.
      Statement statement = database_.statement(
          "SELECT revision FROM changes WHERE position > ? ORDER BY revision, position LIMIT 1");
      if (const auto row = statement.number(newest_position - promised).step(); !row) {
        return fault(row.error());
      } else if (*row) {
        kept_from = statement.column_number(0);
      }
    }
    return to_done(
        database_.statement("DELETE FROM changes WHERE revision < ?").number(kept_from).run());
  }

  Database& database_;
  const Transaction& transaction_;
  std::size_t feed_changes_max_;
  std::int64_t revision_ = 0;
};

Record record_in(const Statement& row, int first_column) {
  return {.kind = static_cast<RecordKind>(row.column_number(first_column)),
          .id = std::string(row.column_bytes(first_column + 1)),
          .modified = loaded(row.column_number(first_column + 2)),
          .bytes = std::string(row.column_bytes(first_column + 3))};
}

class SqliteRegistry final : public Registry {
 public:
  SqliteRegistry(Store store, std::uint64_t incarnation, SqliteRegistryOptions options)
      : store_(std::move(store)),
        readers_(store_.place.path),
        incarnation_(incarnation),
        options_(std::move(options)),
        reserve_(store_.place.path.string() + ".reserve", options_.reserve_bytes,
                 options_.free_bytes ? options_.free_bytes : FreeBytes(free_bytes_on_disk)) {
    reserve_.take_if_room();
  }

  std::expected<Revision, RegistryError> revision() const override {
    return read([this](Database& database) { return read_revision(database); });
  }

  std::expected<std::optional<Record>, RegistryError> find(RecordKind kind,
                                                           std::string_view id) const override {
    using Found = std::expected<std::optional<Record>, RegistryError>;
    return read([&](Database& database) -> Found {
      Statement statement = database.statement(
          "SELECT kind, id, modified, bytes FROM records WHERE kind = ? AND id = ?");
      const auto row = statement.number(stored(kind)).text(id).step();
      if (!row) {
        return fault(row.error());
      }
      return *row ? std::optional(record_in(statement, 0)) : std::nullopt;
    });
  }

  std::expected<std::vector<Record>, RegistryError> list(RecordKind kind, std::string_view after_id,
                                                         std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT kind, id, modified, bytes FROM records WHERE kind = ? AND id > ? ORDER BY id "
          "LIMIT ?");
      statement.number(stored(kind)).text(after_id).number(stored_count(limit));
      return read_records(statement);
    });
  }

  std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value, std::string_view after_id) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT r.kind, r.id, r.modified, r.bytes FROM index_entries AS e "
          "JOIN records AS r ON r.slot = e.slot WHERE e.name = ? AND e.value = ? "
          "AND r.id > ? ORDER BY r.kind, r.id LIMIT ?");
      statement.text(index).text(value).text(after_id).number(stored_count(kListMax));
      return read_records(statement);
    });
  }

  std::expected<Revision, RegistryError> commit(const Transaction& transaction) override {
    if (const auto checked = check_transaction(transaction); !checked) {
      return std::unexpected(checked.error());
    }
    std::expected<std::uint64_t, RegistryError> committed;
    {
      const std::scoped_lock lock(writer_mutex_);
      committed = commit_within_room(transaction);
    }
    if (!committed) {
      return std::unexpected(committed.error());
    }
    listeners_.notify(*committed);
    return Revision{.incarnation = incarnation_, .number = *committed};
  }

  std::expected<std::vector<Change>, RegistryError> changes(const Revision& after,
                                                            std::size_t limit) const override {
    using Changes = std::expected<std::vector<Change>, RegistryError>;
    return read_one_state([&](Database& database) -> Changes {
      const auto reaches = check_feed_reaches(database, after);
      if (!reaches) {
        return std::unexpected(reaches.error());
      }
      return read_changes(database, after.number, limit);
    });
  }

  std::expected<Revision, RegistryError> scan(RecordKind kind,
                                              const RecordVisitor& visitor) const override {
    using Scanned = std::expected<Revision, RegistryError>;
    return read_one_state([&](Database& database) -> Scanned {
      const auto revision = read_revision(database);
      if (!revision) {
        return revision;
      }
      const auto visited =
          database.statement("SELECT id, modified, bytes FROM records WHERE slot >= ? AND slot < ?")
              .number(first_slot(kind))
              .number(end_slot(kind))
              .each([&](const Statement& row) {
                visitor({.id = row.column_bytes(0),
                         .modified = loaded(row.column_number(1)),
                         .bytes = row.column_bytes(2)});
              });
      return visited ? revision : Scanned(fault(visited.error()));
    });
  }

  Subscription subscribe(CommitListener listener) override {
    return listeners_.add(std::move(listener));
  }

  std::expected<std::optional<AuditEntry>, RegistryError> last_audit() const override {
    using Last = std::expected<std::optional<AuditEntry>, RegistryError>;
    return read([](Database& database) -> Last {
      Statement statement =
          database.statement("SELECT seq, bytes FROM audit_outbox ORDER BY seq DESC LIMIT 1");
      const auto row = statement.step();
      if (!row) {
        return fault(row.error());
      }
      return *row ? std::optional(audit_in(statement)) : std::nullopt;
    });
  }

  std::expected<std::vector<AuditEntry>, RegistryError> audit_outbox(
      std::size_t limit) const override {
    using Outbox = std::expected<std::vector<AuditEntry>, RegistryError>;
    return read([&](Database& database) -> Outbox {
      std::vector<AuditEntry> entries;
      const auto done = database
                            .statement(
                                "SELECT seq, bytes FROM audit_outbox WHERE seq > "
                                "(SELECT value FROM facts WHERE name = 'audit_trimmed') "
                                "ORDER BY seq LIMIT ?")
                            .number(stored_count(limit))
                            .each([&](const Statement& row) { entries.push_back(audit_in(row)); });
      return done ? Outbox(std::move(entries)) : Outbox(fault(done.error()));
    });
  }

  std::expected<void, RegistryError> trim_audit(std::uint64_t up_to_seq) override {
    const std::scoped_lock lock(writer_mutex_);
    auto transaction = SqlTransaction::begin(*store_.writer, Begin::kWrite);
    if (!transaction) {
      return fault(transaction.error());
    }
    // The newest entry stays in the table for last_audit(); the fact hides it from the outbox.
    const auto deleted = store_.writer
                             ->statement(
                                 "DELETE FROM audit_outbox WHERE seq <= ? AND seq < "
                                 "(SELECT max(seq) FROM audit_outbox)")
                             .number(bounded(up_to_seq))
                             .run();
    if (!deleted) {
      return fault(deleted.error());
    }
    const auto noted =
        store_.writer
            ->statement(
                "UPDATE facts SET value = max(value, min(?, (SELECT coalesce(max(seq), 0) "
                "FROM audit_outbox))) WHERE name = 'audit_trimmed'")
            .number(bounded(up_to_seq))
            .run();
    return noted ? to_done(transaction->commit()) : fault(noted.error());
  }

  std::expected<void, RegistryError> forget_replaced(Forgetting depth) override {
    const std::scoped_lock lock(writer_mutex_);
    if (depth == Forgetting::kWholeFile) {
      if (const auto rewritten = store_.writer->execute("VACUUM"); !rewritten) {
        return fault(rewritten.error());
      }
    }
    // TRUNCATE waits for readers of older states, kBusy after that; then the first column is 1.
    Statement statement = store_.writer->statement("PRAGMA wal_checkpoint(TRUNCATE)");
    const auto row = statement.step();
    if (!row) {
      return fault(row.error());
    }
    if (!*row || statement.column_number(0) != 0) {
      return std::unexpected(RegistryError::kUnavailable);
    }
    return {};
  }

  bool keep_reserve() override {
    const std::scoped_lock lock(writer_mutex_);
    reserve_.take_if_room();
    return reserve_.is_whole();
  }

 private:
  static AuditEntry audit_in(const Statement& row) {
    return {.seq = loaded(row.column_number(0)), .bytes = std::string(row.column_bytes(1))};
  }

  // A caller may say "everything" with the biggest number there is.
  static std::int64_t bounded(std::uint64_t number) {
    constexpr std::uint64_t kStoredMax = INT64_MAX;
    return stored(std::min(number, kStoredMax));
  }

  template <typename Read>
  std::invoke_result_t<Read, Database&> read(const Read& how) const {
    const auto lease = readers_.borrow();
    if (!lease) {
      return fault(lease.error());
    }
    return how(lease->database());
  }

  template <typename Read>
  std::invoke_result_t<Read, Database&> read_one_state(const Read& how) const {
    return read([&](Database& database) -> std::invoke_result_t<Read, Database&> {
      // Ended by its destructor: a transaction that only read has nothing to commit.
      const auto transaction = SqlTransaction::begin(database, Begin::kRead);
      if (!transaction) {
        return fault(transaction.error());
      }
      return how(database);
    });
  }

  static std::expected<std::vector<Record>, RegistryError> read_records(Statement& statement) {
    std::vector<Record> records;
    const auto done =
        statement.each([&](const Statement& row) { records.push_back(record_in(row, 0)); });
    if (!done) {
      return fault(done.error());
    }
    return records;
  }

  std::expected<Revision, RegistryError> read_revision(Database& database) const {
    const auto number = read_fact(database, "revision");
    if (!number) {
      return fault(number.error());
    }
    return Revision{.incarnation = incarnation_, .number = loaded(*number)};
  }

  Done check_feed_reaches(Database& database, const Revision& after) const {
    const auto present = read_revision(database);
    if (!present) {
      return std::unexpected(present.error());
    }
    if (after.incarnation != incarnation_ || after.number > present->number) {
      return std::unexpected(RegistryError::kGap);
    }
    Statement oldest = database.statement("SELECT min(revision) FROM changes");
    if (const auto row = oldest.step(); !row) {
      return fault(row.error());
    }
    // An empty feed is one of an empty registry: min() is NULL, read as 0.
    if (after.number + 1 < loaded(oldest.column_number(0))) {
      return std::unexpected(RegistryError::kGap);
    }
    return {};
  }

  static std::expected<std::vector<Change>, RegistryError> read_changes(Database& database,
                                                                        std::uint64_t after,
                                                                        std::size_t limit) {
    Statement statement = database.statement(
        "SELECT c.revision, c.kind, c.id, r.modified, r.bytes, r.slot FROM changes AS c "
        "LEFT JOIN records AS r ON r.kind = c.kind AND r.id = c.id WHERE c.revision > ? "
        "ORDER BY c.revision, c.position");
    statement.number(stored(after));
    std::vector<Change> changes;
    for (;;) {
      const auto row = statement.step();
      if (!row) {
        return fault(row.error());
      }
      if (!*row) {
        return changes;
      }
      Change change{.revision = loaded(statement.column_number(0)),
                    .kind = static_cast<RecordKind>(statement.column_number(1)),
                    .id = std::string(statement.column_bytes(2)),
                    .modified = loaded(statement.column_number(3))};
      if (!changes.empty() && changes.size() >= limit &&
          change.revision != changes.back().revision) {
        return changes;
      }
      constexpr int kSlotColumn = 5;
      if (!statement.column_is_null(kSlotColumn)) {
        change.bytes = std::string(statement.column_bytes(4));
      }
      changes.push_back(std::move(change));
    }
  }

  std::expected<std::uint64_t, RegistryError> commit_within_room(const Transaction& transaction) {
    const bool is_urgent = transaction.urgency == Urgency::kRevocation;
    if (!is_urgent && reserve_.is_touched()) {
      return std::unexpected(RegistryError::kFull);
    }
    auto committed = commit_once(transaction);
    while (!committed && committed.error() == RegistryError::kFull && is_urgent &&
           reserve_.release_slice()) {
      committed = commit_once(transaction);
    }
    return committed;
  }

  std::expected<std::uint64_t, RegistryError> commit_once(const Transaction& transaction) {
    auto sql_transaction = SqlTransaction::begin(*store_.writer, Begin::kWrite);
    if (!sql_transaction) {
      return fault(sql_transaction.error());
    }
    auto revision = Committing(*store_.writer, transaction, options_.feed_changes_max).run();
    if (!revision) {
      return revision;
    }
    if (const auto done = sql_transaction->commit(); !done) {
      return fault(done.error());
    }
    return revision;
  }

  Store store_;
  mutable ReadPool readers_;
  const std::uint64_t incarnation_;
  const SqliteRegistryOptions options_;
  std::mutex writer_mutex_;  // guards store_.writer and reserve_
  ReserveFile reserve_;
  CommitListeners listeners_;
};

StoreOpenError unreadable(const std::filesystem::path& path) {
  return {.kind = StoreOpenErrorKind::kCorrupt,
          .sentence = path.string() +
                      " lacks the facts every registry has: keep a copy of it and restore the "
                      "newest backup."};
}

// A new store has incarnation 0 until its first open has chosen one.
std::expected<std::uint64_t, StoreOpenError> ensure_incarnation(Store& store, RandomSource& random,
                                                                Lineage lineage) {
  const auto present = read_fact(*store.writer, "incarnation");
  if (!present) {
    return std::unexpected(unreadable(store.place.path));
  }
  if (*present != 0 && lineage == Lineage::kSame) {
    return loaded(*present);
  }
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  if (!random.fill(bytes)) {
    return std::unexpected(StoreOpenError{
        .kind = StoreOpenErrorKind::kRandom,
        .sentence =
            "The system's random source failed: look at the system before starting again."});
  }
  std::uint64_t chosen = 0;
  for (const std::uint8_t byte : bytes) {
    chosen = (chosen << 8U) | byte;
  }
  chosen = (chosen & static_cast<std::uint64_t>(INT64_MAX)) | 1U;  // Never 0, never negative.
  if (const auto noted = write_fact(*store.writer, "incarnation", stored(chosen)); !noted) {
    return std::unexpected(unreadable(store.place.path));
  }
  return chosen;
}

}  // namespace

std::expected<std::unique_ptr<Registry>, StoreOpenError> open_sqlite_registry(
    const std::filesystem::path& path, RandomSource& random, SqliteRegistryOptions options) {
  auto store = open_store(path, registry_schema());
  if (!store) {
    return std::unexpected(store.error());
  }
  const auto incarnation = ensure_incarnation(*store, random, options.lineage);
  if (!incarnation) {
    return std::unexpected(incarnation.error());
  }
  return std::make_unique<SqliteRegistry>(std::move(*store), *incarnation, std::move(options));
}

}  // namespace counterfoil
