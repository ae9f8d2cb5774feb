#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

namespace counterfoil::net {

// SocketPair is a connected pair of non-blocking stream sockets: `ours` for what is tested, and the
// peer of a test.
class SocketPair {
 public:
  SocketPair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()) != 0) {
      ends_ = {-1, -1};
    }
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  SocketPair(SocketPair&&) = delete;
  SocketPair& operator=(SocketPair&&) = delete;
  ~SocketPair() {
    close_ours();
    close_peer();
  }

  [[nodiscard]] int ours() const { return ends_[0]; }
  [[nodiscard]] int peer() const { return ends_[1]; }
  // give_ours hands our end over.
  [[nodiscard]] int give_ours() { return std::exchange(ends_[0], -1); }
  [[nodiscard]] bool peer_sends(std::string_view bytes) const {
    return ::write(ends_[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  }
  void close_ours() { close(ends_[0]); }
  void close_peer() { close(ends_[1]); }

 private:
  static void close(int& end) {
    if (end >= 0) {
      ::close(std::exchange(end, -1));
    }
  }
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace counterfoil::net
