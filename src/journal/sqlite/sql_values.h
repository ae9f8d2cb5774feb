#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "sqlite_file/database.h"

namespace counterfoil {

// How the journal's values lie in SQLite's columns, and its errors in the journal's.

[[nodiscard]] inline std::unexpected<JournalError> journal_fault(SqlError error) {
  switch (error) {
    case SqlError::kFull:
      return std::unexpected(JournalError::kFull);
    case SqlError::kBusy:
    case SqlError::kFailed:
      return std::unexpected(JournalError::kUnavailable);
    case SqlError::kConstraint:  // Where a constraint may rightly refuse, the caller looks first.
    case SqlError::kCorrupt:
      return std::unexpected(JournalError::kCorrupt);
  }
  std::unreachable();
}

[[nodiscard]] inline std::expected<void, JournalError> journal_done(
    const std::expected<void, SqlError>& result) {
  return result ? std::expected<void, JournalError>() : journal_fault(result.error());
}

// SQLite's integers are signed. A caller may say "everything" with the biggest number there is.
[[nodiscard]] inline std::int64_t stored(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
}
[[nodiscard]] inline std::int64_t stored(Timestamp time) { return to_unix_us(time); }
[[nodiscard]] inline std::int64_t stored_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min(limit, kJournalListMax));
}
[[nodiscard]] inline std::string_view stored(const IpAddress& address) {
  return as_text(address.bytes());
}

[[nodiscard]] inline std::uint64_t loaded_number(const Statement& row, int column) {
  return static_cast<std::uint64_t>(row.column_number(column));
}
[[nodiscard]] inline Timestamp loaded_time(const Statement& row, int column) {
  return from_unix_us(row.column_number(column));
}
[[nodiscard]] inline std::string loaded_text(const Statement& row, int column) {
  return std::string(row.column_bytes(column));
}
// loaded_address gives nullopt when the column has not the 16 bytes of an address.
[[nodiscard]] inline std::optional<IpAddress> loaded_address(const Statement& row, int column) {
  const std::string_view bytes = row.column_bytes(column);
  std::array<std::uint8_t, 16> address{};
  if (bytes.size() != address.size()) {
    return std::nullopt;
  }
  std::ranges::copy(as_bytes(bytes), address.begin());
  return IpAddress::v6(address);
}

}  // namespace counterfoil
