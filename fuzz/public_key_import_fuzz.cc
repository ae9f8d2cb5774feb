// Target: PublicKey::import_text, import_der and from_stored.
// Property: a key that import takes has one stored form. That form, its PEM and its base64 import
// again as the same key, it reloads as the same key, no byte may follow it, and the key refuses a
// signature of zeros. What from_stored takes, it gives back unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/public_key.h"
#include "crypto/verification_key.h"

namespace {

using counterfoil::ByteView;
using counterfoil::PublicKey;
using counterfoil::VerificationKey;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_imported(const PublicKey& key) {
  const std::vector<std::uint8_t>& der = key.spki_der();
  require(PublicKey::from_stored(der) == key);
  require(PublicKey::import_der(der) == key);
  require(PublicKey::import_text(key.pem()) == key);
  require(PublicKey::import_text(counterfoil::to_base64(der)) == key);
  std::vector<std::uint8_t> longer = der;
  longer.push_back(0);
  require(!PublicKey::import_der(longer).has_value());
  const auto verifier = VerificationKey::from_public_key(key);
  require(verifier.has_value());
  const std::vector<std::uint8_t> zeros(verifier->signature_bytes());
  require(!verifier->verify({}, zeros));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto key = PublicKey::import_text(counterfoil::as_text(bytes))) {
    check_imported(*key);
  }
  if (const auto key = PublicKey::import_der(bytes)) {
    // Strict DER has one encoding of a value: what came in is what is stored.
    require(std::vector<std::uint8_t>(bytes.begin(), bytes.end()) == key->spki_der());
    check_imported(*key);
  }
  if (const auto key = PublicKey::from_stored(bytes)) {
    require(std::vector<std::uint8_t>(bytes.begin(), bytes.end()) == key->spki_der());
    const auto verifier = VerificationKey::from_public_key(*key);
    require(verifier.has_value());
    static_cast<void>(verifier->verify({}, bytes));
  }
  return 0;
}
