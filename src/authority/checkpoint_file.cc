#include "authority/checkpoint_file.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/append_file.h"

namespace counterfoil {
namespace {

// Longer than any two checkpoints, so that the end of the file holds a whole one.
constexpr std::size_t kTailBytes = 16UL * 1024;

std::unexpected<Problem> refuse(const std::string& path, AppendFileError error) {
  if (error == AppendFileError::kUnsafe) {
    return problem(Problem::Kind::kUnavailable, "checkpoint_file_unsafe",
                   path +
                       " must be a regular file of this user that nobody else can write to: "
                       "set its owner and mode (0600), or name another file");
  }
  return problem(Problem::Kind::kUnavailable, "checkpoint_file_unavailable",
                 path + " cannot be read or written: look at its disk and its permissions");
}

}  // namespace

std::expected<std::unique_ptr<CheckpointFile>, Problem> CheckpointFile::open(
    const std::filesystem::path& path) {
  auto file = AppendFile::open(path);
  const auto end = file ? file->read_end(kTailBytes) : std::unexpected(file.error());
  if (!end) {
    return refuse(path.string(), end.error());
  }
  std::unique_ptr<CheckpointFile> opened(new CheckpointFile(std::move(*file), path.string()));
  if (std::vector<std::string> lines = checkpoint_lines(*end); !lines.empty()) {
    opened->newest_ = std::move(lines.back());
  }
  return opened;
}

std::expected<void, Problem> CheckpointFile::take(std::string_view line) {
  const auto appended = file_.append(line);
  return appended ? std::expected<void, Problem>() : refuse(path_, appended.error());
}

std::vector<std::string> checkpoint_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (parse_checkpoint(line)) {
      lines.emplace_back(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace counterfoil
