#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// RootKeyError says why the root key cannot be had. The program then refuses to start (control
// S-04).
enum class RootKeyError : std::uint8_t {
  kMissing,
  kAlreadyThere,  // create_file never overwrites: the old key may be the only one
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
// describe gives one sentence for the operator: what is wrong and what to do.
[[nodiscard]] std::string_view describe(RootKeyError error);

// KeyFileRule says who may read the file besides its owner.
enum class KeyFileRule : std::uint8_t {
  kPrivate,  // nobody
  // The group may read: for files that systemd hands over (LoadCredential=), where the group bits
  // show the access list's entry for the service's user; the folder is closed to all others.
  kServiceCredential,
};

// RootKey wraps the sealing keys, and nothing else. 32 random bytes, kept outside of the store and
// of its backups.
//
// The file holds 64 hex digits of either case and at most one line end (LF): text, so that it can
// be printed and kept in a safe. It must be a regular file (not reached through a symbolic link in
// its last component), belong to the user of the process or to root, and be closed to group and
// others.
class RootKey {
 public:
  static constexpr std::size_t kSizeBytes = 32;

  [[nodiscard]] static std::expected<RootKey, RootKeyError> load(
      const std::filesystem::path& path, KeyFileRule rule = KeyFileRule::kPrivate);
  // create_file makes a new key and writes it, mode 0600, synced to the disk with its folder.
  [[nodiscard]] static std::expected<RootKey, RootKeyError> create_file(
      const std::filesystem::path& path, RandomSource& random);
  // generate makes one that is in no file, for tests and for other sources to come.
  [[nodiscard]] static std::expected<RootKey, RootKeyError> generate(RandomSource& random);

 private:
  // The bytes of the file pass through the locked arena alone.
  [[nodiscard]] static std::expected<RootKey, RootKeyError> parse(ByteView text);
  [[nodiscard]] static std::expected<void, RootKeyError> write(int file, const RootKey& key);

  explicit RootKey(SecretBytes key) : key_(std::move(key)) {}
  friend class SealingKey;

  SecretBytes key_;
};

}  // namespace counterfoil
