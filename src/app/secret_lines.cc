#include "app/secret_lines.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/secret_input.h"

namespace counterfoil {
namespace {

constexpr std::size_t kReadBytes = 64UL * 1024;

}  // namespace

std::expected<SecretLines, Failure> SecretLines::open(const std::string& path,
                                                      std::size_t line_bytes_max) {
  auto file = open_secret_file(path);
  if (!file) {
    return std::unexpected(file.error());
  }
  struct stat facts{};
  const bool is_regular = ::fstat(file->number(), &facts) == 0 && S_ISREG(facts.st_mode);
  return SecretLines(std::move(*file), line_bytes_max,
                     is_regular ? static_cast<std::uint64_t>(facts.st_size) : 0);
}

// fill reads more behind what is there. The buffer holds a whole line and its end at least.
SecretLines::Filled SecretLines::fill() {
  if (buffer_.empty()) {
    buffer_.resize(line_bytes_max_ + 2 + kReadBytes);
  }
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (true) {
    const ssize_t count = ::read(file_.number(), buffer_.data() + end_, buffer_.size() - end_);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return count == 0 ? Filled::kEnd : Filled::kFault;
    }
    end_ += static_cast<std::size_t>(count);
    return Filled::kMore;
  }
}

SecretLines::Next SecretLines::take(std::size_t size, std::size_t end_bytes,
                                    std::string_view& line) {
  line = std::string_view(buffer_).substr(begin_, size);
  begin_ += size + end_bytes;
  bytes_taken_ += size + end_bytes;
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line.size() > line_bytes_max_ ? Next::kTooLong : Next::kLine;
}

SecretLines::Next SecretLines::next(std::string_view& line) {
  bool passes_over = false;
  while (true) {
    const std::string_view ready = std::string_view(buffer_).substr(begin_, end_ - begin_);
    if (const std::size_t at = ready.find('\n'); at != std::string_view::npos) {
      const Next found = take(at, 1, line);
      return passes_over ? Next::kTooLong : found;
    }
    if (ready.size() > line_bytes_max_ + 1) {  // a CR may still belong to the line end
      passes_over = true;
      bytes_taken_ += ready.size();
      begin_ = end_;
    }
    switch (fill()) {
      case Filled::kMore:
        break;
      case Filled::kFault:
        return Next::kFault;
      case Filled::kEnd:
        if (end_ > begin_) {
          const Next found = take(end_ - begin_, 0, line);
          return passes_over ? Next::kTooLong : found;
        }
        return passes_over ? Next::kTooLong : Next::kEnd;
    }
  }
}

}  // namespace counterfoil
