#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string_view>

#include "base/random.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// KeyFileError says why a key that lies in a file of its own cannot be had.
enum class KeyFileError : std::uint8_t {
  kMissing,
  kAlreadyThere,  // nothing is overwritten: the old key may be the only one
  kSymbolicLink,
  kNotRegularFile,
  kOpenToOthers,  // the group or everybody can read or write it
  kForeignOwner,  // belongs to neither this user nor root
  kFormWrong,     // not 64 hex digits
  kUnreadable,
  kNotWritten,
  kNoRandomness,
  kNoSecretMemory,
};
// describe gives one sentence for the operator, to stand behind the file's name: what is wrong and
// what to do.
[[nodiscard]] std::string_view describe(KeyFileError error);

// KeyFileRule says who may read the file besides its owner.
enum class KeyFileRule : std::uint8_t {
  kPrivate,  // nobody
  // The group may read: for files that systemd hands over (LoadCredential=), where the group bits
  // show the access list's entry for the service's user; the folder is closed to all others.
  kServiceCredential,
};

inline constexpr std::size_t kKeyFileKeyBytes = 32;

// KeyFile reads and makes the files of the root key and of the backup key: 64 hex digits of either
// case and at most one line end (LF), so that the key can be printed and kept in a safe. It must be
// a regular file (not reached through a symbolic link in its last component), belong to the user of
// the process or to root, and be closed to group and others. The bytes pass through the locked
// arena alone.
class KeyFile {
 public:
  [[nodiscard]] static std::expected<SecretBytes, KeyFileError> load(
      const std::filesystem::path& path, KeyFileRule rule);
  // create makes a new key and writes it, mode 0600, synced to the disk with its folder.
  [[nodiscard]] static std::expected<SecretBytes, KeyFileError> create(
      const std::filesystem::path& path, RandomSource& random);
  // replace puts `key` into the file at `path` in one step: whoever reads it meets the old key or
  // the new one, whole, also after a crash. The file that was there stays under the name `old_as`,
  // in the same folder; one that has that name already is left alone. kNotWritten: `path` is as it
  // was, or the new key is there and was not synced.
  [[nodiscard]] static std::expected<void, KeyFileError> replace(
      const std::filesystem::path& path, const std::filesystem::path& old_as,
      const SecretBytes& key);
  // generate makes one that is in no file.
  [[nodiscard]] static std::expected<SecretBytes, KeyFileError> generate(RandomSource& random);

 private:
  [[nodiscard]] static std::expected<SecretBytes, KeyFileError> parse(std::string_view text);
  [[nodiscard]] static std::expected<void, KeyFileError> write(int file, const SecretBytes& key);
};

}  // namespace counterfoil
