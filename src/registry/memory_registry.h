#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "registry/registry.h"

namespace counterfoil {

// MemoryRegistryOptions of a registry that lives as long as its object.
struct MemoryRegistryOptions {
  std::uint64_t incarnation = 1;
  std::size_t feed_changes_max =
      100'000;  // older changes are trimmed; readers behind them get kGap
};

// make_memory_registry makes the engine for tests: nothing survives it, nothing is durable.
[[nodiscard]] std::unique_ptr<Registry> make_memory_registry(MemoryRegistryOptions options = {});

}  // namespace counterfoil
