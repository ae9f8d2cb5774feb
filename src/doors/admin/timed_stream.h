#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wiped_text.h"

namespace counterfoil {

// TimedStream reads and writes one connected, non-blocking socket by waiting for it, with time
// limits. One thread. It owns nothing.
class TimedStream {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // `stop` becomes readable when everything is to end; -1: nothing ends it.
  TimedStream(int socket, int stop) : socket_(socket), stop_(stop) {}

  enum class Outcome : std::uint8_t { kMoved, kEnded, kTimedOut, kStopped };
  // read appends what has arrived, at least one byte, to `buffer` (at most `bytes_max` of it).
  [[nodiscard]] Outcome read(WipedText& buffer, std::size_t bytes_max, Instant until);
  // write sends everything. kEnded: the peer has closed.
  [[nodiscard]] Outcome write(std::string_view bytes, Instant until);

 private:
  [[nodiscard]] Outcome wait(short events, Instant until) const;

  int socket_;
  int stop_;
};

}  // namespace counterfoil
