#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "authority/issuer.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"

namespace counterfoil {

inline constexpr std::size_t kCauseBytesMax = 4 * kCauseSizeMax;

// read_cause reads the body {"cause": "..."} of a suspension or a revocation: the words that the
// audit log and the owner will see. Absent: empty.
[[nodiscard]] std::expected<std::string, ApiFault> read_cause(const Call& call);

// no_members refuses a body with anything in it.
[[nodiscard]] std::expected<void, ApiFault> no_members(const Call& call);

}  // namespace counterfoil
