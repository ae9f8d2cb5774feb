#include "crypto/secret_bytes.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_arena.h"

namespace counterfoil {

std::expected<SecretBytes, CryptoError> SecretBytes::create(std::size_t size) {
  std::uint8_t* const memory = allocate_secret(size);
  if (memory == nullptr) {
    return std::unexpected(CryptoError::kNoSecretMemory);
  }
  return SecretBytes(memory, size);
}

std::expected<SecretBytes, CryptoError> SecretBytes::copy_of(ByteView bytes) {
  auto secret = create(bytes.size());
  if (secret) {
    std::ranges::copy(bytes, secret->memory_);
  }
  return secret;
}

std::expected<SecretBytes, CryptoError> SecretBytes::random(std::size_t size,
                                                            RandomSource& random) {
  auto secret = create(size);
  if (secret && !random.fill({secret->memory_, size})) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  return secret;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  std::swap(allocated_, other.allocated_);
  return *this;
}

SecretBytes::~SecretBytes() { free_secret(memory_, allocated_); }

void SecretBytes::shrink(std::size_t size) {
  if (size < size_) {
    OPENSSL_cleanse(memory_ + size, size_ - size);
    size_ = size;
  }
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

void wipe(std::span<char> text) { OPENSSL_cleanse(text.data(), text.size()); }

}  // namespace counterfoil
