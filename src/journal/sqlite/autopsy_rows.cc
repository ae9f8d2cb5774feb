#include "journal/sqlite/autopsy_rows.h"

#include <chrono>
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
#include "sqlite_file/database.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, SqlError>;

Done insert(Database& database, const AutopsyRow& row) {
  return database
      .statement(
          "INSERT INTO autopsies (request_id, time, api_key, account, causes, sealed_findings) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO NOTHING")
      .text(row.request_id)
      .number(stored(row.time))
      .text(row.api_key)
      .text(row.account)
      .text(row.causes)
      .blob(as_text(row.sealed_findings))
      .run();
}

// Every expression sees the row as it was before.
Done count(Database& database, const AutopsyRow& row) {
  constexpr std::chrono::microseconds kQuiet = kCauseQuiet;
  return database
      .statement(
          "INSERT INTO cause_sums (api_key, causes, first, last, count, last_request_id) "
          "VALUES (?1, ?2, ?3, ?3, 1, ?4) ON CONFLICT (api_key, causes) DO UPDATE SET "
          "first = CASE WHEN ?3 - last > ?5 THEN ?3 ELSE min(first, ?3) END, "
          "count = CASE WHEN ?3 - last > ?5 THEN 1 ELSE count + 1 END, "
          "last_request_id = CASE WHEN ?3 >= last THEN ?4 ELSE last_request_id END, "
          "last = max(last, ?3)")
      .text(row.api_key)
      .text(row.causes)
      .number(stored(row.time))
      .text(row.request_id)
      .number(kQuiet.count())
      .run();
}

Done trim(Database& database, const std::string& api_key) {
  const Done trimmed =
      database
          .statement(
              "DELETE FROM autopsies WHERE number IN (SELECT number FROM autopsies WHERE "
              "api_key = ? ORDER BY time DESC, number DESC LIMIT -1 OFFSET ?)")
          .text(api_key)
          .number(stored(kAutopsiesPerKeyMax))
          .run();
  return trimmed ? database
                       .statement(
                           "DELETE FROM cause_sums WHERE api_key = ?1 AND causes IN (SELECT causes "
                           "FROM cause_sums WHERE api_key = ?1 ORDER BY last DESC, causes "
                           "LIMIT -1 OFFSET ?2)")
                       .text(api_key)
                       .number(stored(kCauseSumsPerKeyMax))
                       .run()
                 : trimmed;
}

}  // namespace

std::expected<void, SqlError> write_autopsies(Database& database,
                                              std::span<const AutopsyRow> rows) {
  std::set<std::string> keys;
  for (const AutopsyRow& given : rows) {
    const AutopsyRow row = within_limits(given);
    Done written = insert(database, row);
    if (written && database.rows_changed() > 0) {
      written = count(database, row);
      keys.insert(row.api_key);
    }
    if (!written) {
      return written;
    }
  }
  for (const std::string& key : keys) {
    if (const Done trimmed = trim(database, key); !trimmed) {
      return trimmed;
    }
  }
  return {};
}

std::expected<std::optional<AutopsyRow>, JournalError> read_autopsy(Database& database,
                                                                    std::string_view request_id) {
  Statement statement = database.statement(
      "SELECT request_id, time, api_key, account, causes, sealed_findings FROM autopsies "
      "WHERE request_id = ?");
  const auto found = statement.text(request_id).step();
  if (!found) {
    return journal_fault(found.error());
  }
  if (!*found) {
    return std::nullopt;
  }
  const ByteView sealed = as_bytes(statement.column_bytes(5));
  return AutopsyRow{.request_id = loaded_text(statement, 0),
                    .time = loaded_time(statement, 1),
                    .api_key = loaded_text(statement, 2),
                    .account = loaded_text(statement, 3),
                    .causes = loaded_text(statement, 4),
                    .sealed_findings = {sealed.begin(), sealed.end()}};
}

std::expected<std::vector<CauseSum>, JournalError> read_cause_sums(Database& database,
                                                                   std::string_view api_key) {
  Statement statement = database.statement(
      "SELECT causes, first, last, count, last_request_id FROM cause_sums WHERE api_key = ? "
      "ORDER BY last DESC, causes");
  std::vector<CauseSum> sums;
  const auto done = statement.text(api_key).each([&](const Statement& row) {
    sums.push_back({.causes = loaded_text(row, 0),
                    .first = loaded_time(row, 1),
                    .last = loaded_time(row, 2),
                    .count = loaded_number(row, 3),
                    .last_request_id = loaded_text(row, 4)});
  });
  return done ? std::expected<std::vector<CauseSum>, JournalError>(std::move(sums))
              : journal_fault(done.error());
}

}  // namespace counterfoil
