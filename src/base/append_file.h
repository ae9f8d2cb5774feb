#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace counterfoil {

enum class AppendFileError : std::uint8_t {
  kUnsafe,       // not a regular file of this user alone, or reached through a symbolic link
  kFull,         // no space left on the disk
  kUnavailable,  // cannot be opened, read or written
};

// AppendFile is a text file that only grows, line by line: it is opened for appending alone, so it
// may carry the system's append-only attribute (chattr +a), and may lie on another disk. One thread
// at a time.
class AppendFile {
 public:
  // open makes the file (0600) when there is none. It must be a regular file, not reached through a
  // symbolic link in its last component, of this user, and not writable by others.
  [[nodiscard]] static std::expected<AppendFile, AppendFileError> open(
      const std::filesystem::path& path);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  AppendFile(AppendFile&& other) noexcept
      : file_(std::exchange(other.file_, -1)), ends_within_line_(other.ends_within_line_) {}
  AppendFile& operator=(AppendFile&&) = delete;
  ~AppendFile();

  // read_end gives the last `bytes_max` bytes, or all there are.
  [[nodiscard]] std::expected<std::string, AppendFileError> read_end(std::size_t bytes_max) const;

  // append writes one line or several, divided by LF and without the last one's, and syncs them to
  // the disk before it returns. After an error a part of them may be there: what is appended next
  // begins on a new line.
  [[nodiscard]] std::expected<void, AppendFileError> append(std::string_view lines);

  // hold_room asks the file system for `bytes` behind the file's end, so that lines can be written
  // on a full disk. Not every file system can; then nothing happens.
  void hold_room(std::size_t bytes);

 private:
  explicit AppendFile(int file) : file_(file) {}

  int file_;
  bool ends_within_line_ = false;
};

}  // namespace counterfoil
