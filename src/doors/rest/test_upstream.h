#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// For tests alone: an upstream that notes every request, byte for byte, and answers as it is told.
#include "doors/rest/test_header_field.h"

namespace counterfoil::rest_test {

// SeenRequest is one request as it arrived.
struct SeenRequest {
  std::size_t connection = 0;  // counted from 0
  std::string head;            // with its empty line
  std::string body;

  [[nodiscard]] std::string line() const { return head.substr(0, head.find("\r\n")); }
  [[nodiscard]] std::string target() const {
    const std::string first = line();
    const std::size_t begin = first.find(' ') + 1;
    return first.substr(begin, first.rfind(' ') - begin);
  }
  [[nodiscard]] std::string method() const { return head.substr(0, head.find(' ')); }
  // field gives the value of a header line, found without regard to case; "<none>" if absent.
  [[nodiscard]] std::string field(std::string_view name) const { return header_field(head, name); }
};

// Action is what the upstream does with a request.
struct Action {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  enum class Then : std::uint8_t { kGoOn, kClose, kReset } then = Then::kGoOn;
};

class TestUpstream {
 public:
  using Script = std::function<Action(const SeenRequest&)>;

  // port 0: any free one. Another one: where an upstream stood before.
  explicit TestUpstream(std::uint16_t port = 0)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_port = htons(port);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 64);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  TestUpstream(const TestUpstream&) = delete;
  TestUpstream& operator=(const TestUpstream&) = delete;
  TestUpstream(TestUpstream&&) = delete;
  TestUpstream& operator=(TestUpstream&&) = delete;
  ~TestUpstream() { stop(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // set_script says what to do from now on; without one every request gets the default Action.
  void set_script(Script script) {
    const std::scoped_lock lock(mutex_);
    script_ = std::move(script);
  }
  [[nodiscard]] std::vector<SeenRequest> seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }
  // wait_for_seen returns once so many requests have arrived (their answers may be held).
  bool wait_for_seen(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; });
  }
  // hold keeps the answers to all further requests back; release lets them go.
  void hold() {
    const std::scoped_lock lock(mutex_);
    is_holding_ = true;
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    is_holding_ = false;
    changed_.notify_all();
  }
  // close_connections ends all connections, as a restart does. Nothing is listening meanwhile.
  void close_connections() {
    const std::scoped_lock lock(mutex_);
    for (const int socket : open_) {
      ::shutdown(socket, SHUT_RDWR);
    }
  }
  // wait_until_closed returns once the upstream's side of all connections is closed.
  bool wait_until_closed() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return open_.empty(); });
  }
  [[nodiscard]] std::size_t connections() const { return connections_.load(); }

  void stop() {
    if (std::exchange(is_stopped_, true)) {
      return;
    }
    release();
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    close_connections();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }

 private:
  static constexpr std::chrono::seconds kPatience{10};

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) {
        return;
      }
      const std::scoped_lock lock(mutex_);
      open_.push_back(socket);
      const std::size_t number = connections_++;
      workers_.emplace_back([this, socket, number] { serve(socket, number); });
    }
  }

  void serve(int socket, std::size_t number) {
    std::string received;
    Action::Then then = Action::Then::kGoOn;
    while (then == Action::Then::kGoOn) {
      SeenRequest request{.connection = number, .head = {}, .body = {}};
      if (!read_request(socket, received, request)) {
        break;
      }
      const Action action = act(request);
      std::size_t sent = 0;
      while (sent < action.answer.size()) {
        const auto size =
            ::send(socket, action.answer.data() + sent, action.answer.size() - sent, MSG_NOSIGNAL);
        if (size <= 0) {
          break;
        }
        sent += static_cast<std::size_t>(size);
      }
      then = action.then;
    }
    if (then == Action::Then::kReset) {
      const linger hard{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }
    const std::scoped_lock lock(mutex_);
    std::erase(open_, socket);
    ::close(socket);
    changed_.notify_all();
  }

  Action act(const SeenRequest& request) {
    std::unique_lock lock(mutex_);
    seen_.push_back(request);
    changed_.notify_all();
    const Script script = script_;
    changed_.wait(lock, [&] { return !is_holding_; });
    lock.unlock();
    return script ? script(request) : Action{};
  }

  static bool read_request(int socket, std::string& received, SeenRequest& request) {
    std::size_t end = std::string::npos;
    while ((end = received.find("\r\n\r\n")) == std::string::npos) {
      if (!read_some(socket, received)) {
        return false;
      }
    }
    request.head = received.substr(0, end + 4);
    received.erase(0, end + 4);
    const std::string length = request.field("content-length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    while (received.size() < size) {
      if (!read_some(socket, received)) {
        return false;
      }
    }
    request.body = received.substr(0, size);
    received.erase(0, size);
    return true;
  }

  static bool read_some(int socket, std::string& received) {
    std::string piece(65536, '\0');
    const auto size = ::recv(socket, piece.data(), piece.size(), 0);
    if (size <= 0) {
      return false;
    }
    received.append(piece, 0, static_cast<std::size_t>(size));
    return true;
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  bool is_stopped_ = false;
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Script script_;
  bool is_holding_ = false;
  std::vector<SeenRequest> seen_;
  std::vector<int> open_;
  std::vector<std::thread> workers_;
};

}  // namespace counterfoil::rest_test
