#pragma once

#include <expected>
#include <string>

#include "doors/management/api_fault.h"
#include "doors/management/call.h"

namespace counterfoil {

// read_cause reads the body {"cause": "..."} of a suspension or a revocation: the words that the
// audit log and the owner will see. Absent: empty.
[[nodiscard]] std::expected<std::string, ApiFault> read_cause(const Call& call);

// no_members refuses a body with anything in it.
[[nodiscard]] std::expected<void, ApiFault> no_members(const Call& call);

}  // namespace counterfoil
