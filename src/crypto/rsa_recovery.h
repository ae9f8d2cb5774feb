#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"

namespace counterfoil {

// RecoveredRsa is what an RSA signature says of itself under a public key: which padding and hash
// its maker used, and the hash of the text signed. For diagnosis only, never to accept a request:
// it knows paddings and hashes that verification refuses.
class RecoveredRsa {
 public:
  enum class Padding : std::uint8_t {
    kPkcs1,  // EMSA-PKCS1-v1_5, RFC 8017 section 9.2
    kPss,    // EMSA-PSS, RFC 8017 section 9.1, MGF1 with the same hash
  };

  // recover makes the one public-key operation. nullopt: the signature has another length than the
  // modulus, or was not made with this key's private half, or with a padding that is neither.
  [[nodiscard]] static std::optional<RecoveredRsa> recover(const PublicKey& key,
                                                           ByteView signature);

  [[nodiscard]] Padding padding() const { return padding_; }
  [[nodiscard]] HashName hash() const { return hash_; }
  // covers tells whether `message` is what was signed: a hash and a comparison, no more.
  [[nodiscard]] bool covers(ByteView message) const;

 private:
  RecoveredRsa() = default;

  Padding padding_{};
  HashName hash_{};
  std::vector<std::uint8_t> digest_;  // PSS: H
  std::vector<std::uint8_t> salt_;    // PSS only

  friend class BlockReader;
};

}  // namespace counterfoil
