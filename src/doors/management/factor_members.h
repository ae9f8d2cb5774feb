#pragma once

#include "authority/second_factor.h"
#include "doors/management/member_reader.h"

namespace counterfoil {

// read_factor reads the one of "totp", "recovery_code" and "passkey" with which somebody proves
// that it is them; two of them are refused. It may be empty: whether that will do is the
// authority's to say.
[[nodiscard]] FactorAnswer read_factor(MemberReader& members);

}  // namespace counterfoil
