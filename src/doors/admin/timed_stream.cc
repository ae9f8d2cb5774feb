#include "doors/admin/timed_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wiped_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kReadBytes = 16UL * 1024;

}  // namespace

TimedStream::Outcome TimedStream::wait(short events, Instant until) const {
  std::array<pollfd, 2> watched{pollfd{.fd = socket_, .events = events, .revents = 0},
                                pollfd{.fd = stop_, .events = POLLIN, .revents = 0}};
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

TimedStream::Outcome TimedStream::read(WipedText& buffer, std::size_t bytes_max, Instant until) {
  while (true) {
    if (const Outcome ready = wait(POLLIN, until); ready != Outcome::kMoved) {
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

TimedStream::Outcome TimedStream::write(std::string_view bytes, Instant until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) {
      return Outcome::kEnded;
    }
    // A stop does not cut an answer short: the change it tells of has happened.
    const Outcome ready = TimedStream(socket_, -1).wait(POLLOUT, until);
    if (ready != Outcome::kMoved) {
      return ready;
    }
  }
  return Outcome::kMoved;
}

}  // namespace counterfoil
