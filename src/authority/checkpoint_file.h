#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/checkpoint_sink.h"
#include "authority/problem.h"
#include "base/append_file.h"

namespace counterfoil {

// CheckpointFile is a text file of checkpoints, one a line, that only grows (base/append_file.h).
class CheckpointFile final : public CheckpointSink {
 public:
  // open makes the file (0600) when there is none.
  // Problem: checkpoint_file_unsafe, checkpoint_file_unavailable.
  [[nodiscard]] static std::expected<std::unique_ptr<CheckpointFile>, Problem> open(
      const std::filesystem::path& path);

  // newest is the last whole checkpoint that was in the file when it was opened.
  [[nodiscard]] const std::optional<std::string>& newest() const { return newest_; }

  [[nodiscard]] std::expected<void, Problem> take(std::string_view line) override;

 private:
  CheckpointFile(AppendFile file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  AppendFile file_;
  std::string path_;
  std::optional<std::string> newest_;
};

// checkpoint_lines gives the whole checkpoints in a text such as that of a CheckpointFile: what is
// not one (an empty line, a write that a crash cut) is passed over.
[[nodiscard]] std::vector<std::string> checkpoint_lines(std::string_view text);

}  // namespace counterfoil
