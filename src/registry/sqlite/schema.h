#pragma once

#include "sqlite_file/store.h"

namespace counterfoil {

// registry_schema is the shape of the registry's file, all versions of it.
[[nodiscard]] StoreSchema registry_schema();

}  // namespace counterfoil
