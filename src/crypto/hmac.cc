// Midstates need the low-level SHA256_* calls, which OpenSSL 3 deprecates: EVP cannot export or
// import a SHA-256 state.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kStateBytes = 32;
constexpr std::size_t kMidstatesBytes = 2 * kStateBytes;
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

void store_midstate(const std::array<std::uint8_t, kBlock>& key, std::uint8_t pad,
                    std::uint8_t* out) {
  std::array<std::uint8_t, kBlock> block = key;
  for (std::uint8_t& byte : block) {
    byte ^= pad;
  }
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, block.data(), block.size());
  std::memcpy(out, context.h, kStateBytes);
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(&context, sizeof context);
}

// resume makes a context that stands behind the first block.
void resume(SHA256_CTX& context, const std::uint8_t* midstate) {
  std::memcpy(context.h, midstate, kStateBytes);
  context.Nl = kBlock * 8;
  context.Nh = 0;
  context.num = 0;
  context.md_len = SHA256_DIGEST_LENGTH;
}

}  // namespace

std::expected<HmacKey, CryptoError> HmacKey::from_secret(ByteView secret) {
  std::uint8_t* const midstates = allocate_secret(kMidstatesBytes);
  if (midstates == nullptr) {
    return std::unexpected(CryptoError::kNoSecretMemory);
  }
  std::array<std::uint8_t, kBlock> key{};
  if (secret.size() > kBlock) {
    Digest hashed = sha256(secret);
    std::ranges::copy(hashed, key.begin());
    wipe(hashed);
  } else {
    std::ranges::copy(secret, key.begin());
  }
  store_midstate(key, kInnerPad, midstates);
  store_midstate(key, kOuterPad, midstates + kStateBytes);
  wipe(key);
  return HmacKey(midstates);
}

HmacKey::HmacKey(HmacKey&& other) noexcept : midstates_(std::exchange(other.midstates_, nullptr)) {}

HmacKey& HmacKey::operator=(HmacKey&& other) noexcept {
  std::swap(midstates_, other.midstates_);
  return *this;
}

HmacKey::~HmacKey() { free_secret(midstates_, kMidstatesBytes); }

Digest HmacKey::mac(ByteView message) const { return mac(std::span<const ByteView>(&message, 1)); }

Digest HmacKey::mac(std::span<const ByteView> parts) const {
  SHA256_CTX context;
  resume(context, midstates_);
  for (const ByteView part : parts) {
    SHA256_Update(&context, part.data(), part.size());
  }
  Digest inner{};
  SHA256_Final(inner.data(), &context);
  resume(context, midstates_ + kStateBytes);
  SHA256_Update(&context, inner.data(), inner.size());
  Digest tag{};
  SHA256_Final(tag.data(), &context);
  return tag;
}

bool HmacKey::verify(ByteView message, std::span<const std::uint8_t, 32> tag) const {
  return constant_time_equal(mac(message), tag);
}

}  // namespace counterfoil
