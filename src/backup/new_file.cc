#include "backup/new_file.h"

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"

namespace counterfoil {

std::unexpected<Problem> not_written(const std::filesystem::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return problem(Problem::Kind::kUnavailable, "disk_full",
                   path.string() + ": no space is left on the disk; free some and repeat");
  }
  if (error == EEXIST || error == ENOTEMPTY) {
    return problem(Problem::Kind::kInvalid, "backup_not_written",
                   path.string() + " is there already, and nothing is overwritten: name another");
  }
  return problem(Problem::Kind::kUnavailable, "backup_not_written",
                 path.string() + " cannot be written (" + std::generic_category().message(error) +
                     "): look at the folder, its owner and its mode");
}

NewFile::NewFile(int file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)) {}

NewFile::~NewFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

std::expected<NewFile, Problem> NewFile::make(const std::filesystem::path& path) {
  constexpr mode_t kPrivate = 0600;
  NewFile made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivate),
               path);
  if (made.file_ < 0) {
    return not_written(path, errno);
  }
  return made;
}

std::expected<void, Problem> NewFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return not_written(path_, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

std::expected<void, Problem> NewFile::sync() {
  return ::fsync(file_) == 0 ? std::expected<void, Problem>() : not_written(path_, errno);
}

void sync_folder(const std::filesystem::path& folder) {
  const int opened =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened >= 0) {
    (void)::fsync(opened);
    ::close(opened);
  }
}

std::expected<ScratchFolder, Problem> ScratchFolder::make(const std::filesystem::path& parent,
                                                          const std::string& prefix) {
  std::string name = (parent.empty() ? "." : parent) / (prefix + "XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) {
    return not_written(name, errno);
  }
  return ScratchFolder(name);
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
}

}  // namespace counterfoil
