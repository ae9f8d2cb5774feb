#include "authority/checkpoint_file.h"

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
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/problem.h"

namespace counterfoil {
namespace {

constexpr mode_t kPrivate = 0600;
// Longer than any two checkpoints, so that the end of the file holds a whole one.
constexpr std::size_t kTailBytes = 16UL * 1024;

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

std::optional<std::string> read_at(int file, off_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, size - done, offset + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return std::nullopt;
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
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

CheckpointFile::~CheckpointFile() { ::close(file_); }

Problem CheckpointFile::unavailable() const {
  return {.kind = Problem::Kind::kUnavailable,
          .reason = "checkpoint_file_unavailable",
          .detail = path_ + " cannot be read or written: look at its disk and its permissions"};
}

std::expected<std::unique_ptr<CheckpointFile>, Problem> CheckpointFile::open(
    const std::filesystem::path& path) {
  const int file =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivate);
  std::unique_ptr<CheckpointFile> opened(new CheckpointFile(file, path.string()));
  if (file < 0) {
    return std::unexpected(opened->unavailable());
  }
  struct stat facts = {};
  if (::fstat(file, &facts) != 0) {
    return std::unexpected(opened->unavailable());
  }
  if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid() ||
      (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return std::unexpected(
        Problem{.kind = Problem::Kind::kUnavailable,
                .reason = "checkpoint_file_unsafe",
                .detail = opened->path_ +
                          " must be a regular file of this user that nobody else can write to: "
                          "set its owner and mode (0600), or name another file"});
  }
  if (const auto read = opened->read_newest(); !read) {
    return std::unexpected(read.error());
  }
  if (facts.st_size == 0) {
    sync_directory(path);
  }
  return opened;
}

std::expected<void, Problem> CheckpointFile::read_newest() {
  const off_t end = ::lseek(file_, 0, SEEK_END);
  const auto size = static_cast<off_t>(kTailBytes);
  const off_t from = std::max<off_t>(end - size, 0);
  const auto tail =
      end < 0 ? std::nullopt : read_at(file_, from, static_cast<std::size_t>(end - from));
  if (!tail) {
    return std::unexpected(unavailable());
  }
  ends_within_line_ = !tail->empty() && !tail->ends_with('\n');
  std::vector<std::string> lines = checkpoint_lines(*tail);
  if (!lines.empty()) {
    newest_ = std::move(lines.back());
  }
  return {};
}

std::expected<void, Problem> CheckpointFile::take(std::string_view line) {
  std::string bytes = ends_within_line_ ? "\n" : "";
  bytes.append(line).append("\n");
  if (!write_all(file_, bytes) || ::fdatasync(file_) != 0) {
    ends_within_line_ = true;  // What was written of it, nobody knows.
    return std::unexpected(unavailable());
  }
  ends_within_line_ = false;
  return {};
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
