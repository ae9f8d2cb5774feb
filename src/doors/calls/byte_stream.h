#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wiped_text.h"

namespace counterfoil {

// ByteStream reads and writes one connection by waiting for it, with time limits. One thread.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  ByteStream(ByteStream&&) = delete;
  ByteStream& operator=(ByteStream&&) = delete;
  virtual ~ByteStream() = default;

  using Instant = std::chrono::steady_clock::time_point;
  enum class Outcome : std::uint8_t { kMoved, kEnded, kTimedOut, kStopped };

  // read appends what has arrived, at least one byte, to `buffer` (at most `bytes_max` of it).
  [[nodiscard]] virtual Outcome read(WipedText& buffer, std::size_t bytes_max, Instant until) = 0;
  // write sends everything. kEnded: the peer has closed.
  [[nodiscard]] virtual Outcome write(std::string_view bytes, Instant until) = 0;
  // is_stopped: everything is to end.
  [[nodiscard]] virtual bool is_stopped() const = 0;
};

}  // namespace counterfoil
