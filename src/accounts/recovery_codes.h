#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"

namespace counterfoil {

// Recovery codes stand in for a second factor that was lost (control S-61): 80 random bits each,
// written as "abcd-efgh-ijkl-mnop" in the letters of base32. Each serves once.
inline constexpr std::size_t kRecoveryCodes = 10;

struct NewRecoveryCodes {
  std::vector<WipedText> texts;  // shown once
  std::vector<Digest> hashes;    // stored; nobody guesses 80 bits, so a plain hash does
};
// new_recovery_codes: nullopt when the random source failed.
[[nodiscard]] std::optional<NewRecoveryCodes> new_recovery_codes(RandomSource& random);

// use_recovery_code takes the code out of `hashes` and tells whether it was there. Letter case,
// hyphens and blanks do not matter: people type it off paper.
[[nodiscard]] bool use_recovery_code(std::vector<Digest>& hashes, std::string_view typed);

}  // namespace counterfoil
