#pragma once

#include "base/bytes.h"

namespace counterfoil {

// constant_time_equal compares in a time that depends on the lengths alone (control S-20). Views of
// different lengths are unequal; the lengths themselves are not kept secret.
[[nodiscard]] bool constant_time_equal(ByteView left, ByteView right);

}  // namespace counterfoil
