#pragma once

#include <cstdint>
#include <span>

namespace counterfoil {

// wipe overwrites bytes with zeros in a way the compiler may not remove. For the rare buffers that
// held a secret outside SecretBytes: a derived key, a decoded token. For text: base/wiped_text.h.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace counterfoil
