#include "load/load_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/request_book.h"
#include "load/socket.h"
#include "net/message_head.h"
#include "net/poll_set.h"

namespace counterfoil {
namespace {

using std::chrono::steady_clock;

// A wait this long only serves to look at the clock again.
constexpr std::chrono::milliseconds kLongestWait{50};

RequestBook::Milliseconds wall_clock() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

LoadLoop::LoadLoop(LoadPlan plan, RequestBook& book) : plan_(plan), book_(book) {}

std::expected<LoadResult, std::string> LoadLoop::run() {
  for (std::size_t number = 0; number < plan_.connections; ++number) {
    connections_.push_back(std::make_unique<Connection>());
    if (auto made = connect(number); !made) {
      return std::unexpected(std::move(made.error()));
    }
  }
  start_ = steady_clock::now();
  from_ = start_ + plan_.warm_up;
  until_ = from_ + plan_.measured;
  const Instant give_up = until_ + kDrainFor;
  for (Instant now = start_; now < until_ || (in_flight_ > 0 && now < give_up);
       now = steady_clock::now()) {
    send_what_is_due(now);
    for (const epoll_event& event : polls_.wait(next_wake(now) - now)) {
      handle(static_cast<std::size_t>(event.data.u64), event.events);
    }
  }
  result_.measured = plan_.measured;
  for (const auto& connection : connections_) {
    result_.unanswered += connection->in_flight && connection->due >= from_ ? 1U : 0U;
  }
  if (is_open_loop()) {
    for (; due_at(sent_) < until_; ++sent_) {
      result_.unanswered += due_at(sent_) >= from_ ? 1U : 0U;
    }
  }
  return std::move(result_);
}

std::expected<void, std::string> LoadLoop::connect(std::size_t number) {
  Connection& connection = *connections_[number];
  auto socket = Socket::connect(plan_.port, plan_.tls,
                                plan_.spread ? static_cast<std::uint16_t>(number + 1) : 0);
  if (!socket) {
    return std::unexpected(std::move(socket.error()));
  }
  connection.socket = *std::move(socket);
  connection.received = 0;
  connection.in_flight = false;
  if (!polls_.watch(connection.socket->descriptor(), number, Interest::kRead)) {
    return std::unexpected("the kernel does not watch the connection");
  }
  idle_.push_back(number);
  return {};
}

LoadLoop::Instant LoadLoop::due_at(std::uint64_t request) const {
  const std::chrono::duration<double> offset(static_cast<double>(request) / plan_.rate.value_or(1));
  return start_ + std::chrono::duration_cast<std::chrono::nanoseconds>(offset);
}

LoadLoop::Instant LoadLoop::next_wake(Instant now) const {
  const Instant latest = now + kLongestWait;
  if (now >= until_) {
    return latest;
  }
  const bool waits_for_time = is_open_loop() && !idle_.empty();
  return std::min({latest, until_, waits_for_time ? due_at(sent_) : latest});
}

void LoadLoop::send_what_is_due(Instant now) {
  while (!idle_.empty() && now < until_) {
    const Instant due = is_open_loop() ? due_at(sent_) : now;
    if (due > now || due >= until_) {
      return;
    }
    const std::size_t number = idle_.front();
    idle_.pop_front();
    send(number, due);
  }
  // What fell due before the end and found no connection is still sent, for its client would be.
  while (is_open_loop() && !idle_.empty() && now >= until_ && due_at(sent_) < until_) {
    const std::size_t number = idle_.front();
    idle_.pop_front();
    send(number, due_at(sent_));
  }
}

void LoadLoop::send(std::size_t number, Instant due) {
  Connection& connection = *connections_[number];
  connection.unsent.assign(book_.take(wall_clock()));
  connection.due = due;
  connection.in_flight = true;
  ++in_flight_;
  ++sent_;
  write_unsent(number);
}

void LoadLoop::write_unsent(std::size_t number) {
  Connection& connection = *connections_[number];
  const auto written = connection.socket->write(connection.unsent);
  if (!written && written.error() == SocketError::kClosed) {
    lose(number);
    return;
  }
  const std::size_t size = written.value_or(0);
  result_.bytes_written += size;
  const bool all = size == connection.unsent.size();
  connection.unsent.erase(0, size);
  if (!all && !polls_.watch(connection.socket->descriptor(), number, Interest::kReadAndWrite)) {
    lose(number);
  }
}

void LoadLoop::handle(std::size_t number, std::uint32_t events) {
  Connection& connection = *connections_[number];
  if (!connection.socket) {
    return;
  }
  if ((events & EPOLLOUT) != 0) {
    write_unsent(number);
    if (connection.socket && connection.unsent.empty() &&
        !polls_.watch(connection.socket->descriptor(), number, Interest::kRead)) {
      lose(number);
    }
  }
  if (connection.socket && (events & ~std::uint32_t{EPOLLOUT}) != 0) {
    receive(number);
  }
}

void LoadLoop::receive(std::size_t number) {
  Connection& connection = *connections_[number];
  do {
    const auto size =
        connection.socket->read(std::span(connection.buffer).subspan(connection.received));
    if (!size) {
      if (size.error() == SocketError::kClosed) {
        lose(number);
      }
      return;
    }
    connection.received += *size;
    result_.bytes_read += *size;
    const auto head =
        read_message_head(std::string_view(connection.buffer.data(), connection.received));
    // An answer is at most as large as the buffer: the upstream's is, and so are refusals.
    if (!head || (*head && (*head)->message_bytes() > connection.buffer.size())) {
      ++result_.malformed;
      connection.in_flight = false;
      --in_flight_;
      lose(number);
      return;
    }
    if (*head && (*head)->message_bytes() <= connection.received && !take_answer(number, **head)) {
      return;
    }
  } while (connection.socket->holds_more());
}

bool LoadLoop::take_answer(std::size_t number, const MessageHead& head) {
  Connection& connection = *connections_[number];
  const Instant now = steady_clock::now();
  if (!connection.in_flight || connection.received != head.message_bytes()) {
    ++result_.malformed;  // More than was asked for.
    lose(number);
    return false;
  }
  connection.in_flight = false;
  connection.received = 0;
  --in_flight_;
  ++result_.answers_in_all;
  record(connection, head, now);
  if (head.closes) {
    lose(number);
    return false;
  }
  if (is_open_loop()) {
    idle_.push_back(number);
  } else if (now < until_) {
    send(number, now);
  }
  return connection.socket.has_value();
}

void LoadLoop::record(const Connection& connection, const MessageHead& head, Instant now) {
  if (!is_measured(is_open_loop() ? connection.due : now)) {
    return;
  }
  ++result_.statuses[head.status];
  if (head.status == 200) {
    ++result_.body_bytes[head.body_bytes];
    result_.latency.record(now - connection.due);
  }
}

void LoadLoop::lose(std::size_t number) {
  Connection& connection = *connections_[number];
  if (connection.in_flight) {
    connection.in_flight = false;
    --in_flight_;
    ++result_.closed_early;
  }
  std::erase(idle_, number);
  connection.socket.reset();
  connection.unsent.clear();
  if (steady_clock::now() >= until_) {
    return;
  }
  ++result_.reconnects;
  if (!connect(number)) {
    ++result_.connect_failures;
  }
}

}  // namespace counterfoil
