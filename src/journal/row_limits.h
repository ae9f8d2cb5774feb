#pragma once

#include <cstddef>
#include <string_view>

#include "journal/journal.h"

namespace counterfoil {

// cut_text gives the longest beginning of `text` that has at most `bytes_max` bytes and does not
// end within a UTF-8 character. Bytes that are no UTF-8 are left as they are.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t bytes_max);

// within_limits cuts every text of a row to its limit (journal.h), and drops a sealed request that
// is too large. Every engine stores what this gives.
[[nodiscard]] UsageRow within_limits(UsageRow row);
[[nodiscard]] RefusalRow within_limits(RefusalRow row);

[[nodiscard]] AutopsyRow within_limits(AutopsyRow row);

// is_within_limits reports whether a receipt may be kept: it is never cut.
[[nodiscard]] bool is_within_limits(const ReceiptRow& row);

// refusal_group names the rows that share one limit: those of one API key of ours, or all others.
[[nodiscard]] inline std::string_view refusal_group(const RefusalRow& row) {
  return row.account.empty() ? std::string_view() : std::string_view(row.api_key);
}

// bucket_start is the beginning of the minute or hour that `time` is in.
[[nodiscard]] Timestamp bucket_start(Timestamp time, UsageBucket bucket);

}  // namespace counterfoil
