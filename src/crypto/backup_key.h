#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/key_file.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// BackupKey seals backups (control S-85), and nothing else: 32 random bytes in a key file of their
// own (crypto/key_file.h), not derived from the root key, so that neither of the two gives away
// what the other one protects.
class BackupKey {
 public:
  // Id tells which key a backup was sealed with; it is not secret.
  using Id = std::array<std::uint8_t, 8>;

  [[nodiscard]] static std::expected<BackupKey, KeyFileError> load(
      const std::filesystem::path& path);
  // create_file makes a new key and writes it, mode 0600, synced to the disk with its folder.
  [[nodiscard]] static std::expected<BackupKey, KeyFileError> create_file(
      const std::filesystem::path& path, RandomSource& random);
  // generate makes one that is in no file, for tests.
  [[nodiscard]] static std::expected<BackupKey, KeyFileError> generate(RandomSource& random);

  [[nodiscard]] std::expected<Id, CryptoError> id() const;

 private:
  explicit BackupKey(SecretBytes key) : key_(std::move(key)) {}
  friend class ChunkCipher;
  // derive gives 32 bytes that serve `purpose` alone (HKDF-SHA-256).
  [[nodiscard]] std::expected<SecretBytes, CryptoError> derive(ByteView purpose) const;

  SecretBytes key_;
};

}  // namespace counterfoil
