#include "registry/sqlite/reserve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <utility>

namespace counterfoil {

std::uint64_t free_bytes_on_disk(const std::filesystem::path& path) {
  struct statvfs facts{};
  if (statvfs(path.parent_path().c_str(), &facts) != 0) {
    return 0;
  }
  return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

ReserveFile::ReserveFile(std::filesystem::path path, std::uint64_t size_bytes, FreeBytes free_bytes)
    : path_(std::move(path)), size_bytes_(size_bytes), free_bytes_(std::move(free_bytes)) {
  struct stat facts{};
  if (lstat(path_.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
      std::cmp_less_equal(facts.st_size, size_bytes_)) {
    held_bytes_ = static_cast<std::uint64_t>(facts.st_size);
  }
}

bool ReserveFile::release_slice() {
  if (held_bytes_ == 0) {
    return false;
  }
  const std::uint64_t slice = size_bytes_ / kSlices;
  const std::uint64_t kept = held_bytes_ > slice && slice > 0 ? held_bytes_ - slice : 0;
  const int done =
      kept == 0 ? unlink(path_.c_str()) : truncate(path_.c_str(), static_cast<off_t>(kept));
  held_bytes_ = done == 0 ? kept : 0;  // One that cannot be given up is none.
  return done == 0;
}

bool ReserveFile::is_touched() const { return !is_whole() && free_bytes_(path_) < size_bytes_; }

void ReserveFile::take_if_room() {
  if (is_whole() || free_bytes_(path_) < (2 * size_bytes_) - held_bytes_) {
    return;
  }
  constexpr mode_t kPrivateFile = 0600;
  held_bytes_ = 0;
  (void)unlink(path_.c_str());  // One of another size, or left half-made.
  const int file =
      open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateFile);
  if (file < 0) {
    return;
  }
  // posix_fallocate, not truncate: the blocks must really be ours.
  if (posix_fallocate(file, 0, static_cast<off_t>(size_bytes_)) == 0) {
    held_bytes_ = size_bytes_;
  }
  (void)close(file);
  if (held_bytes_ == 0) {
    (void)unlink(path_.c_str());
  }
}

}  // namespace counterfoil
