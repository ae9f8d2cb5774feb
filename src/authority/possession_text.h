#pragma once

#include <string_view>

#include "crypto/public_key.h"

namespace counterfoil {

inline constexpr std::string_view kPossessionFirstLine = "counterfoil-possession-v1\n";

// is_possession_text says whether `text` has the form of a PossessionChallenge for this public key:
// what a holder makes sure of before they sign a text that somebody sent.
[[nodiscard]] bool is_possession_text(std::string_view text, const PublicKey& key);

}  // namespace counterfoil
