// Target: PrivateKey::from_pkcs8_pem. The input is the whole text, and the DER inside a PEM block.
// Property: a key that is taken signs what its public key verifies, and its own text reads back as
// the same key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/private_key.h"
#include "crypto/secret_peek.h"
#include "crypto/verification_key.h"

namespace {

using counterfoil::as_bytes;
using counterfoil::as_text;
using counterfoil::PrivateKey;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_text(std::string_view text) {
  const auto key = PrivateKey::from_pkcs8_pem(text);
  if (!key) {
    return;
  }
  const auto signature = key->sign(as_bytes("message"));
  const auto verifier = counterfoil::VerificationKey::from_public_key(key->public_key());
  require(signature && verifier && verifier->verify(as_bytes("message"), *signature));
  const auto pem = key->to_pkcs8_pem();
  require(pem.has_value());
  const auto again = PrivateKey::from_pkcs8_pem(as_text(counterfoil::SecretPeek::at(*pem)));
  require(again && again->public_key() == key->public_key());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const counterfoil::ByteView bytes(data, size);
  check_text(as_text(bytes));
  check_text("-----BEGIN PRIVATE KEY-----\n" + counterfoil::to_base64(bytes) +
             "\n-----END PRIVATE KEY-----\n");
  return 0;
}
