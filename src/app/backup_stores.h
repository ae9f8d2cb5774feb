#pragma once

#include <filesystem>

#include "backup/stores.h"
#include "base/random.h"

namespace counterfoil {

// store_engines are the SQLite stores as a backup needs them. `data` is the directory of the stores
// that copy_stores copies; `random` must outlive the engines.
[[nodiscard]] StoreEngines store_engines(const std::filesystem::path& data, RandomSource& random);

}  // namespace counterfoil
