#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"

namespace counterfoil {

// PasswordCost is what one hash costs. As it is: RFC 9106's second choice (control S-52).
struct PasswordCost {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t passes = 3;
  bool operator==(const PasswordCost&) const = default;
};

// PasswordHash is what is stored of a password, with the cost at which it was made.
struct PasswordHash {
  static constexpr std::size_t kSaltBytes = 16;
  PasswordCost cost;
  std::array<std::uint8_t, kSaltBytes> salt{};
  Digest tag{};
  bool operator==(const PasswordHash&) const = default;
};

// PasswordHasher hashes passwords: Argon2id, one lane, over the HMAC of the password under a pepper
// that the store holds only sealed. So a thief of the store alone has nothing to guess against.
// One call takes PasswordCost::memory_kib of memory and, at the usual cost, some tenths of a second
// of one core: the caller limits how many run at once. Safe to call from any thread.
class PasswordHasher {
 public:
  // What a record may ask for: a record that was tampered with must not take the machine down.
  static constexpr PasswordCost kCostMax{.memory_kib = 1024 * 1024, .passes = 16};
  static constexpr PasswordCost kCostMin{.memory_kib = 8, .passes = 1};

  // `cost` is lower in tests alone.
  explicit PasswordHasher(HmacKey pepper, const PasswordCost& cost = {});

  // hash: kNoRandomness; kLibraryFailure when the memory is not there.
  [[nodiscard]] std::expected<PasswordHash, CryptoError> hash(ByteView password,
                                                              RandomSource& random) const;

  // verify says whether `password` is the one that was hashed, comparing in constant time.
  // kLibraryFailure: it cannot be told (no memory, or a cost beyond the limits above).
  [[nodiscard]] std::expected<bool, CryptoError> verify(ByteView password,
                                                        const PasswordHash& stored) const;

  // verify_nobody takes as long as verify, for a person that does not exist (control S-56), and is
  // never true.
  [[nodiscard]] std::expected<bool, CryptoError> verify_nobody(ByteView password) const;

  // needs_rehash: the hash was made at a lower cost than today's.
  [[nodiscard]] bool needs_rehash(const PasswordHash& stored) const;

 private:
  [[nodiscard]] std::expected<Digest, CryptoError> tag_of(ByteView password,
                                                          const PasswordHash& hash) const;

  HmacKey pepper_;
  PasswordCost cost_;
};

}  // namespace counterfoil
