#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/checkpoint_sink.h"
#include "authority/problem.h"

namespace counterfoil {

// CheckpointFile is a text file of checkpoints, one a line, that only grows: it is opened for
// appending alone, so it may carry the system's append-only attribute (chattr +a), and may lie on
// another disk.
class CheckpointFile final : public CheckpointSink {
 public:
  // open makes the file (0600) when there is none. It must be a regular file, not reached through a
  // symbolic link in its last component, of this user, and not writable by others.
  // Problem: checkpoint_file_unsafe, checkpoint_file_unavailable.
  [[nodiscard]] static std::expected<std::unique_ptr<CheckpointFile>, Problem> open(
      const std::filesystem::path& path);
  ~CheckpointFile() override;
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;
  CheckpointFile(CheckpointFile&&) = delete;
  CheckpointFile& operator=(CheckpointFile&&) = delete;

  // newest is the last whole checkpoint that was in the file when it was opened.
  [[nodiscard]] const std::optional<std::string>& newest() const { return newest_; }

  [[nodiscard]] std::expected<void, Problem> take(std::string_view line) override;

 private:
  CheckpointFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
  [[nodiscard]] std::expected<void, Problem> read_newest();
  [[nodiscard]] Problem unavailable() const;

  int file_;
  std::string path_;
  std::optional<std::string> newest_;
  bool ends_within_line_ = false;  // a crash cut the last write
};

// checkpoint_lines gives the whole checkpoints in a text such as that of a CheckpointFile: what is
// not one (an empty line, a write that a crash cut) is passed over.
[[nodiscard]] std::vector<std::string> checkpoint_lines(std::string_view text);

}  // namespace counterfoil
