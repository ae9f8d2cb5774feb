#include "crypto/root_key.h"

#include <expected>
#include <filesystem>
#include <utility>

#include "base/random.h"
#include "crypto/key_file.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

std::expected<RootKey, RootKeyError> RootKey::load(const std::filesystem::path& path,
                                                   KeyFileRule rule) {
  auto key = KeyFile::load(path, rule);
  return key ? std::expected<RootKey, RootKeyError>(RootKey(std::move(*key)))
             : std::unexpected(key.error());
}

std::expected<RootKey, RootKeyError> RootKey::create_file(const std::filesystem::path& path,
                                                          RandomSource& random) {
  auto key = KeyFile::create(path, random);
  return key ? std::expected<RootKey, RootKeyError>(RootKey(std::move(*key)))
             : std::unexpected(key.error());
}

std::expected<void, RootKeyError> RootKey::replace_file(const std::filesystem::path& path,
                                                        const std::filesystem::path& old_as) const {
  return KeyFile::replace(path, old_as, key_);
}

std::expected<RootKey, RootKeyError> RootKey::generate(RandomSource& random) {
  auto key = KeyFile::generate(random);
  return key ? std::expected<RootKey, RootKeyError>(RootKey(std::move(*key)))
             : std::unexpected(key.error());
}

}  // namespace counterfoil
