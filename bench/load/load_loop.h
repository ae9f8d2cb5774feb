#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/latency_histogram.h"
#include "load/request_book.h"
#include "load/socket.h"
#include "net/message_head.h"
#include "net/poll_set.h"

namespace counterfoil {

struct LoadPlan {
  std::uint16_t port = 0;
  std::size_t connections = 128;
  // rate: requests a second to send, whatever the answers do (open loop). nullopt: each connection
  // sends as soon as it has its answer (closed loop), which finds the most a gateway can do.
  std::optional<double> rate;
  std::chrono::milliseconds warm_up{200};    // answered, not measured
  std::chrono::milliseconds measured{1000};  // after the warm-up
  const TlsClient* tls = nullptr;            // outlives the loop
  bool spread = false;                       // each connection from an address of its own
};

// LoadResult is what was seen of the measured time. Closed loop: the answers that came in it. Open
// loop: the requests that were due in it, whenever their answer came.
struct LoadResult {
  std::chrono::nanoseconds measured{};
  LatencyHistogram latency;               // of answers with status 200 alone
  std::map<int, std::uint64_t> statuses;  // whole answers by status
  std::map<std::size_t, std::uint64_t>
      body_bytes;                  // whole 200s by size; more than one: look closer
  std::uint64_t closed_early = 0;  // connections that ended while an answer was due
  std::uint64_t malformed = 0;     // answers that could not be measured
  std::uint64_t unanswered = 0;    // no answer kDrainFor after the end, or never sent (open loop)
  std::uint64_t reconnects = 0;
  std::uint64_t connect_failures = 0;
  // Of the whole run, warm-up included: what the gateway's CPU time is divided by.
  std::uint64_t answers_in_all = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
};

// LoadLoop sends requests of the book over keep-alive connections, one at a time on each, and times
// the answers. One thread, one use.
//
// A closed loop waits for a slow gateway and so never sees what the clients of the meantime would
// have waited ("coordinated omission"). The open loop times each request from the instant it was
// due: one that had to wait for a free connection has waited.
class LoadLoop {
 public:
  static constexpr std::chrono::seconds kDrainFor{2};
  static constexpr std::size_t kConnectionsMax = 10'000;

  // `book` outlives the loop.
  LoadLoop(LoadPlan plan, RequestBook& book);

  // run takes warm-up, measured time and drain. The error: connections could not be made.
  [[nodiscard]] std::expected<LoadResult, std::string> run();

 private:
  using Instant = std::chrono::steady_clock::time_point;

  struct Connection {
    std::optional<Socket> socket;
    std::string unsent;  // of the request in flight
    Instant due{};       // when it was to be sent
    bool in_flight = false;
    std::size_t received = 0;  // bytes in `buffer`
    std::array<char, kMessageHeadBytesMax> buffer;
  };

  [[nodiscard]] std::expected<void, std::string> connect(std::size_t number);
  void send_what_is_due(Instant now);
  void send(std::size_t number, Instant due);
  void handle(std::size_t number, std::uint32_t events);
  void write_unsent(std::size_t number);
  void receive(std::size_t number);
  // take_answer: false when the connection has ended.
  [[nodiscard]] bool take_answer(std::size_t number, const MessageHead& head);
  void record(const Connection& connection, const MessageHead& head, Instant now);
  void lose(std::size_t number);
  [[nodiscard]] Instant due_at(std::uint64_t request) const;
  [[nodiscard]] Instant next_wake(Instant now) const;
  [[nodiscard]] bool is_measured(Instant when) const { return when >= from_ && when < until_; }
  [[nodiscard]] bool is_open_loop() const { return plan_.rate.has_value(); }

  LoadPlan plan_;
  RequestBook& book_;
  PollSet polls_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<std::size_t> idle_;  // the longest idle first, so that all connections are used
  std::uint64_t sent_ = 0;
  std::size_t in_flight_ = 0;
  Instant start_{};
  Instant from_{};
  Instant until_{};
  LoadResult result_;
};

}  // namespace counterfoil
