#include "journal/sqlite/refusal_rows.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "journal/journal.h"
#include "journal/row_limits.h"
#include "journal/sqlite/sql_values.h"
#include "journal/sqlite/usage_writer.h"
#include "sqlite_file/database.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, SqlError>;

// Group is the rows that share one limit: of one API key of ours, or, with both empty, all others.
using Group = std::pair<std::string, std::string>;  // API key, account

// insert tells whether the row was not there yet.
std::expected<bool, SqlError> insert(Database& database, const RefusalRow& row) {
  const Done done =
      database
          .statement(
              "INSERT INTO refusals (request_id, time, api_key, account, reason, reason_name, "
              "method, "
              "route, path, address, client, clock_offset_us, sealed_request, signature_half, "
              "count) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO "
              "NOTHING")
          .text(row.request_id)
          .number(stored(row.time))
          .text(row.api_key)
          .text(row.account)
          .number(row.reason)
          .text(row.reason_name)
          .text(row.method)
          .text(row.route)
          .text(row.path)
          .blob(stored(row.address))
          .text(row.client)
          .number(row.clock_offset_us)
          .blob(as_text(row.sealed_request))
          .text(row.signature_half)
          .number(stored(row.count))
          .run();
  return done ? std::expected<bool, SqlError>(database.rows_changed() > 0)
              : std::unexpected(done.error());
}

// Both subqueries read an index alone.
Done trim(Database& database, const Group& group) {
  const auto& [api_key, account] = group;
  if (account.empty()) {
    return database
        .statement(
            "DELETE FROM refusals WHERE number IN (SELECT number FROM refusals WHERE account = '' "
            "ORDER BY time DESC, number DESC LIMIT -1 OFFSET ?)")
        .number(stored(kRefusalsUnknownMax))
        .run();
  }
  return database
      .statement(
          "DELETE FROM refusals WHERE number IN (SELECT number FROM refusals WHERE api_key = ? "
          "AND account = ? ORDER BY time DESC, number DESC LIMIT -1 OFFSET ?)")
      .text(api_key)
      .text(account)
      .number(stored(kRefusalsPerKeyMax))
      .run();
}

#define COUNTERFOIL_REFUSAL_COLUMNS                                                       \
  "SELECT request_id, time, api_key, account, reason, reason_name, method, route, path, " \
  "address, client, clock_offset_us, sealed_request, signature_half, count FROM refusals "
#define COUNTERFOIL_REFUSAL_TAIL                                             \
  "AND time >= ? AND (? < 0 OR reason = ?) AND (time, request_id) < (?, ?) " \
  "ORDER BY time DESC, request_id DESC LIMIT ?"

// Each is a literal of its own: a connection finds its compiled statements by their text.
constexpr const char* kByAll = COUNTERFOIL_REFUSAL_COLUMNS "WHERE true " COUNTERFOIL_REFUSAL_TAIL;
constexpr const char* kByApiKey =
    COUNTERFOIL_REFUSAL_COLUMNS "WHERE api_key = ? " COUNTERFOIL_REFUSAL_TAIL;
constexpr const char* kByAccount =
    COUNTERFOIL_REFUSAL_COLUMNS "WHERE account = ? " COUNTERFOIL_REFUSAL_TAIL;
constexpr const char* kByBoth =
    COUNTERFOIL_REFUSAL_COLUMNS "WHERE api_key = ? AND account = ? " COUNTERFOIL_REFUSAL_TAIL;
constexpr const char* kByRequestId = COUNTERFOIL_REFUSAL_COLUMNS "WHERE request_id = ?";

#undef COUNTERFOIL_REFUSAL_COLUMNS
#undef COUNTERFOIL_REFUSAL_TAIL

const char* sql_for(const RefusalFilter& filter) {
  if (filter.api_key.empty()) {
    return filter.account.empty() ? kByAll : kByAccount;
  }
  return filter.account.empty() ? kByApiKey : kByBoth;
}

// nullopt: a column holds what this program never wrote.
std::optional<RefusalRow> row_in(const Statement& row) {
  const auto address = loaded_address(row, 9);
  const std::int64_t reason = row.column_number(4);
  if (!address || reason < 0 || reason > UINT16_MAX) {
    return std::nullopt;
  }
  const ByteView sealed = as_bytes(row.column_bytes(12));
  return RefusalRow{.request_id = loaded_text(row, 0),
                    .time = loaded_time(row, 1),
                    .api_key = loaded_text(row, 2),
                    .account = loaded_text(row, 3),
                    .reason = static_cast<std::uint16_t>(reason),
                    .reason_name = loaded_text(row, 5),
                    .method = loaded_text(row, 6),
                    .route = loaded_text(row, 7),
                    .path = loaded_text(row, 8),
                    .address = *address,
                    .client = loaded_text(row, 10),
                    .clock_offset_us = row.column_number(11),
                    .sealed_request = {sealed.begin(), sealed.end()},
                    .signature_half = loaded_text(row, 13),
                    .count = loaded_number(row, 14)};
}

std::expected<std::vector<RefusalRow>, JournalError> read_all(Statement& statement) {
  std::vector<RefusalRow> rows;
  bool is_whole = true;
  const auto done = statement.each([&](const Statement& row) {
    std::optional<RefusalRow> refusal = row_in(row);
    is_whole = is_whole && refusal;
    if (refusal) {
      rows.push_back(std::move(*refusal));
    }
  });
  if (!done) {
    return journal_fault(done.error());
  }
  if (!is_whole) {
    return std::unexpected(JournalError::kCorrupt);
  }
  return rows;
}

}  // namespace

std::expected<void, SqlError> write_refusals(Database& database, std::span<const RefusalRow> rows) {
  std::set<Group> groups;
  for (const RefusalRow& given : rows) {
    const RefusalRow row = within_limits(given);
    const auto is_new = insert(database, row);
    if (!is_new) {
      return std::unexpected(is_new.error());
    }
    if (*is_new && !row.account.empty()) {
      if (const Done counted = UsageWriter(database).count_refusal(row); !counted) {
        return counted;
      }
    }
    groups.emplace(refusal_group(row), row.account);
  }
  for (const Group& group : groups) {
    if (const Done trimmed = trim(database, group); !trimmed) {
      return trimmed;
    }
  }
  return {};
}

std::expected<std::optional<std::string>, SqlError> renew_sealed(Database& database, Sealed which,
                                                                 std::string_view after,
                                                                 std::size_t limit,
                                                                 const SealedRenewal& renew) {
  const bool is_request = which == Sealed::kRequests;
  std::optional<std::string> last;
  std::vector<std::pair<std::int64_t, std::vector<std::uint8_t>>> renewed;
  {
    Statement statement = database.statement(
        is_request
            ? "SELECT number, request_id, sealed_request FROM refusals WHERE request_id > ? "
              "AND length(sealed_request) > 0 ORDER BY request_id LIMIT ?"
            : "SELECT number, request_id, sealed_findings FROM autopsies WHERE request_id > ? "
              "AND length(sealed_findings) > 0 ORDER BY request_id LIMIT ?");
    const auto done =
        statement.text(after).number(stored_limit(limit)).each([&](const Statement& row) {
          last = loaded_text(row, 1);
          if (auto made = renew(*last, as_bytes(row.column_bytes(2)))) {
            renewed.emplace_back(row.column_number(0), std::move(*made));
          }
        });
    if (!done) {
      return std::unexpected(done.error());
    }
  }
  for (const auto& [number, sealed] : renewed) {
    const Done written =
        database
            .statement(is_request ? "UPDATE refusals SET sealed_request = ? WHERE number = ?"
                                  : "UPDATE autopsies SET sealed_findings = ? WHERE number = ?")
            .blob(as_text(sealed))
            .number(number)
            .run();
    if (!written) {
      return std::unexpected(written.error());
    }
  }
  return last;
}

std::expected<std::vector<RefusalRow>, JournalError> read_refusals(Database& database,
                                                                   const RefusalFilter& filter) {
  Statement statement = database.statement(sql_for(filter));
  for (const std::string* const name : {&filter.api_key, &filter.account}) {
    if (!name->empty()) {
      statement.text(*name);
    }
  }
  const std::int64_t reason = filter.reason ? *filter.reason : -1;
  statement.number(stored(filter.since)).number(reason).number(reason);
  statement.number(filter.before ? stored(filter.before->time) : INT64_MAX);
  statement.text(filter.before ? std::string_view(filter.before->request_id) : std::string_view());
  statement.number(stored_limit(filter.limit));
  return read_all(statement);
}

std::expected<std::optional<RefusalRow>, JournalError> read_refusal(Database& database,
                                                                    std::string_view request_id) {
  Statement statement = database.statement(kByRequestId);
  statement.text(request_id);
  auto rows = read_all(statement);
  if (!rows) {
    return std::unexpected(rows.error());
  }
  return rows->empty() ? std::nullopt : std::optional(std::move(rows->front()));
}

}  // namespace counterfoil
