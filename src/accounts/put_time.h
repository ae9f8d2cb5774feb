#pragma once

#include <cstdint>

#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {

// put_time writes an instant as StrictReader::time() reads it: microseconds from 1970.
inline void put_time(FieldWriter& fields, std::uint8_t tag, Timestamp time) {
  fields.put_u64(tag, static_cast<std::uint64_t>(to_unix_us(time)));
}

}  // namespace counterfoil
