#pragma once

#include <expected>
#include <string_view>

#include "authority/problem.h"

namespace counterfoil {

// kAttemptsMax is how often a change that lost a race is decided anew. Somebody else won each time,
// so the registry moves on; giving up tells the caller "conflict".
inline constexpr int kAttemptsMax = 16;

// check_cause: what somebody gives as the reason of a suspension or revocation is kept in the
// record and the audit log, so it has a limit (kCauseSizeMax) and no control characters.
[[nodiscard]] std::expected<void, Problem> check_cause(std::string_view cause);

[[nodiscard]] std::unexpected<Problem> account_id_invalid();
// Why an account gets no new API key.
[[nodiscard]] std::unexpected<Problem> account_suspended();
[[nodiscard]] std::unexpected<Problem> too_many_keys();

}  // namespace counterfoil
