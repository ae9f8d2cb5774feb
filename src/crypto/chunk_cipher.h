#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/backup_key.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

inline constexpr std::size_t kChunkBytesMax = 64UL * 1024;
inline constexpr std::size_t kChunkTagBytes = 16;

// ChunkCipher seals or opens one long message in chunks, so that none of it has to be in memory as
// a whole (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar, 2015). AES-256-GCM
// under a key that serves this message alone; each chunk's nonce is its number and whether it is
// the last, so a chunk that was altered, moved, doubled or left out does not open, and neither does
// a message that ends early or goes on. One thread; one object for one message, in one direction.
class ChunkCipher {
 public:
  enum class Place : std::uint8_t { kInside = 0, kLast = 1 };

  // derive makes the message's key from `header`, which stands before the chunks in the clear: with
  // any byte of it altered, no chunk opens. It must hold 16 random bytes or more.
  [[nodiscard]] static std::expected<ChunkCipher, CryptoError> derive(const BackupKey& key,
                                                                      ByteView header);

  // seal writes the sealed form of the next chunk to `out`: kChunkTagBytes longer. false: the
  // library failed, or a chunk is longer than kChunkBytesMax.
  [[nodiscard]] bool seal(ByteView chunk, Place place, std::vector<std::uint8_t>& out);
  // open writes the next chunk to `out`. false: this is not the chunk that was sealed here.
  [[nodiscard]] bool open(ByteView sealed, Place place, std::vector<std::uint8_t>& out);

 private:
  explicit ChunkCipher(SecretBytes key) : key_(std::move(key)) {}

  SecretBytes key_;
  std::uint64_t number_ = 0;
};

}  // namespace counterfoil
