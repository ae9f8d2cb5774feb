#pragma once

#include <openssl/bn.h>

#include <optional>

#include "crypto/public_key.h"

namespace counterfoil {

// check_rsa_numbers finds what is weak about a modulus and exponent that libraries accept (control
// S-28): nullopt when nothing is. Internal to crypto.
[[nodiscard]] std::optional<PublicKeyError> check_rsa_numbers(const BIGNUM* n, const BIGNUM* e);

}  // namespace counterfoil
