#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// For tests alone: a client that sends what it is given and reads answers.
#include "doors/rest/test_header_field.h"

namespace counterfoil::rest_test {

// ClientAnswer is one answer; status 0: there was none.
struct ClientAnswer {
  int status = 0;
  std::string head;
  std::string body;      // decoded, if it came in chunks
  bool is_whole = true;  // the connection did not end in the middle

  [[nodiscard]] std::string field(std::string_view name) const { return header_field(head, name); }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (receive_buffer > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  TestClient(TestClient&&) = delete;
  TestClient& operator=(TestClient&&) = delete;
  ~TestClient() { ::close(socket_); }

  [[nodiscard]] bool is_connected() const { return is_connected_; }

  // send returns false when the other side has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  // read reads the next answer. Interim ones are passed over and counted.
  ClientAnswer read(std::string_view method = "GET") {
    for (;;) {
      ClientAnswer answer = read_one(method);
      if (answer.status < 100 || answer.status >= 200) {
        return answer;
      }
      ++interim_;
    }
  }
  [[nodiscard]] int interim() const { return interim_; }
  // read_interim reads one answer that must be a 1xx, or returns its status.
  int read_interim() { return read_one("GET").status; }

  ClientAnswer call(std::string_view request) {
    send(request);
    return read(request.substr(0, request.find(' ')));
  }
  // is_closed waits until the other side has closed; false: it sent something, or did nothing.
  bool is_closed() {
    if (!received_.empty()) {
      return false;
    }
    char byte = 0;
    const auto size = ::recv(socket_, &byte, 1, 0);
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }
  // wait_for_bytes waits until something has come, and leaves it there.
  bool wait_for_bytes() {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK) == 1;
  }
  [[nodiscard]] const std::string& left_over() const { return received_; }

 private:
  ClientAnswer read_one(std::string_view method) {
    ClientAnswer answer;
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_some()) {
        return answer;
      }
    }
    answer.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    if (method == "HEAD" || answer.status < 200 || answer.status == 204 || answer.status == 304) {
      return answer;
    }
    if (answer.field("transfer-encoding") == "chunked") {
      answer.is_whole = read_chunks(answer.body);
    } else if (answer.field("content-length") != "<none>") {
      answer.is_whole = read_exactly(std::stoul(answer.field("content-length")), answer.body);
    } else {
      while (read_some()) {
      }
      answer.body = std::exchange(received_, {});
    }
    return answer;
  }
  bool read_exactly(std::size_t size, std::string& into) {
    while (received_.size() < size) {
      if (!read_some()) {
        into += std::exchange(received_, {});
        return false;
      }
    }
    into.append(received_, 0, size);
    received_.erase(0, size);
    return true;
  }
  bool read_chunks(std::string& into) {
    for (;;) {
      std::size_t end = std::string::npos;
      while ((end = received_.find("\r\n")) == std::string::npos) {
        if (!read_some()) {
          return false;
        }
      }
      const std::size_t size = std::stoul(received_.substr(0, end), nullptr, 16);
      received_.erase(0, end + 2);
      std::string line_end;
      if (!read_exactly(size, into) || !read_exactly(2, line_end)) {
        return false;
      }
      if (size == 0) {
        return true;
      }
    }
  }
  bool read_some() {
    std::string piece(65536, '\0');
    const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) {
      return false;
    }
    received_.append(piece, 0, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  bool is_connected_ = false;
  std::string received_;
  int interim_ = 0;
};

}  // namespace counterfoil::rest_test
