#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <utility>

#include "authority/problem.h"
#include "base/bytes.h"

namespace counterfoil {

// NewFile is a file (0600) that was not there before. One thread.
class NewFile {
 public:
  // Problem: backup_not_written, also when there is a file of this name.
  [[nodiscard]] static std::expected<NewFile, Problem> make(const std::filesystem::path& path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  // write appends. Problem: disk_full, backup_not_written.
  [[nodiscard]] std::expected<void, Problem> write(ByteView bytes);
  [[nodiscard]] std::expected<void, Problem> sync();

 private:
  NewFile(int file, std::filesystem::path path);
  int file_;
  std::filesystem::path path_;
};

// sync_folder syncs the entries of a folder; best effort.
void sync_folder(const std::filesystem::path& folder);

// not_written says why a file could not be written; `error` is an errno.
[[nodiscard]] std::unexpected<Problem> not_written(const std::filesystem::path& path, int error);

// ScratchFolder is a folder (0700) for the time of one work, gone with it.
class ScratchFolder {
 public:
  // make makes "<parent>/<prefix>XXXXXX".
  [[nodiscard]] static std::expected<ScratchFolder, Problem> make(
      const std::filesystem::path& parent, const std::string& prefix);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // keep lets the folder stay: it has another name now.
  void keep() { path_.clear(); }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace counterfoil
