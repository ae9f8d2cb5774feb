#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.h"

struct evp_pkey_st;

namespace counterfoil {

// P256Verifier checks ECDSA signatures on the curve P-256 with SHA-256, which JWS calls ES256. API
// keys are never of this type: it is for the tokens of others. Immutable; safe to call from many
// threads.
class P256Verifier {
 public:
  static constexpr std::size_t kCoordinateBytes = 32;
  static constexpr std::size_t kSignatureBytes = 64;

  // create: null unless x and y have 32 bytes each, big-endian, and are a point on the curve.
  [[nodiscard]] static std::unique_ptr<P256Verifier> create(ByteView x, ByteView y);

  // verify decides whether `signature` (r, then s, 32 bytes each; RFC 7518 section 3.4) was made
  // over `message`. Every other length is false.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const noexcept;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, FreeKey>;
  explicit P256Verifier(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace counterfoil
