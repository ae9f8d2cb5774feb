#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "sqlite_file/open_error.h"

namespace counterfoil {

// FileHandle owns a file descriptor; -1 is none.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileHandle();
  [[nodiscard]] int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// StorePlace is a directory that nobody but us can write to, and the name of a store in it. The
// right to the store is held until the StorePlace ends.
struct StorePlace {
  FileHandle directory;
  FileHandle lock;             // of "<store>.lock"; the system drops it when the process dies
  std::filesystem::path path;  // of the store, without symbolic links
};

// take_store_place makes the directory (0700) when it is missing, though not its parents, checks
// its owner and mode (control S-08) and takes the right to the store.
[[nodiscard]] std::expected<StorePlace, StoreOpenError> take_store_place(
    const std::filesystem::path& path);

// ensure_store_file makes an empty file (0600) or checks the one that is there: a regular file, no
// link, ours, closed to others. `starts_with` of it: up to 100 bytes, empty for a new file.
struct StoreFile {
  std::string starts_with;
};
[[nodiscard]] std::expected<StoreFile, StoreOpenError> ensure_store_file(const StorePlace& place);

// make_private_file makes an empty file (0600) that was not there, beside the store.
//   file_name  without a directory.
// kUnsafeFile: something with this name is there already.
[[nodiscard]] std::expected<FileHandle, StoreOpenError> make_private_file(
    const StorePlace& place, const std::string& file_name);

}  // namespace counterfoil
