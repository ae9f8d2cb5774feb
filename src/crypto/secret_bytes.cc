#include "crypto/secret_bytes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/constant_time.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_arena.h"

namespace counterfoil {

std::expected<SecretBytes, CryptoError> SecretBytes::create(std::size_t size_bytes) {
  if (size_bytes == 0) {
    return SecretBytes(nullptr, 0);
  }
  const auto slot = SecretArena::allocate(size_bytes);
  if (!slot) {
    return std::unexpected(slot.error());
  }
  return SecretBytes(*slot, size_bytes);
}

std::expected<SecretBytes, CryptoError> SecretBytes::copy_of(ByteView bytes) {
  auto copy = create(bytes.size());
  if (copy) {
    std::ranges::copy(bytes, copy->bytes_);
  }
  return copy;
}

std::expected<SecretBytes, CryptoError> SecretBytes::random(std::size_t size_bytes,
                                                            RandomSource& source) {
  auto made = create(size_bytes);
  if (made && !source.fill({made->bytes_, made->size_})) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  return made;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    SecretArena::release(bytes_);
    bytes_ = std::exchange(other.bytes_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { SecretArena::release(bytes_); }

// LINT-ALLOW(early-exit-compare): a pointer is compared, no secret byte.
ByteView SecretBytes::reveal(SecretAccess /*access*/) const {
  if (bytes_ != nullptr && SecretArena::is_forked_copy()) {
    std::abort();  // Only zeros are left here; nobody may take them for the secret.
  }
  return {bytes_, size_};
}

std::span<std::uint8_t> SecretBytes::writable(SecretAccess /*access*/) {
  if (bytes_ != nullptr && SecretArena::is_forked_copy()) {
    std::abort();
  }
  return {bytes_, size_};
}

bool SecretBytes::equals(const SecretBytes& other) const {
  return equals(other.reveal(SecretAccess()));
}

bool SecretBytes::equals(ByteView other) const {
  return constant_time_equal(reveal(SecretAccess()), other);
}

}  // namespace counterfoil
