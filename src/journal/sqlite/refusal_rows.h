#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"
#include "sqlite_file/database.h"

namespace counterfoil {

// write_refusals adds rows that are not there yet and trims what is past the limits, inside a
// transaction that its caller has begun; after an error the caller rolls that back.
[[nodiscard]] std::expected<void, SqlError> write_refusals(Database& database,
                                                           std::span<const RefusalRow> rows);

// renew_sealed: see Journal::renew_sealed; inside a transaction of its caller.
[[nodiscard]] std::expected<std::optional<std::string>, SqlError> renew_sealed(
    Database& database, Sealed which, std::string_view after, std::size_t limit,
    const SealedRenewal& renew);

[[nodiscard]] std::expected<std::vector<RefusalRow>, JournalError> read_refusals(
    Database& database, const RefusalFilter& filter);
[[nodiscard]] std::expected<std::optional<RefusalRow>, JournalError> read_refusal(
    Database& database, std::string_view request_id);

}  // namespace counterfoil
