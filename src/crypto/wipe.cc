#include "crypto/wipe.h"

#include <string.h>

#include <cstdint>
#include <span>

namespace counterfoil {

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) {
    ::explicit_bzero(bytes.data(), bytes.size());
  }
}

}  // namespace counterfoil
