#include "crypto/root_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <utility>

#include "base/random.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

using Kind = RootKeyError::Kind;

std::unexpected<RootKeyError> error(Kind kind, std::string sentence) {
  return std::unexpected(RootKeyError{.kind = kind, .sentence = std::move(sentence)});
}

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
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::expected<void, RootKeyError> check_facts(const std::string& file, const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) {
    return error(Kind::kNotAFile, file + " is not a regular file; name the root key's own file");
  }
  if (facts.st_uid != ::geteuid()) {
    return error(Kind::kWrongOwner, file +
                                        " belongs to another user; run `chown` so that it belongs "
                                        "to the one who runs counterfoil");
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return error(Kind::kTooOpen, file + " may be read by others; run `chmod 600 " + file +
                                     "`, and think about who may have read it");
  }
  if (facts.st_size != static_cast<off_t>(RootKey::kBytes)) {
    return error(Kind::kWrongSize, file +
                                       " does not hold a root key (exactly 32 bytes); restore the "
                                       "right file from your backup");
  }
  return {};
}

}  // namespace

std::expected<RootKey, RootKeyError> RootKey::load(const std::string& file) {
  const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (opened.get() < 0 && errno == ENOENT) {
    return error(
        Kind::kMissing,
        "there is no root key at " + file +
            "; restore it from your backup, or run `counterfoil init` for a new installation");
  }
  struct stat facts{};
  if (opened.get() < 0 || ::fstat(opened.get(), &facts) != 0) {
    return error(
        Kind::kUnreadable,
        file + " cannot be opened; check that it is a file (not a link) and that you may read it");
  }
  if (const auto good = check_facts(file, facts); !good) {
    return std::unexpected(good.error());
  }
  auto bytes = SecretBytes::create(kBytes);
  if (!bytes) {
    return error(Kind::kNoMemory,
                 "memory for secrets could not be locked; raise RLIMIT_MEMLOCK (ulimit -l), or set "
                 "node.allow_unlocked_memory");
  }
  const std::span<std::uint8_t> room = bytes->span_for_filling(SecretAccess{});
  if (::read(opened.get(), room.data(), room.size()) != static_cast<ssize_t>(room.size())) {
    return error(Kind::kUnreadable, file + " could not be read");
  }
  return RootKey(std::move(*bytes));
}

std::expected<RootKey, RootKeyError> RootKey::create(const std::string& file,
                                                     RandomSource& random) {
  auto bytes = SecretBytes::random(kBytes, random);
  if (!bytes) {
    return error(Kind::kNoMemory,
                 bytes.error() == CryptoError::kNoRandomness
                     ? "the system's random source failed; no root key was made"
                     : "memory for secrets could not be locked; raise RLIMIT_MEMLOCK (ulimit -l), "
                       "or set node.allow_unlocked_memory");
  }
  const File opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                           S_IRUSR | S_IWUSR));
  if (opened.get() < 0 && errno == EEXIST) {
    return error(Kind::kExists, file + " exists already and was left as it is");
  }
  const auto view = bytes->reveal(SecretAccess{});
  if (opened.get() < 0 ||
      ::write(opened.get(), view.data(), view.size()) != static_cast<ssize_t>(view.size()) ||
      ::fsync(opened.get()) != 0) {
    return error(Kind::kUnreadable,
                 file + " could not be written; check the directory and the free space");
  }
  return RootKey(std::move(*bytes));
}

}  // namespace counterfoil
