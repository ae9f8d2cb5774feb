#pragma once

#include <cstdint>
#include <string_view>

namespace counterfoil {

// CryptoError says why a key or a secret could not be made. None of them is an answer about a
// signature: a signature that does not fit is `false`, never an error.
enum class CryptoError : std::uint8_t {
  kNoSecretMemory,  // the locked arena could not grow: see describe() for what to change
  kSecretTooLarge,  // above SecretArena::kSlotBytesMax
  kSecretEmpty,     // an empty secret would let everybody sign
  kForked,          // this process is a fork: the secrets of its parent were wiped here
  kNoRandomness,    // the random source failed; nothing weaker was used (control S-06)
  kWrongScheme,     // the operation does not exist for this scheme
  kLibraryFailure,  // the crypto library refused, most likely for want of memory
};

// describe gives one sentence for a log: what is wrong and what to do. Holds nothing secret.
[[nodiscard]] std::string_view describe(CryptoError error);

}  // namespace counterfoil
