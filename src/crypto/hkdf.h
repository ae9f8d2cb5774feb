#pragma once

#include <cstddef>
#include <expected>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// kHkdfBytesMax is the most one derivation gives: "L ... (<= 255*HashLen)", RFC 5869 section 2.3.
inline constexpr std::size_t kHkdfBytesMax = std::size_t{255} * 32;

// hkdf_sha256 derives `size_bytes` bytes from `input_key`, extract and expand in one (RFC 5869).
//
//   input_key   the secret to derive from; any length
//   salt        not secret; empty means 32 zero bytes
//   info        what the derived bytes are for; different `info` gives unrelated bytes
//   kSecretTooLarge: more than kHkdfBytesMax asked for.
//
// Vectors: wycheproof/hkdf_sha256_test.json.
[[nodiscard]] std::expected<SecretBytes, CryptoError> hkdf_sha256(ByteView input_key, ByteView salt,
                                                                  ByteView info,
                                                                  std::size_t size_bytes);

}  // namespace counterfoil
