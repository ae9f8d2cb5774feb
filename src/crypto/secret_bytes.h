#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/constant_time.h"
#include "crypto/crypto_error.h"

namespace counterfoil {

// SecretAccess opens a SecretBytes. Only a friend can make one, so this list, with every place that
// `grep SecretAccess` finds, is the list of code that sees secret bytes.
class SecretAccess {  // NOLINT(cppcoreguidelines-special-member-functions): who may copy it matters
 private:
  SecretAccess() = default;
  SecretAccess(const SecretAccess&) = default;

  // In this room: keys built from secrets, and sealing.
  friend class SecretBytes;
  friend class HmacKey;
  friend class HmacSha1;
  friend class KeyedHash;
  friend class KeyDerivation;
  friend class PrivateKey;
  friend class KeyFile;
  friend class BackupKey;
  friend class ChunkCipher;
  friend class SealingKey;
  friend class Envelope;

  friend class SecretJob;  // authority: unsealing for one job (autopsy, showing a new secret once)
  friend class OidcClientSecret;  // outbound: tells an identity provider that it is us who ask
  friend class KeyFileWriter;     // app: writes a new private key to the owner's file
  friend class SecretPeek;        // tests only: crypto/secret_peek.h, never compiled into a program
};

// SecretBytes is a run of secret bytes in the locked arena (crypto/secret_arena.h). It cannot be
// copied, printed, formatted or compared with ==; a move leaves nothing in the source; destruction
// wipes. Reading it takes a SecretAccess. Many threads may read one; one at a time may change it.
class SecretBytes {
 public:
  // create gives `size_bytes` zero bytes (0 to SecretArena::kSlotBytesMax; 0 takes no memory).
  // kNoSecretMemory, kSecretTooLarge or kForked; nothing is left behind.
  [[nodiscard]] static std::expected<SecretBytes, CryptoError> create(std::size_t size_bytes);
  // copy_of copies. The caller still holds the original and wipes it (crypto/wipe.h).
  [[nodiscard]] static std::expected<SecretBytes, CryptoError> copy_of(ByteView bytes);
  // random fills from the source. kNoRandomness when it fails.
  [[nodiscard]] static std::expected<SecretBytes, CryptoError> random(std::size_t size_bytes,
                                                                      RandomSource& source);

  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // reveal lends the bytes; they live as long as this object. Ends the process in a forked child.
  [[nodiscard]] ByteView reveal(SecretAccess access) const;
  [[nodiscard]] std::span<std::uint8_t> writable(SecretAccess access);

  // equals compares in constant time (control S-20).
  [[nodiscard]] bool equals(const SecretBytes& other) const;
  [[nodiscard]] bool equals(ByteView other) const;
  bool operator==(const SecretBytes&) const = delete;

  template <typename Stream>
  friend Stream& operator<<(Stream& stream, const SecretBytes& secret) = delete;

 private:
  SecretBytes(std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  std::uint8_t* bytes_;
  std::size_t size_;
};

}  // namespace counterfoil
