#include "doors/calls/timed_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"

namespace counterfoil {
namespace {

using Outcome = ByteStream::Outcome;
using Instant = ByteStream::Instant;

constexpr std::size_t kReadBytes = 16UL * 1024;

Outcome wait_for(int socket, int stop, short events, Instant until) {
  std::array<pollfd, 2> watched{pollfd{.fd = socket, .events = events, .revents = 0},
                                pollfd{.fd = stop, .events = POLLIN, .revents = 0}};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const int ready = ::poll(watched.data(), watched.size(),
                             static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
    if (ready < 0 && errno != EINTR) {
      return Outcome::kEnded;
    }
    if (ready > 0) {
      return watched[1].revents != 0 ? Outcome::kStopped : Outcome::kMoved;
    }
    if (std::chrono::steady_clock::now() >= until) {
      return Outcome::kTimedOut;
    }
  }
}

}  // namespace

Outcome TimedStream::wait_readable(Instant until) const {
  return wait_for(socket_, stop_, POLLIN, until);
}

Outcome TimedStream::wait_writable(Instant until) const {
  return wait_for(socket_, -1, POLLOUT, until);
}

bool TimedStream::is_stopped() const {
  pollfd watched{.fd = stop_, .events = POLLIN, .revents = 0};
  return stop_ >= 0 && ::poll(&watched, 1, 0) > 0;
}

Outcome TimedStream::read(WipedText& buffer, std::size_t bytes_max, Instant until) {
  while (true) {
    if (const Outcome ready = wait_readable(until); ready != Outcome::kMoved) {
      return ready;
    }
    const std::size_t size = buffer.size();
    const std::size_t room = std::min(bytes_max, kReadBytes);
    buffer.resize(size + room);
    const ssize_t got = ::recv(socket_, buffer.data() + size, room, 0);
    const int fault = errno;
    buffer.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0) {
      return Outcome::kMoved;
    }
    if (got == 0 || (fault != EAGAIN && fault != EINTR)) {
      return Outcome::kEnded;
    }
  }
}

Outcome TimedStream::write(std::string_view bytes, Instant until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) {
      return Outcome::kEnded;
    }
    if (const Outcome ready = wait_writable(until); ready != Outcome::kMoved) {
      return ready;
    }
  }
  return Outcome::kMoved;
}

}  // namespace counterfoil
