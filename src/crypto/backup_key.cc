#include "crypto/backup_key.h"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/hkdf.h"
#include "crypto/key_file.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

constexpr std::string_view kIdPurpose = "counterfoil-backup-key-id-v1";

}  // namespace

std::expected<BackupKey, KeyFileError> BackupKey::load(const std::filesystem::path& path) {
  auto key = KeyFile::load(path, KeyFileRule::kServiceCredential);
  return key ? std::expected<BackupKey, KeyFileError>(BackupKey(std::move(*key)))
             : std::unexpected(key.error());
}

std::expected<BackupKey, KeyFileError> BackupKey::create_file(const std::filesystem::path& path,
                                                              RandomSource& random) {
  auto key = KeyFile::create(path, random);
  return key ? std::expected<BackupKey, KeyFileError>(BackupKey(std::move(*key)))
             : std::unexpected(key.error());
}

std::expected<BackupKey, KeyFileError> BackupKey::generate(RandomSource& random) {
  auto key = KeyFile::generate(random);
  return key ? std::expected<BackupKey, KeyFileError>(BackupKey(std::move(*key)))
             : std::unexpected(key.error());
}

std::expected<SecretBytes, CryptoError> BackupKey::derive(ByteView purpose) const {
  return hkdf_sha256(key_.reveal(SecretAccess()), {}, purpose, kKeyFileKeyBytes);
}

std::expected<BackupKey::Id, CryptoError> BackupKey::id() const {
  const auto derived = derive(as_bytes(kIdPurpose));
  if (!derived) {
    return std::unexpected(derived.error());
  }
  Id id{};
  std::ranges::copy(derived->reveal(SecretAccess()).first(id.size()), id.begin());
  return id;
}

}  // namespace counterfoil
