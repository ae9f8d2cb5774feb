#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "journal/journal.h"
#include "sqlite_file/database.h"

namespace counterfoil {

// write_autopsies adds rows that are not there yet, counts their causes, and trims what is past the
// limits, inside a transaction that its caller has begun; after an error the caller rolls that
// back.
[[nodiscard]] std::expected<void, SqlError> write_autopsies(Database& database,
                                                            std::span<const AutopsyRow> rows);

[[nodiscard]] std::expected<std::optional<AutopsyRow>, JournalError> read_autopsy(
    Database& database, std::string_view request_id);
[[nodiscard]] std::expected<std::vector<CauseSum>, JournalError> read_cause_sums(
    Database& database, std::string_view api_key);

}  // namespace counterfoil
