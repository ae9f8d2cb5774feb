#include "journal/sqlite/usage_writer.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "journal/journal.h"
#include "journal/row_limits.h"
#include "journal/sqlite/sql_values.h"
#include "sqlite_file/database.h"

namespace counterfoil {
namespace {

std::expected<std::int64_t, SqlError> count_rows(Statement statement, std::int64_t key) {
  const auto row = statement.number(key).step();
  if (!row) {
    return std::unexpected(row.error());
  }
  return statement.column_number(0);
}

}  // namespace

std::expected<void, SqlError> UsageWriter::write(std::span<const UsageRow> rows) {
  std::map<std::string, std::int64_t, std::less<>> numbers;
  for (const UsageRow& given : rows) {
    const UsageRow row = within_limits(given);
    auto number = numbers.find(row.api_key);
    if (number == numbers.end()) {
      const auto found = number_of(row.api_key);
      if (!found) {
        return std::unexpected(found.error());
      }
      number = numbers.emplace(row.api_key, *found).first;
    }
    if (const Done added = add(number->second, row); !added) {
      return added;
    }
  }
  for (const auto& [api_key, number] : numbers) {
    if (const Done trimmed = trim(number); !trimmed) {
      return trimmed;
    }
  }
  return {};
}

std::expected<std::int64_t, SqlError> UsageWriter::number_of(const std::string& api_key) {
  {
    Statement statement = database_.statement("SELECT number FROM api_keys WHERE api_key = ?");
    const auto row = statement.text(api_key).step();
    if (!row) {
      return std::unexpected(row.error());
    }
    if (*row) {
      return statement.column_number(0);
    }
  }
  Statement statement =
      database_.statement("INSERT INTO api_keys (api_key) VALUES (?) RETURNING number");
  const auto row = statement.text(api_key).step();
  if (!row) {
    return std::unexpected(row.error());
  }
  const std::int64_t number = statement.column_number(0);
  const Done ended = statement.run();
  return ended ? std::expected<std::int64_t, SqlError>(number) : std::unexpected(ended.error());
}

std::expected<void, SqlError> UsageWriter::add(std::int64_t key, const UsageRow& row) {
  Done done = add_pair(key, row);
  done = done ? add_client(key, row) : done;
  done = done ? add_route(key, row) : done;
  done = done ? add_accepted(key, row) : done;
  return done ? add_to_buckets(key, {.start = row.last, .accepted = row.count}) : done;
}

std::expected<void, SqlError> UsageWriter::count_refusal(const RefusalRow& row) {
  const auto key = number_of(row.api_key);
  return key ? add_to_buckets(*key, {.start = row.time, .refused = row.count})
             : Done(std::unexpected(key.error()));
}

std::expected<void, SqlError> UsageWriter::add_pair(std::int64_t key, const UsageRow& row) {
  return database_
      .statement(
          "INSERT INTO pair_uses (key, pair, first, last, count, last_request_id) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key, pair) DO UPDATE SET "
          "first = min(first, excluded.first), last = max(last, excluded.last), "
          "count = count + excluded.count, last_request_id = "
          "iif(excluded.last >= last, excluded.last_request_id, last_request_id)")
      .number(key)
      .number(row.pair)
      .number(stored(row.first))
      .number(stored(row.last))
      .number(stored(row.count))
      .text(row.last_request_id)
      .run();
}

std::expected<void, SqlError> UsageWriter::add_client(std::int64_t key, const UsageRow& row) {
  return database_
      .statement(
          "INSERT INTO client_uses (key, pair, address, client, first, last, count, route) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, pair, address, client) DO UPDATE SET "
          "first = min(first, excluded.first), last = max(last, excluded.last), "
          "count = count + excluded.count, route = iif(excluded.last >= last, excluded.route, "
          "route)")
      .number(key)
      .number(row.pair)
      .blob(stored(row.address))
      .text(row.client)
      .number(stored(row.first))
      .number(stored(row.last))
      .number(stored(row.count))
      .text(row.route)
      .run();
}

std::expected<void, SqlError> UsageWriter::add_route(std::int64_t key, const UsageRow& row) {
  return database_
      .statement(
          "INSERT INTO route_uses (key, route, first, last, count) VALUES (?, ?, ?, ?, ?) "
          "ON CONFLICT (key, route) DO UPDATE SET first = min(first, excluded.first), "
          "last = max(last, excluded.last), count = count + excluded.count")
      .number(key)
      .text(row.route)
      .number(stored(row.first))
      .number(stored(row.last))
      .number(stored(row.count))
      .run();
}

std::expected<void, SqlError> UsageWriter::add_accepted(std::int64_t key, const UsageRow& row) {
  return database_
      .statement(
          "INSERT INTO accepted (key, minute, pair, address, client, route, first, last, count, "
          "last_request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT (key, minute, pair, address, client, route) DO UPDATE SET "
          "first = min(first, excluded.first), last = max(last, excluded.last), "
          "count = count + excluded.count, last_request_id = "
          "iif(excluded.last >= last, excluded.last_request_id, last_request_id)")
      .number(key)
      .number(stored(bucket_start(row.last, UsageBucket::kMinute)))
      .number(row.pair)
      .blob(stored(row.address))
      .text(row.client)
      .text(row.route)
      .number(stored(row.first))
      .number(stored(row.last))
      .number(stored(row.count))
      .text(row.last_request_id)
      .run();
}

std::expected<void, SqlError> UsageWriter::add_to_buckets(std::int64_t key,
                                                          const UsageCount& more) {
  const Done done = add_to_bucket(key, UsageBucket::kMinute, more);
  return done ? add_to_bucket(key, UsageBucket::kHour, more) : done;
}

// `more.start` is any time within the bucket.
std::expected<void, SqlError> UsageWriter::add_to_bucket(std::int64_t key, UsageBucket bucket,
                                                         const UsageCount& more) {
  return database_
      .statement(
          "INSERT INTO buckets (key, size, start, accepted, refused) VALUES (?, ?, ?, ?, ?) "
          "ON CONFLICT (key, size, start) DO UPDATE SET accepted = accepted + excluded.accepted, "
          "refused = refused + excluded.refused")
      .number(key)
      .number(std::to_underlying(bucket))
      .number(stored(bucket_start(more.start, bucket)))
      .number(stored(more.accepted))
      .number(stored(more.refused))
      .run();
}

std::expected<void, SqlError> UsageWriter::trim_accepted(std::int64_t key) {
  const auto rows =
      count_rows(database_.statement("SELECT count(*) FROM accepted WHERE key = ?"), key);
  if (!rows) {
    return std::unexpected(rows.error());
  }
  if (*rows <= stored(kAcceptedPerKeyMax)) {
    return {};
  }
  return database_
      .statement(
          "DELETE FROM accepted WHERE key = ? AND (minute, pair, address, client, route) IN "
          "(SELECT minute, pair, address, client, route FROM accepted WHERE key = ? ORDER BY "
          "last DESC, minute DESC, pair DESC, address DESC, client DESC, route DESC "
          "LIMIT -1 OFFSET ?)")
      .number(key)
      .number(key)
      .number(stored(kAcceptedPerKeyMax))
      .run();
}

// Of equally old uses the one with the smallest name goes, as in the memory engine.
std::expected<void, SqlError> UsageWriter::trim(std::int64_t key) {
  if (const Done trimmed = trim_accepted(key); !trimmed) {
    return trimmed;
  }
  const auto clients =
      count_rows(database_.statement("SELECT count(*) FROM client_uses WHERE key = ?"), key);
  if (!clients) {
    return std::unexpected(clients.error());
  }
  if (*clients > stored(kClientUsesPerKeyMax)) {
    const Done trimmed =
        database_
            .statement(
                "DELETE FROM client_uses WHERE key = ? AND (pair, address, client) IN "
                "(SELECT pair, address, client FROM client_uses WHERE key = ? "
                "ORDER BY last DESC, pair DESC, address DESC, client DESC LIMIT -1 OFFSET ?)")
            .number(key)
            .number(key)
            .number(stored(kClientUsesPerKeyMax))
            .run();
    if (!trimmed) {
      return trimmed;
    }
  }
  const auto routes =
      count_rows(database_.statement("SELECT count(*) FROM route_uses WHERE key = ?"), key);
  if (!routes) {
    return std::unexpected(routes.error());
  }
  if (*routes <= stored(kRouteUsesPerKeyMax)) {
    return {};
  }
  return database_
      .statement(
          "DELETE FROM route_uses WHERE key = ? AND route IN (SELECT route FROM route_uses "
          "WHERE key = ? ORDER BY last DESC, route DESC LIMIT -1 OFFSET ?)")
      .number(key)
      .number(key)
      .number(stored(kRouteUsesPerKeyMax))
      .run();
}

}  // namespace counterfoil
