#pragma once

#include <memory>

#include "journal/journal.h"

namespace counterfoil {

// make_memory_journal makes the engine for tests: nothing survives it, nothing is durable.
[[nodiscard]] std::unique_ptr<Journal> make_memory_journal();

}  // namespace counterfoil
