#pragma once

#include "sqlite_file/store.h"

namespace counterfoil {

// journal_schema is the shape of the journal's file, all versions of it.
[[nodiscard]] StoreSchema journal_schema();

}  // namespace counterfoil
