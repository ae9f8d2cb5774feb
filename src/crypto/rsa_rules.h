#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "crypto/public_key.h"

namespace counterfoil {

// Inside the room: which RSA public keys we take (control S-28). The library's import checks next
// to none of this.

// kFermatSteps is how far Fermat's method is tried: factors that it finds within so many steps are
// so close together that anybody finds them.
inline constexpr std::uint32_t kFermatSteps = 1U << 20U;

// check_rsa gives the first rule that (n, e) breaks, nullopt if none. The numbers are big-endian
// without leading zeros. Costs are bounded: lengths are checked first, and each rule takes some
// milliseconds at most.
[[nodiscard]] std::optional<PublicKeyError> check_rsa(ByteView modulus, ByteView exponent);

}  // namespace counterfoil
