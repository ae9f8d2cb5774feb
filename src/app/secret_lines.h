#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "base/wiped_text.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {

// SecretLines reads a file of secrets line by line, however long it is, in a buffer that is wiped.
// The file must be closed to others (open_secret_file). One thread.
class SecretLines {
 public:
  enum class Next : std::uint8_t {
    kLine,     // `line` is one, without its line end
    kTooLong,  // it has more than `line_bytes_max` bytes and was passed over
    kEnd,
    kFault,  // the file cannot be read any further
  };

  [[nodiscard]] static std::expected<SecretLines, Failure> open(const std::string& path,
                                                                std::size_t line_bytes_max);

  // next gives the next line, valid until it is called again.
  [[nodiscard]] Next next(std::string_view& line);
  // bytes_taken is how much of the file the lines given so far were; bytes is all of it, 0 where
  // that is not known.
  [[nodiscard]] std::uint64_t bytes_taken() const { return bytes_taken_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const Descriptor& file() const { return file_; }

 private:
  SecretLines(Descriptor file, std::size_t line_bytes_max, std::uint64_t bytes)
      : file_(std::move(file)), line_bytes_max_(line_bytes_max), bytes_(bytes) {}
  enum class Filled : std::uint8_t { kMore, kEnd, kFault };
  [[nodiscard]] Filled fill();
  [[nodiscard]] Next take(std::size_t size, std::size_t end_bytes, std::string_view& line);

  Descriptor file_;
  std::size_t line_bytes_max_;
  std::uint64_t bytes_;
  std::uint64_t bytes_taken_ = 0;
  WipedText buffer_;
  std::size_t begin_ = 0;  // of what was not given yet
  std::size_t end_ = 0;
};

}  // namespace counterfoil
