#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "authority/problem.h"
#include "backup/manifest.h"
#include "backup/revocation_lines.h"
#include "base/time.h"
#include "keys/api_key.h"

namespace counterfoil {

// What a restore makes of the API keys of a backup: nothing that was ended since comes back to life
// (control S-86). Pure.

// EndingsSince is what is known to have been ended after a backup was made.
struct EndingsSince {
  std::vector<Ending> endings;  // in the order in which it happened
  // Whether that is everything. If not, whatever is not known to be good is suspended.
  bool is_complete = false;
};

// endings_since picks out of one log what came after the backup: in the backup's own incarnation
// after its newest audit record, and all of later incarnations. It is complete if the log has a
// section of that incarnation that begins before the backup's end, and reaches to `newest_known`,
// the newest audit record that is known from checkpoints (0: none). Problem:
// revocation_log_foreign: the log is another node's.
[[nodiscard]] std::expected<EndingsSince, Problem> endings_since(
    const std::vector<RevocationSection>& log, std::string_view name, const StoresSurvey& backup,
    std::uint64_t newest_known);

// merge adds what another log knows.
void merge(EndingsSince& known, EndingsSince more);

// ended gives the API key as it must be after `ending`; settled after all of them: a key whose
// every pair has ended is revoked, one whose pairs all end later expires then.
[[nodiscard]] ApiKey ended(ApiKey key, const Ending& ending);
[[nodiscard]] ApiKey settled(ApiKey key, Timestamp now);

// suspended_until_confirmed is for restores without a complete log.
[[nodiscard]] ApiKey suspended_until_confirmed(ApiKey key, Timestamp now);
inline constexpr std::string_view kUnconfirmedCause =
    "restored from a backup, and it is not known whether it was revoked since: resume it if it was "
    "not";

}  // namespace counterfoil
