#pragma once

#include <cstdint>
#include <string_view>

#include "keys/api_key_id.h"

namespace counterfoil {

// Fingerprint is what a signed request is remembered by: the first 64 bits of SHA-256 over API key
// id and signed payload. Never the signature text, for hex has two cases. The vendor's signature
// covers neither method nor path, so neither does this.
//
// Two requests of one fingerprint are one to us, and the second may be refused, never let in. That
// happens by chance once in a hundred years at 70,000 requests a second, and whoever finds such a
// pair has signed both.
struct Fingerprint {
  std::uint64_t value = 0;
  bool operator==(const Fingerprint&) const = default;
};
[[nodiscard]] Fingerprint fingerprint(const ApiKeyId& key, std::string_view payload);

}  // namespace counterfoil
