#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <utility>

#include "base/random.h"
#include "crypto/key_file.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// RootKeyError says why the root key cannot be had. The program then refuses to start (control
// S-04).
using RootKeyError = KeyFileError;

// RootKey wraps the sealing keys, and nothing else. 32 random bytes in a key file
// (crypto/key_file.h), kept outside of the store and of its backups.
class RootKey {
 public:
  static constexpr std::size_t kSizeBytes = kKeyFileKeyBytes;

  [[nodiscard]] static std::expected<RootKey, RootKeyError> load(
      const std::filesystem::path& path, KeyFileRule rule = KeyFileRule::kPrivate);
  // create_file makes a new key and writes it, mode 0600, synced to the disk with its folder.
  [[nodiscard]] static std::expected<RootKey, RootKeyError> create_file(
      const std::filesystem::path& path, RandomSource& random);
  // replace_file puts this key into the file at `path` in one step; the old file stays as `old_as`
  // (KeyFile::replace).
  [[nodiscard]] std::expected<void, RootKeyError> replace_file(
      const std::filesystem::path& path, const std::filesystem::path& old_as) const;
  // generate makes one that is in no file, for tests and for other sources to come.
  [[nodiscard]] static std::expected<RootKey, RootKeyError> generate(RandomSource& random);

 private:
  explicit RootKey(SecretBytes key) : key_(std::move(key)) {}
  friend class SealingKey;

  SecretBytes key_;
};

}  // namespace counterfoil
