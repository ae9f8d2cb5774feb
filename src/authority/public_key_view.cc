#include "authority/public_key_view.h"

#include <optional>

#include "crypto/public_key.h"
#include "keys/api_key.h"

namespace counterfoil {

std::optional<PublicKeyView> show_public_key(const KeyPair& pair) {
  const auto key = PublicKey::from_stored(pair.public_key);
  if (pair.public_key.empty() || !key) {
    return std::nullopt;
  }
  return PublicKeyView{.pem = key->pem(), .fingerprint = key->fingerprint_text()};
}

}  // namespace counterfoil
