#include "crypto/chunk_cipher.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/aes_gcm.h"
#include "crypto/backup_key.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

constexpr std::string_view kPurpose{"counterfoil-backup-v1\0", 22};
static_assert(kChunkTagBytes == kGcmTagBytes);

using Nonce = std::array<std::uint8_t, kGcmNonceBytes>;

// 3 zero bytes, the number (8, big-endian), the place (1).
Nonce nonce_of(std::uint64_t number, ChunkCipher::Place place) {
  constexpr std::size_t kBitsOfByte = 8;
  Nonce nonce{};
  nonce.back() = std::to_underlying(place);
  for (std::size_t at = nonce.size() - 2; number != 0; --at) {
    nonce[at] = static_cast<std::uint8_t>(number);
    number >>= kBitsOfByte;
  }
  return nonce;
}

}  // namespace

std::expected<ChunkCipher, CryptoError> ChunkCipher::derive(const BackupKey& key, ByteView header) {
  std::vector<std::uint8_t> purpose(kPurpose.begin(), kPurpose.end());
  purpose.insert(purpose.end(), header.begin(), header.end());
  auto derived = key.derive(purpose);
  return derived ? std::expected<ChunkCipher, CryptoError>(ChunkCipher(std::move(*derived)))
                 : std::unexpected(derived.error());
}

bool ChunkCipher::seal(ByteView chunk, Place place, std::vector<std::uint8_t>& out) {
  if (chunk.size() > kChunkBytesMax) {
    return false;
  }
  out.resize(chunk.size() + kGcmTagBytes);
  GcmJob job;
  const GcmResult sealed =
      job.seal(key_.reveal(SecretAccess()), nonce_of(number_++, place), {}, chunk, out);
  return sealed == GcmResult::kOk;
}

bool ChunkCipher::open(ByteView sealed, Place place, std::vector<std::uint8_t>& out) {
  if (sealed.size() < kGcmTagBytes || sealed.size() > kChunkBytesMax + kGcmTagBytes) {
    return false;
  }
  out.resize(sealed.size() - kGcmTagBytes);
  GcmJob job;
  const GcmResult opened =
      job.open(key_.reveal(SecretAccess()), nonce_of(number_++, place), {}, sealed, out);
  return opened == GcmResult::kOk;
}

}  // namespace counterfoil
