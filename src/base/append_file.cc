#include "base/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

constexpr mode_t kPrivate = 0600;

AppendFileError error_of(int error) {
  if (error == ELOOP) {
    return AppendFileError::kUnsafe;
  }
  return error == ENOSPC || error == EDQUOT || error == EFBIG ? AppendFileError::kFull
                                                              : AppendFileError::kUnavailable;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The entry of a new file must survive a power cut too.
void sync_directory(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const int directory =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    (void)::fsync(directory);
    ::close(directory);
  }
}

}  // namespace

AppendFile::~AppendFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

std::expected<AppendFile, AppendFileError> AppendFile::open(const std::filesystem::path& path) {
  AppendFile opened(
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivate));
  struct stat facts = {};
  if (opened.file_ < 0 || ::fstat(opened.file_, &facts) != 0) {
    return std::unexpected(error_of(errno));
  }
  if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid() ||
      (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return std::unexpected(AppendFileError::kUnsafe);
  }
  const auto last = opened.read_end(1);
  if (!last) {
    return std::unexpected(last.error());
  }
  opened.ends_within_line_ = !last->empty() && *last != "\n";
  if (facts.st_size == 0) {
    sync_directory(path);
  }
  return opened;
}

std::expected<std::string, AppendFileError> AppendFile::read_end(std::size_t bytes_max) const {
  const off_t end = ::lseek(file_, 0, SEEK_END);
  if (end < 0) {
    return std::unexpected(error_of(errno));
  }
  std::string bytes(std::min(bytes_max, static_cast<std::size_t>(end)), '\0');
  const off_t from = end - static_cast<off_t>(bytes.size());
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file_, bytes.data() + done, bytes.size() - done, from + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return std::unexpected(AppendFileError::kUnavailable);
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::expected<void, AppendFileError> AppendFile::append(std::string_view lines) {
  std::string bytes = ends_within_line_ ? "\n" : "";
  bytes.append(lines).append("\n");
  if (!write_all(file_, bytes) || ::fdatasync(file_) != 0) {
    ends_within_line_ = true;  // What was written of it, nobody knows.
    return std::unexpected(error_of(errno));
  }
  ends_within_line_ = false;
  return {};
}

void AppendFile::hold_room(std::size_t bytes) {
  const off_t end = ::lseek(file_, 0, SEEK_END);
  if (end >= 0) {
    (void)::fallocate(file_, FALLOC_FL_KEEP_SIZE, end, static_cast<off_t>(bytes));
  }
}

}  // namespace counterfoil
