#pragma once

#include <expected>

#include "registry/registry.h"

namespace counterfoil {

// check_transaction finds what no engine may accept, before the store is asked: kTooLarge,
// kInvalid, or kConflict when the audit entries do not follow each other. For engines.
[[nodiscard]] std::expected<void, RegistryError> check_transaction(const Transaction& transaction);

}  // namespace counterfoil
