#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace counterfoil {

// wipe overwrites bytes with zeros in a way the compiler may not remove. For the rare buffers that
// held a secret outside SecretBytes: a terminal line, a parsed body.
void wipe(std::span<std::uint8_t> bytes);

// wipe for text also empties it. It reaches only the buffer the text has now: a text that grew has
// left copies behind, so reserve first.
void wipe(std::string& text);

}  // namespace counterfoil
