#include "crypto/password_hash.h"

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/constant_time.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

static_assert(PasswordHash::kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);
static_assert(PasswordHasher::kCostMin.memory_kib * 1024 == crypto_pwhash_argon2id_MEMLIMIT_MIN);

bool is_between(std::uint32_t value, std::uint32_t min, std::uint32_t max) {
  return value >= min && value <= max;
}

bool is_within_limits(const PasswordCost& cost) {
  return is_between(cost.memory_kib, PasswordHasher::kCostMin.memory_kib,
                    PasswordHasher::kCostMax.memory_kib) &&
         is_between(cost.passes, PasswordHasher::kCostMin.passes, PasswordHasher::kCostMax.passes);
}

}  // namespace

PasswordHasher::PasswordHasher(HmacKey pepper, const PasswordCost& cost)
    : pepper_(std::move(pepper)), cost_(cost) {
  // Chooses the fastest Argon2 for this processor; without it the slow one works, too.
  [[maybe_unused]] const int chosen = sodium_init();
}

std::expected<Digest, CryptoError> PasswordHasher::tag_of(ByteView password,
                                                          const PasswordHash& hash) const {
  if (!is_within_limits(hash.cost)) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  Digest peppered = pepper_.mac(password);
  Digest tag;
  const int failed =
      crypto_pwhash(tag.data(), tag.size(), reinterpret_cast<const char*>(peppered.data()),
                    peppered.size(), hash.salt.data(), hash.cost.passes,
                    std::size_t{hash.cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  wipe(peppered);
  if (failed != 0) {
    return std::unexpected(CryptoError::kLibraryFailure);
  }
  return tag;
}

std::expected<PasswordHash, CryptoError> PasswordHasher::hash(ByteView password,
                                                              RandomSource& random) const {
  PasswordHash made{.cost = cost_};
  if (!random.fill(made.salt)) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  const auto tag = tag_of(password, made);
  if (!tag) {
    return std::unexpected(tag.error());
  }
  made.tag = *tag;
  return made;
}

std::expected<bool, CryptoError> PasswordHasher::verify(ByteView password,
                                                        const PasswordHash& stored) const {
  const auto tag = tag_of(password, stored);
  if (!tag) {
    return std::unexpected(tag.error());
  }
  return constant_time_equal(*tag, stored.tag);
}

std::expected<bool, CryptoError> PasswordHasher::verify_nobody(ByteView password) const {
  const auto right = verify(password, {.cost = cost_});
  return right ? std::expected<bool, CryptoError>(false) : right;
}

bool PasswordHasher::needs_rehash(const PasswordHash& stored) const {
  return stored.cost.memory_kib < cost_.memory_kib || stored.cost.passes < cost_.passes;
}

}  // namespace counterfoil
