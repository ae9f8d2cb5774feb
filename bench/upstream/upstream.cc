#include "upstream/upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "net/message_head.h"
#include "net/poll_set.h"

namespace counterfoil {
namespace {

// Head and body, as they travel.
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json;charset=UTF-8\r\n"
    "Content-Length: 118\r\n"
    "\r\n"
    R"({"symbol":"BTCUSDT","orderId":28,"price":"0.10000000","origQty":"1.00000000","status":"FILLED","time":1499827319559})"
    "  ";
static_assert(kAnswer.size() - kAnswer.find("\r\n\r\n") - 4 == kUpstreamBodyBytes);

constexpr int kBacklog = 1024;

std::unexpected<std::error_code> last_error() {
  return std::unexpected(std::error_code(errno, std::generic_category()));
}

sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);  // The socket calls want it so.
}

}  // namespace

Upstream::Upstream(Descriptor listener, std::uint16_t port)
    : listener_(std::move(listener)),
      port_(port),
      polls_(std::make_unique<PollSet>()),
      chunk_(std::make_unique<Chunk>()) {}

std::expected<Upstream, std::error_code> Upstream::listen(std::uint16_t port) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.is_open()) {
    return last_error();
  }
  const int yes = 1;
  ::setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener.number(), generic(address), size) != 0 ||
      ::listen(listener.number(), kBacklog) != 0 ||
      ::getsockname(listener.number(), generic(address), &size) != 0) {
    return last_error();
  }
  return Upstream(std::move(listener), ntohs(address.sin_port));
}

void Upstream::serve(const std::atomic<bool>& stop) {
  constexpr std::chrono::milliseconds kLookAtStop{100};
  const auto listener = static_cast<std::uint64_t>(listener_.number());
  if (!polls_->watch(listener_.number(), listener, Interest::kRead)) {
    return;
  }
  while (!stop.load(std::memory_order_relaxed)) {
    for (const epoll_event& event : polls_->wait(kLookAtStop)) {
      if (event.data.u64 == listener) {
        accept_clients();
        continue;
      }
      const auto found = clients_.find(event.data.u64);
      if (found != clients_.end() && !(receive(found->second) && flush(found->second))) {
        clients_.erase(found);
      }
    }
  }
}

void Upstream::accept_clients() {
  while (true) {
    Descriptor socket(
        ::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
      return;
    }
    const int yes = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const auto number = static_cast<std::uint64_t>(socket.number());
    if (polls_->watch(socket.number(), number, Interest::kRead)) {
      clients_.insert_or_assign(number, Client{.socket = std::move(socket)});
    }
  }
}

bool Upstream::receive(Client& client) {
  const ssize_t size = ::recv(client.socket.number(), chunk_->data(), chunk_->size(), 0);
  if (size <= 0) {
    return size < 0 && errno == EAGAIN;
  }
  const std::string_view arrived(chunk_->data(), static_cast<std::size_t>(size));
  if (client.received.empty()) {
    const auto taken = answer_all(arrived, client);
    client.received = arrived.substr(taken.value_or(0));
    return taken.has_value();
  }
  client.received += arrived;
  const auto taken = answer_all(client.received, client);
  client.received.erase(0, taken.value_or(0));
  return taken.has_value();
}

std::optional<std::size_t> Upstream::answer_all(std::string_view bytes, Client& client) {
  std::size_t taken = 0;
  while (true) {
    const auto head = read_message_head(bytes.substr(taken));
    if (!head) {
      return std::nullopt;
    }
    if (!*head || (*head)->message_bytes() > bytes.size() - taken) {
      return taken;
    }
    taken += (*head)->message_bytes();
    client.unsent += kAnswer;
  }
}

bool Upstream::flush(Client& client) {
  if (client.unsent.empty()) {
    return true;
  }
  const ssize_t sent =
      ::send(client.socket.number(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    return false;
  }
  client.unsent.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  const bool waits_to_write = !client.unsent.empty();
  if (waits_to_write == client.waits_to_write) {
    return true;
  }
  client.waits_to_write = waits_to_write;
  return polls_->watch(client.socket.number(), static_cast<std::uint64_t>(client.socket.number()),
                       waits_to_write ? Interest::kReadAndWrite : Interest::kRead);
}

}  // namespace counterfoil
