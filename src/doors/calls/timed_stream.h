#pragma once

#include <cstddef>
#include <string_view>

#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"

namespace counterfoil {

// TimedStream is a connected, non-blocking socket without TLS. It owns nothing.
class TimedStream final : public ByteStream {
 public:
  // `stop` becomes readable when everything is to end; -1: nothing ends it.
  TimedStream(int socket, int stop) : socket_(socket), stop_(stop) {}

  [[nodiscard]] Outcome read(WipedText& buffer, std::size_t bytes_max, Instant until) override;
  [[nodiscard]] Outcome write(std::string_view bytes, Instant until) override;
  [[nodiscard]] bool is_stopped() const override;

  // wait_readable, wait_writable: kMoved once the socket is, or is broken. A stop does not end a
  // wait for room to write: the change that an answer tells of has happened.
  [[nodiscard]] Outcome wait_readable(Instant until) const;
  [[nodiscard]] Outcome wait_writable(Instant until) const;
  [[nodiscard]] int socket() const { return socket_; }

 private:
  int socket_;
  int stop_;
};

}  // namespace counterfoil
