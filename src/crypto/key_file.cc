#include "crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

struct Row {
  KeyFileError error;
  std::string_view text;
};

constexpr Row kRows[] = {
    {KeyFileError::kMissing,
     "there is no such key file; restore it from your safe copy, or make one when first setting "
     "up"},
    {KeyFileError::kAlreadyThere,
     "there is a key file already and it is never overwritten: what it sealed could not be opened "
     "any more"},
    {KeyFileError::kSymbolicLink, "the key file is a symbolic link; name the file itself"},
    {KeyFileError::kNotRegularFile, "the key file is not a regular file"},
    {KeyFileError::kOpenToOthers,
     "the key file can be read or written by others; set its mode to 0600 (chmod 600), and if "
     "others have used this machine, take the key for known and change it"},
    {KeyFileError::kForeignOwner,
     "the key file belongs to another user; it must belong to the user of this program or root"},
    {KeyFileError::kFormWrong,
     "the key file does not hold 64 hex digits; restore it from your safe copy"},
    {KeyFileError::kUnreadable, "the key file cannot be read by this user"},
    {KeyFileError::kNotWritten,
     "the key file could not be written; look at the folder's owner, its mode and the free space"},
    {KeyFileError::kNoRandomness,
     "the system's random source failed and no key was made; see the kernel's log"},
    {KeyFileError::kNoSecretMemory,
     "no locked memory is left for the key; raise the limit (LimitMEMLOCK= in the service unit, "
     "ulimit -l in a shell), or permit unlocked memory in the settings"},
};
static_assert(std::size(kRows) == std::to_underlying(KeyFileError::kNoSecretMemory) + 1U);
static_assert(std::ranges::all_of(kRows, [](const Row& row) {
  return &row - kRows == std::to_underlying(row.error);  // Row n describes enumerator n.
}));

constexpr std::size_t kHexDigits = kKeyFileKeyBytes * 2;
constexpr std::size_t kFileBytesMax = kHexDigits + 1;  // and a line end
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&&) = delete;
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

KeyFileError open_error(int error) {
  switch (error) {
    case ENOENT:
      return KeyFileError::kMissing;
    case ELOOP:  // What O_NOFOLLOW gives for a symbolic link.
      return KeyFileError::kSymbolicLink;
    default:
      return KeyFileError::kUnreadable;
  }
}

// Checks the open file, not its name: the name may mean another file a moment later.
std::optional<KeyFileError> check_file(int file, KeyFileRule rule) {
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    return KeyFileError::kUnreadable;
  }
  if (!S_ISREG(status.st_mode)) {
    return KeyFileError::kNotRegularFile;
  }
  const mode_t granted = rule == KeyFileRule::kServiceCredential ? S_IRGRP : 0;
  if ((status.st_mode & (S_IRWXG | S_IRWXO) & ~granted) != 0) {
    return KeyFileError::kOpenToOthers;
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return KeyFileError::kForeignOwner;
  }
  return std::nullopt;
}

// read_up_to fills `out` as far as the file goes. nullopt: it cannot be read.
std::optional<std::size_t> read_up_to(int file, std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::read(file, out.data() + done, out.size() - done);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return std::nullopt;
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

bool sync_folder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.descriptor()) == 0;
}

}  // namespace

std::string_view describe(KeyFileError error) { return kRows[std::to_underlying(error)].text; }

std::expected<SecretBytes, KeyFileError> KeyFile::generate(RandomSource& random) {
  auto key = SecretBytes::random(kKeyFileKeyBytes, random);
  if (!key) {
    return std::unexpected(key.error() == CryptoError::kNoRandomness
                               ? KeyFileError::kNoRandomness
                               : KeyFileError::kNoSecretMemory);
  }
  return std::move(*key);
}

std::expected<SecretBytes, KeyFileError> KeyFile::parse(std::string_view text) {
  auto key = SecretBytes::create(kKeyFileKeyBytes);
  if (!key) {
    return std::unexpected(KeyFileError::kNoSecretMemory);
  }
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (!from_hex_into(text, key->writable(SecretAccess()))) {
    return std::unexpected(KeyFileError::kFormWrong);
  }
  return std::move(*key);
}

std::expected<SecretBytes, KeyFileError> KeyFile::load(const std::filesystem::path& path,
                                                       KeyFileRule rule) {
  // O_NONBLOCK: a named pipe in the file's place is refused, not waited for.
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    return std::unexpected(open_error(errno));
  }
  if (const auto refused = check_file(file.descriptor(), rule)) {
    return std::unexpected(*refused);
  }
  auto text =
      SecretBytes::create(kFileBytesMax + 1);  // One more, to notice a file that is too long.
  if (!text) {
    return std::unexpected(KeyFileError::kNoSecretMemory);
  }
  const auto buffer = text->writable(SecretAccess());
  const auto size = read_up_to(file.descriptor(), buffer);
  if (!size) {
    return std::unexpected(KeyFileError::kUnreadable);
  }
  return parse(as_text(buffer.first(*size)));
}

std::expected<void, KeyFileError> KeyFile::write(int file, const SecretBytes& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  auto text = SecretBytes::create(kFileBytesMax);
  if (!text) {
    return std::unexpected(KeyFileError::kNoSecretMemory);
  }
  const auto buffer = text->writable(SecretAccess());
  std::size_t at = 0;
  for (const std::uint8_t byte : key.reveal(SecretAccess())) {
    buffer[at++] = static_cast<std::uint8_t>(kDigits[byte >> 4U]);
    buffer[at++] = static_cast<std::uint8_t>(kDigits[byte & 0x0fU]);
  }
  buffer[at] = '\n';
  if (!write_all(file, buffer)) {
    return std::unexpected(KeyFileError::kNotWritten);
  }
  return {};
}

std::expected<void, KeyFileError> KeyFile::replace(const std::filesystem::path& path,
                                                   const std::filesystem::path& old_as,
                                                   const SecretBytes& key) {
  const std::filesystem::path next = path.string() + ".being-replaced";
  ::unlink(next.c_str());  // what a crash left behind
  const File file(
      ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) {
    return std::unexpected(KeyFileError::kNotWritten);
  }
  auto written = write(file.descriptor(), key);
  const bool kept = written && (::link(path.c_str(), old_as.c_str()) == 0 || errno == EEXIST);
  if (!kept || ::rename(next.c_str(), path.c_str()) != 0) {
    ::unlink(next.c_str());
    return written ? std::unexpected(KeyFileError::kNotWritten) : written;
  }
  // The new name is there; that it will be there after a power cut is known once this succeeds.
  return sync_folder(path) ? std::expected<void, KeyFileError>()
                           : std::unexpected(KeyFileError::kNotWritten);
}

std::expected<SecretBytes, KeyFileError> KeyFile::create(const std::filesystem::path& path,
                                                         RandomSource& random) {
  auto key = generate(random);
  if (!key) {
    return key;
  }
  const File file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) {
    return std::unexpected(errno == EEXIST ? KeyFileError::kAlreadyThere
                                           : KeyFileError::kNotWritten);
  }
  const auto written = write(file.descriptor(), *key);
  if (!written || !sync_folder(path)) {
    ::unlink(path.c_str());  // Half a key must not look like one.
    return std::unexpected(written ? KeyFileError::kNotWritten : written.error());
  }
  return key;
}

}  // namespace counterfoil
