#include "authority/possession_text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "crypto/public_key.h"

namespace counterfoil {

bool is_possession_text(std::string_view text, const PublicKey& key) {
  constexpr std::ptrdiff_t kLineEnds = 4;
  const std::string print = to_hex(key.fingerprint());
  const std::size_t last = text.rfind('\n');
  return text.starts_with(kPossessionFirstLine) && std::ranges::count(text, '\n') == kLineEnds &&
         text.substr(0, last).ends_with("\n" + print);
}

}  // namespace counterfoil
