#include "authority/fingerprint.h"

#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "keys/api_key_id.h"

namespace counterfoil {

Fingerprint fingerprint(const ApiKeyId& key, std::string_view payload) {
  Sha256 hash;
  hash.update(as_bytes(key.text()));
  hash.update(as_bytes(payload));
  const Digest digest = hash.finish();
  Fingerprint print;
  std::memcpy(&print.value, digest.data(), sizeof print.value);
  return print;
}

}  // namespace counterfoil
