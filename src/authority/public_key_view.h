#pragma once

#include <optional>
#include <string>

#include "keys/api_key.h"

namespace counterfoil {

// PublicKeyView is what people may see of a key pair that has a public key.
struct PublicKeyView {
  std::string pem;          // BEGIN PUBLIC KEY
  std::string fingerprint;  // "SHA256:" and base64 without padding
};

// show_public_key gives nullopt for an HMAC pair, and for a stored key that does not parse.
[[nodiscard]] std::optional<PublicKeyView> show_public_key(const KeyPair& pair);

}  // namespace counterfoil
