#pragma once

#include <optional>
#include <string_view>

#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"

namespace counterfoil {

// RandomToken is something that only its bearer knows: 256 random bits in base64url, 43 characters.
// The store gets the hash alone. That is a plain SHA-256, for nobody guesses 256 bits.
struct RandomToken {
  WipedText text;
  Digest hash{};
};

// new_token: nullopt when the random source failed; nothing weaker is made.
[[nodiscard]] std::optional<RandomToken> new_token(RandomSource& random);

// token_hash gives the hash that new_token gave for this text. nullopt: it is no token, so there is
// nothing to look up.
[[nodiscard]] std::optional<Digest> token_hash(std::string_view text);

}  // namespace counterfoil
