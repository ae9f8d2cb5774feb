#include "sqlite_file/store_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateDirectory = 0700;
constexpr mode_t kWritableByOthers = 0022;
constexpr mode_t kOpenToOthers = 0077;

std::unexpected<StoreOpenError> refuse(StoreOpenErrorKind kind, std::string sentence) {
  return std::unexpected(StoreOpenError{.kind = kind, .sentence = std::move(sentence)});
}

std::string reason_of(int error) { return std::generic_category().message(error); }

std::unexpected<StoreOpenError> refuse_access(const std::filesystem::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return refuse(StoreOpenErrorKind::kFull,
                  fmt::format("No space is left on the disk for {}: free some and start again.",
                              path.string()));
  }
  return refuse(StoreOpenErrorKind::kNoAccess,
                fmt::format("{} cannot be opened ({}): give the user that runs this program "
                            "access to it, or name another place.",
                            path.string(), reason_of(error)));
}

std::expected<void, StoreOpenError> check_directory(int descriptor,
                                                    const std::filesystem::path& path) {
  struct stat facts{};
  if (fstat(descriptor, &facts) != 0) {
    return refuse_access(path, errno);
  }
  if (facts.st_uid != geteuid()) {
    return refuse(StoreOpenErrorKind::kUnsafeDirectory,
                  fmt::format("The directory {} belongs to another user: run this program as its "
                              "owner, or `chown` it to the user that runs this program.",
                              path.string()));
  }
  if ((facts.st_mode & kWritableByOthers) != 0) {
    return refuse(StoreOpenErrorKind::kUnsafeDirectory,
                  fmt::format("Others can write to the directory {}: run `chmod 700 {}`.",
                              path.string(), path.string()));
  }
  return {};
}

std::expected<void, StoreOpenError> check_file(int descriptor, const std::filesystem::path& path) {
  struct stat facts{};
  if (fstat(descriptor, &facts) != 0) {
    return refuse_access(path, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    return refuse(StoreOpenErrorKind::kUnsafeFile,
                  fmt::format("{} is not a regular file: move it away.", path.string()));
  }
  if (facts.st_uid != geteuid()) {
    return refuse(StoreOpenErrorKind::kUnsafeFile,
                  fmt::format("{} belongs to another user: run this program as its owner, or "
                              "`chown` it to the user that runs this program.",
                              path.string()));
  }
  if ((facts.st_mode & kOpenToOthers) != 0) {
    return refuse(StoreOpenErrorKind::kUnsafeFile,
                  fmt::format("Others can open {}: run `chmod 600 {}`, and consider what was in "
                              "it known to them.",
                              path.string(), path.string()));
  }
  return {};
}

std::unexpected<StoreOpenError> refuse_link_or_access(const std::filesystem::path& path,
                                                      int error) {
  if (error == ELOOP) {
    return refuse(
        StoreOpenErrorKind::kUnsafeFile,
        fmt::format("{} is a symbolic link: name the file it points to instead.", path.string()));
  }
  return refuse_access(path, error);
}

std::expected<std::filesystem::path, StoreOpenError> ready_directory(
    const std::filesystem::path& wanted) {
  if (mkdir(wanted.c_str(), kPrivateDirectory) != 0 && errno != EEXIST) {
    return refuse_access(wanted, errno);
  }
  std::error_code error;
  std::filesystem::path canonical = std::filesystem::canonical(wanted, error);
  if (error) {
    return refuse_access(wanted, error.value());
  }
  return canonical;
}

std::expected<FileHandle, StoreOpenError> take_lock(int directory,
                                                    const std::filesystem::path& store) {
  const std::filesystem::path path = store.string() + ".lock";
  FileHandle lock(openat(directory, path.filename().c_str(),
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivateFile));
  if (!lock) {
    return refuse_link_or_access(path, errno);
  }
  if (const auto checked = check_file(lock.get(), path); !checked) {
    return std::unexpected(checked.error());
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return refuse_access(path, errno);
    }
    return refuse(StoreOpenErrorKind::kInUse,
                  fmt::format("{} is in use by another process: stop that process, or give this "
                              "one another place.",
                              store.string()));
  }
  return lock;
}

}  // namespace

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) {
    (void)close(descriptor_);
  }
}

std::expected<StorePlace, StoreOpenError> take_store_place(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  if (!path.has_filename()) {
    return refuse(StoreOpenErrorKind::kNoAccess,
                  fmt::format("\"{}\" names no file: name the store's file.", path.string()));
  }
  const auto directory_path = ready_directory(parent);
  if (!directory_path) {
    return std::unexpected(directory_path.error());
  }
  StorePlace place;
  place.path = *directory_path / path.filename();
  place.directory = FileHandle(open(directory_path->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!place.directory) {
    return refuse_access(*directory_path, errno);
  }
  if (const auto checked = check_directory(place.directory.get(), *directory_path); !checked) {
    return std::unexpected(checked.error());
  }
  auto lock = take_lock(place.directory.get(), place.path);
  if (!lock) {
    return std::unexpected(lock.error());
  }
  place.lock = std::move(*lock);
  return place;
}

std::expected<StoreFile, StoreOpenError> ensure_store_file(const StorePlace& place) {
  const std::string name = place.path.filename().string();
  if (const FileHandle made(openat(place.directory.get(), name.c_str(),
                                   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                   kPrivateFile));
      made) {
    (void)fsync(place.directory.get());
    return StoreFile{};
  }
  if (errno != EEXIST) {
    return refuse_access(place.path, errno);
  }
  // O_NONBLOCK: a FIFO of this name must not hang the start.
  const FileHandle file(
      openat(place.directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    return refuse_link_or_access(place.path, errno);
  }
  if (const auto checked = check_file(file.get(), place.path); !checked) {
    return std::unexpected(checked.error());
  }
  constexpr std::size_t kHeaderBytes = 100;
  std::array<char, kHeaderBytes> header{};
  const ssize_t got = pread(file.get(), header.data(), header.size(), 0);
  if (got < 0) {
    return refuse_access(place.path, errno);
  }
  return StoreFile{.starts_with = std::string(header.data(), static_cast<std::size_t>(got))};
}

std::expected<FileHandle, StoreOpenError> make_private_file(const StorePlace& place,
                                                            const std::string& file_name) {
  FileHandle made(openat(place.directory.get(), file_name.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateFile));
  if (made) {
    return made;
  }
  const std::filesystem::path path = place.path.parent_path() / file_name;
  if (errno == EEXIST) {
    return refuse(StoreOpenErrorKind::kUnsafeFile,
                  fmt::format("{} is in the way: move it away.", path.string()));
  }
  return refuse_access(path, errno);
}

}  // namespace counterfoil
