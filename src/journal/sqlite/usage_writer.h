#pragma once

#include <cstdint>
#include <expected>
#include <set>
#include <span>
#include <string>

#include "journal/journal.h"
#include "sqlite_file/database.h"

namespace counterfoil {

// UsageWriter adds rows to the sums, inside a transaction that its caller has begun; after an error
// the caller rolls that back.
class UsageWriter {
 public:
  explicit UsageWriter(Database& database) : database_(database) {}

  [[nodiscard]] std::expected<void, SqlError> write(std::span<const UsageRow> rows);
  // count_refusal counts a refused request of an API key of ours, once.
  [[nodiscard]] std::expected<void, SqlError> count_refusal(const RefusalRow& row);

 private:
  using Done = std::expected<void, SqlError>;
  [[nodiscard]] std::expected<std::int64_t, SqlError> number_of(const std::string& api_key);
  [[nodiscard]] Done add(std::int64_t key, const UsageRow& row);
  [[nodiscard]] Done add_pair(std::int64_t key, const UsageRow& row);
  [[nodiscard]] Done add_client(std::int64_t key, const UsageRow& row);
  [[nodiscard]] Done add_route(std::int64_t key, const UsageRow& row);
  [[nodiscard]] Done add_accepted(std::int64_t key, const UsageRow& row);
  [[nodiscard]] Done add_to_bucket(std::int64_t key, UsageBucket bucket, const UsageCount& more);
  [[nodiscard]] Done add_to_buckets(std::int64_t key, const UsageCount& more);
  [[nodiscard]] Done trim(std::int64_t key);
  [[nodiscard]] Done trim_accepted(std::int64_t key);

  Database& database_;
};

}  // namespace counterfoil
