#include "journal/sqlite/sqlite_journal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/row_limits.h"
#include "journal/sqlite/autopsy_rows.h"
#include "journal/sqlite/refusal_rows.h"
#include "journal/sqlite/schema.h"
#include "journal/sqlite/sql_values.h"
#include "journal/sqlite/usage_writer.h"
#include "sqlite_file/database.h"
#include "sqlite_file/open_error.h"
#include "sqlite_file/read_pool.h"
#include "sqlite_file/store.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, JournalError>;

// A row is a few µs to delete, so nothing waits longer than some ms for one transaction of prune().
constexpr std::int64_t kPrunedAtATime = 1'000;

AuditRow audit_in(const Statement& row) {
  return {.seq = loaded_number(row, 0), .bytes = loaded_text(row, 1)};
}

CheckpointRow checkpoint_in(const Statement& row) {
  return {.position = loaded_number(row, 0), .bytes = loaded_text(row, 1)};
}

ReceiptRow receipt_in(const Statement& row) {
  return {.id = loaded_text(row, 0),
          .object = loaded_text(row, 1),
          .time = loaded_time(row, 2),
          .bytes = loaded_text(row, 3)};
}

AcceptedRow accepted_in(const Statement& row) {
  return {.pair = static_cast<std::uint32_t>(row.column_number(0)),
          .address = loaded_address(row, 1).value_or(IpAddress()),
          .client = loaded_text(row, 2),
          .route = loaded_text(row, 3),
          .first = loaded_time(row, 4),
          .last = loaded_time(row, 5),
          .count = loaded_number(row, 6),
          .last_request_id = loaded_text(row, 7)};
}

IpAddress last_of(const Cidr& network) {
  constexpr unsigned kByteBits = 8;
  auto bytes = network.network().bytes();
  for (std::size_t bit = network.prefix_bits(); bit < bytes.size() * kByteBits; ++bit) {
    bytes.at(bit / kByteBits) |= static_cast<std::uint8_t>(0x80U >> (bit % kByteBits));
  }
  return IpAddress::v6(bytes);
}

template <typename Row>
std::expected<std::vector<Row>, JournalError> read_rows(Statement& statement,
                                                        Row (*row_in)(const Statement&)) {
  std::vector<Row> rows;
  const auto done = statement.each([&](const Statement& row) { rows.push_back(row_in(row)); });
  if (!done) {
    return journal_fault(done.error());
  }
  return rows;
}

std::expected<std::uint64_t, JournalError> newest_seq(Database& database) {
  Statement statement = database.statement("SELECT max(seq) FROM audit");
  if (const auto row = statement.step(); !row) {
    return journal_fault(row.error());
  }
  return loaded_number(statement, 0);
}

// A row at or before the newest must be there with the same bytes.
Done check_held(Database& database, const AuditRow& row) {
  Statement statement = database.statement("SELECT seq, bytes FROM audit WHERE seq = ?");
  const auto found = statement.number(stored(row.seq)).step();
  if (!found) {
    return journal_fault(found.error());
  }
  if (!*found) {
    return std::unexpected(row.seq == 0 ? JournalError::kGap : JournalError::kCorrupt);
  }
  return audit_in(statement) == row ? Done{} : std::unexpected(JournalError::kConflict);
}

Done append_rows(Database& database, std::span<const AuditRow> rows) {
  auto newest = newest_seq(database);
  if (!newest) {
    return std::unexpected(newest.error());
  }
  for (const AuditRow& row : rows) {
    if (row.bytes.size() > kAuditRowBytesMax) {
      return std::unexpected(JournalError::kTooLarge);
    }
    if (row.seq > *newest + 1) {
      return std::unexpected(JournalError::kGap);
    }
    if (row.seq <= *newest) {
      if (const Done held = check_held(database, row); !held) {
        return held;
      }
      continue;
    }
    const auto inserted = database.statement("INSERT INTO audit (seq, bytes) VALUES (?, ?)")
                              .number(stored(row.seq))
                              .blob(row.bytes)
                              .run();
    if (!inserted) {
      return journal_fault(inserted.error());
    }
    newest = row.seq;
  }
  return {};
}

std::expected<std::vector<PairUse>, JournalError> read_pairs(Database& database, std::int64_t key) {
  Statement statement = database.statement(
      "SELECT pair, first, last, count, last_request_id FROM pair_uses WHERE key = ? "
      "ORDER BY last DESC, pair");
  statement.number(key);
  return read_rows<PairUse>(statement, [](const Statement& row) {
    return PairUse{.pair = static_cast<std::uint32_t>(row.column_number(0)),
                   .first = loaded_time(row, 1),
                   .last = loaded_time(row, 2),
                   .count = loaded_number(row, 3),
                   .last_request_id = loaded_text(row, 4)};
  });
}

std::expected<std::vector<ClientUse>, JournalError> read_clients(Database& database,
                                                                 std::int64_t key) {
  Statement statement = database.statement(
      "SELECT pair, address, client, first, last, count, route FROM client_uses WHERE key = ? "
      "ORDER BY last DESC, pair, address, client");
  statement.number(key);
  return read_rows<ClientUse>(statement, [](const Statement& row) {
    return ClientUse{.pair = static_cast<std::uint32_t>(row.column_number(0)),
                     .address = loaded_address(row, 1).value_or(IpAddress()),
                     .client = loaded_text(row, 2),
                     .first = loaded_time(row, 3),
                     .last = loaded_time(row, 4),
                     .count = loaded_number(row, 5),
                     .route = loaded_text(row, 6)};
  });
}

std::expected<std::vector<RouteUse>, JournalError> read_routes(Database& database,
                                                               std::int64_t key) {
  Statement statement = database.statement(
      "SELECT route, first, last, count FROM route_uses WHERE key = ? ORDER BY last DESC, route");
  statement.number(key);
  return read_rows<RouteUse>(statement, [](const Statement& row) {
    return RouteUse{.route = loaded_text(row, 0),
                    .first = loaded_time(row, 1),
                    .last = loaded_time(row, 2),
                    .count = loaded_number(row, 3)};
  });
}

// The number of an API key; 0: it was never used.
std::expected<std::int64_t, JournalError> find_key(Database& database, std::string_view api_key) {
  Statement statement = database.statement("SELECT number FROM api_keys WHERE api_key = ?");
  const auto row = statement.text(api_key).step();
  if (!row) {
    return journal_fault(row.error());
  }
  return *row ? statement.column_number(0) : 0;
}

std::expected<LastUses, JournalError> read_last_uses(Database& database, std::int64_t key) {
  auto pairs = read_pairs(database, key);
  auto clients = read_clients(database, key);
  auto routes = read_routes(database, key);
  if (!pairs || !clients || !routes) {
    return std::unexpected(!pairs ? pairs.error() : !clients ? clients.error() : routes.error());
  }
  return LastUses{
      .pairs = std::move(*pairs), .clients = std::move(*clients), .routes = std::move(*routes)};
}

class SqliteJournal final : public Journal {
 public:
  explicit SqliteJournal(Store store) : store_(std::move(store)), readers_(store_.place.path) {}

  std::expected<void, JournalError> append_audit(std::span<const AuditRow> rows) override {
    return write([&](Database& database) { return append_rows(database, rows); });
  }

  std::expected<std::vector<AuditRow>, JournalError> audit(std::uint64_t after_seq,
                                                           std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement =
          database.statement("SELECT seq, bytes FROM audit WHERE seq > ? ORDER BY seq LIMIT ?");
      statement.number(stored(after_seq)).number(stored_limit(limit));
      return read_rows(statement, audit_in);
    });
  }

  std::expected<std::optional<AuditRow>, JournalError> audit_head() const override {
    using Head = std::expected<std::optional<AuditRow>, JournalError>;
    return read([](Database& database) -> Head {
      Statement statement =
          database.statement("SELECT seq, bytes FROM audit ORDER BY seq DESC LIMIT 1");
      const auto row = statement.step();
      if (!row) {
        return journal_fault(row.error());
      }
      return *row ? std::optional(audit_in(statement)) : std::nullopt;
    });
  }

  std::expected<std::uint64_t, JournalError> add_checkpoint(std::string_view bytes) override {
    if (bytes.size() > kCheckpointBytesMax) {
      return std::unexpected(JournalError::kTooLarge);
    }
    std::uint64_t position = 0;
    const Done added = write([&](Database& database) -> Done {
      Statement statement = database.statement(
          "INSERT INTO checkpoints (position, bytes) VALUES "
          "((SELECT coalesce(max(position), 0) + 1 FROM checkpoints), ?) RETURNING position");
      const auto row = statement.blob(bytes).step();
      if (!row) {
        return journal_fault(row.error());
      }
      position = loaded_number(statement, 0);
      return journal_done(statement.run());
    });
    return added ? std::expected<std::uint64_t, JournalError>(position)
                 : std::unexpected(added.error());
  }

  std::expected<std::vector<CheckpointRow>, JournalError> checkpoints(
      std::uint64_t after_position, std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT position, bytes FROM checkpoints WHERE position > ? ORDER BY position LIMIT ?");
      statement.number(stored(after_position)).number(stored_limit(limit));
      return read_rows(statement, checkpoint_in);
    });
  }

  std::expected<std::optional<CheckpointRow>, JournalError> checkpoint_head() const override {
    using Head = std::expected<std::optional<CheckpointRow>, JournalError>;
    return read([](Database& database) -> Head {
      Statement statement = database.statement(
          "SELECT position, bytes FROM checkpoints ORDER BY position DESC LIMIT 1");
      const auto row = statement.step();
      if (!row) {
        return journal_fault(row.error());
      }
      return *row ? std::optional(checkpoint_in(statement)) : std::nullopt;
    });
  }

  std::expected<void, JournalError> keep_receipts(std::span<const ReceiptRow> rows) override {
    if (!std::ranges::all_of(rows, [](const ReceiptRow& row) { return is_within_limits(row); })) {
      return std::unexpected(JournalError::kTooLarge);
    }
    return write([&](Database& database) {
      Done kept;
      for (const ReceiptRow& row : rows) {
        Statement statement = database.statement(
            "INSERT OR REPLACE INTO receipts (id, object, time, bytes) VALUES (?, ?, ?, ?)");
        statement.text(row.id).text(row.object).number(stored(row.time)).blob(row.bytes);
        kept = journal_done(statement.run());
        if (!kept) {
          break;
        }
      }
      return kept;
    });
  }

  std::expected<std::optional<ReceiptRow>, JournalError> receipt(
      std::string_view id) const override {
    using Found = std::expected<std::optional<ReceiptRow>, JournalError>;
    return read([&](Database& database) -> Found {
      Statement statement =
          database.statement("SELECT id, object, time, bytes FROM receipts WHERE id = ?");
      const auto row = statement.text(id).step();
      if (!row) {
        return journal_fault(row.error());
      }
      return *row ? std::optional(receipt_in(statement)) : std::nullopt;
    });
  }

  std::expected<std::vector<ReceiptRow>, JournalError> receipts(std::string_view object,
                                                                std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT id, object, time, bytes FROM receipts WHERE object = ? "
          "ORDER BY time DESC, rowid DESC LIMIT ?");
      statement.text(object).number(stored_limit(limit));
      return read_rows(statement, receipt_in);
    });
  }

  std::expected<void, JournalError> record_usage(std::span<const UsageRow> rows) override {
    return write(
        [&](Database& database) { return journal_done(UsageWriter(database).write(rows)); });
  }

  std::expected<void, JournalError> record_refusals(std::span<const RefusalRow> rows) override {
    return write([&](Database& database) { return journal_done(write_refusals(database, rows)); });
  }

  std::expected<LastUses, JournalError> last_uses(std::string_view api_key) const override {
    using Uses = std::expected<LastUses, JournalError>;
    return read([&](Database& database) -> Uses {
      // Ended by its destructor: a transaction that only read has nothing to commit.
      const auto transaction = SqlTransaction::begin(database, Begin::kRead);
      if (!transaction) {
        return journal_fault(transaction.error());
      }
      const auto key = find_key(database, api_key);
      return key ? read_last_uses(database, *key) : Uses(std::unexpected(key.error()));
    });
  }

  std::expected<std::vector<std::string>, JournalError> users_of(const Cidr& network,
                                                                 Timestamp since,
                                                                 std::string_view after,
                                                                 std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT DISTINCT api_key FROM client_uses JOIN api_keys ON number = key "
          "WHERE address BETWEEN ? AND ? AND last >= ? AND api_key > ? ORDER BY api_key LIMIT ?");
      const IpAddress last = last_of(network);
      statement.blob(stored(network.network()))
          .blob(stored(last))
          .number(stored(since))
          .text(after)
          .number(stored_limit(limit));
      return read_rows<std::string>(statement,
                                    [](const Statement& row) { return loaded_text(row, 0); });
    });
  }

  std::expected<std::vector<UsageCount>, JournalError> usage(std::string_view api_key,
                                                             Timestamp since,
                                                             UsageBucket bucket) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT start, accepted, refused FROM buckets WHERE key = "
          "(SELECT number FROM api_keys WHERE api_key = ?) AND size = ? AND start >= ? "
          "ORDER BY start LIMIT ?");
      statement.text(api_key)
          .number(std::to_underlying(bucket))
          .number(stored(since))
          .number(stored_limit(kJournalListMax));
      return read_rows<UsageCount>(statement, [](const Statement& row) {
        return UsageCount{.start = loaded_time(row, 0),
                          .accepted = loaded_number(row, 1),
                          .refused = loaded_number(row, 2)};
      });
    });
  }

  std::expected<std::vector<AcceptedRow>, JournalError> accepted(
      std::string_view api_key, const std::optional<JournalPlace>& before,
      std::size_t limit) const override {
    return read([&](Database& database) {
      Statement statement = database.statement(
          "SELECT pair, address, client, route, first, last, count, last_request_id FROM accepted "
          "WHERE key = (SELECT number FROM api_keys WHERE api_key = ?) AND "
          "(last, last_request_id) < (?, ?) ORDER BY last DESC, last_request_id DESC LIMIT ?");
      statement.text(api_key)
          .number(before ? stored(before->time) : INT64_MAX)
          .text(before ? std::string_view(before->request_id) : std::string_view())
          .number(stored_limit(limit));
      return read_rows<AcceptedRow>(statement, accepted_in);
    });
  }

  std::expected<std::vector<RefusalRow>, JournalError> refusals(
      const RefusalFilter& filter) const override {
    return read([&](Database& database) { return read_refusals(database, filter); });
  }

  std::expected<std::optional<RefusalRow>, JournalError> refusal(
      std::string_view request_id) const override {
    return read([&](Database& database) { return read_refusal(database, request_id); });
  }

  std::expected<void, JournalError> record_autopsies(std::span<const AutopsyRow> rows) override {
    return write([&](Database& database) { return journal_done(write_autopsies(database, rows)); });
  }

  std::expected<std::optional<AutopsyRow>, JournalError> autopsy(
      std::string_view request_id) const override {
    return read([&](Database& database) { return read_autopsy(database, request_id); });
  }

  std::expected<std::vector<CauseSum>, JournalError> cause_sums(
      std::string_view api_key) const override {
    return read([&](Database& database) { return read_cause_sums(database, api_key); });
  }

  std::expected<std::optional<std::string>, JournalError> renew_sealed(
      Sealed which, std::string_view after, std::size_t limit,
      const SealedRenewal& renew) override {
    std::optional<std::string> last;
    const Done done = write([&](Database& database) -> Done {
      auto renewed = counterfoil::renew_sealed(database, which, after, limit, renew);
      if (!renewed) {
        return journal_fault(renewed.error());
      }
      last = std::move(*renewed);
      return {};
    });
    return done ? std::expected<std::optional<std::string>, JournalError>(std::move(last))
                : std::unexpected(done.error());
  }

  std::expected<void, JournalError> prune(Timestamp now) override {
    Done done = drop_refusals(now - kRefusalsKept);
    done = done ? drop_autopsies(now - kRefusalsKept) : done;
    done = done ? drop_cause_sums(now - kRefusalsKept) : done;
    done = done ? drop_accepted(now - kAcceptedKept) : done;
    done = done ? drop_buckets(UsageBucket::kMinute, now - kMinutesKept) : done;
    return done ? drop_buckets(UsageBucket::kHour, now - kHoursKept) : done;
  }

 private:
  template <typename Read>
  std::invoke_result_t<Read, Database&> read(const Read& how) const {
    const auto lease = readers_.borrow();
    if (!lease) {
      return journal_fault(lease.error());
    }
    return how(lease->database());
  }

  // write runs `how` in one transaction, which happens as a whole or not at all.
  template <typename Write>
  Done write(const Write& how) {
    const std::scoped_lock lock(writer_mutex_);
    auto transaction = SqlTransaction::begin(*store_.writer, Begin::kWrite);
    if (!transaction) {
      return journal_fault(transaction.error());
    }
    if (const Done done = how(*store_.writer); !done) {
      return done;
    }
    return journal_done(transaction->commit());
  }

  // Runs `drop`, which binds what it needs and deletes at most kPrunedAtATime rows, until there are
  // no more; between two of its transactions others may write.
  template <typename Drop>
  Done repeat(const Drop& drop) {
    std::int64_t dropped = kPrunedAtATime;
    while (dropped == kPrunedAtATime) {
      const Done done = write([&](Database& database) -> Done {
        if (const auto run = drop(database); !run) {
          return journal_fault(run.error());
        }
        dropped = database.rows_changed();
        return {};
      });
      if (!done) {
        return done;
      }
    }
    return {};
  }

  // drop deletes what is older, kPrunedAtATime rows at a time: `statement` takes the instant and
  // that number.
  Done drop(std::string_view statement, Timestamp before) {
    return repeat([&](Database& database) {
      return database.statement(statement).number(stored(before)).number(kPrunedAtATime).run();
    });
  }

  Done drop_refusals(Timestamp before) {
    return drop(
        "DELETE FROM refusals WHERE number IN (SELECT number FROM refusals WHERE time < ? "
        "LIMIT ?)",
        before);
  }

  Done drop_autopsies(Timestamp before) {
    return drop(
        "DELETE FROM autopsies WHERE number IN (SELECT number FROM autopsies WHERE time < ? "
        "LIMIT ?)",
        before);
  }

  Done drop_cause_sums(Timestamp before) {
    return drop(
        "DELETE FROM cause_sums WHERE (api_key, causes) IN (SELECT api_key, causes "
        "FROM cause_sums WHERE last < ? LIMIT ?)",
        before);
  }

  Done drop_accepted(Timestamp before) {
    return drop(
        "DELETE FROM accepted WHERE (key, minute, pair, address, client, route) IN (SELECT "
        "key, minute, pair, address, client, route FROM accepted WHERE minute < ? LIMIT ?)",
        before);
  }

  Done drop_buckets(UsageBucket bucket, Timestamp before) {
    return repeat([&](Database& database) {
      return database
          .statement(
              "DELETE FROM buckets WHERE (key, size, start) IN (SELECT key, size, start "
              "FROM buckets WHERE size = ? AND start < ? LIMIT ?)")
          .number(std::to_underlying(bucket))
          .number(stored(before))
          .number(kPrunedAtATime)
          .run();
    });
  }

  Store store_;
  mutable ReadPool readers_;
  std::mutex writer_mutex_;  // guards store_.writer
};

}  // namespace

std::expected<std::unique_ptr<Journal>, StoreOpenError> open_sqlite_journal(
    const std::filesystem::path& path) {
  auto store = open_store(path, journal_schema());
  if (!store) {
    return std::unexpected(store.error());
  }
  return std::make_unique<SqliteJournal>(std::move(*store));
}

}  // namespace counterfoil
