#include "crypto/wipe.h"

#include <string.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace counterfoil {

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) {
    ::explicit_bzero(bytes.data(), bytes.size());
  }
}

void wipe(std::string& text) {
  // The whole buffer: what stood beyond size() before the text was shortened counts too.
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace counterfoil
