#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "doors/rest/rest_door.h"
#include "verify/reason.h"
#include "wire/http/refusal.h"

namespace counterfoil {

// Counter is written by one loop and read by anybody.
class Counter {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// DoorCounters are those of one loop; the door's RestDoorStats are their sums.
struct DoorCounters {
  Counter connections_accepted;
  Counter connections_refused;
  Counter proxy_headers_failed;
  Counter handshakes_failed;
  Counter requests;
  Counter forwarded;
  Counter answers_relayed;
  Counter answers_cut;
  std::array<Counter, kReasonCount> refusals;
  std::array<Counter, http::kRefusals.size()> http_refusals;
  Counter upstream_open;
  Counter upstream_idle;
  Counter upstream_waiting;
  Counter upstream_connected;
  Counter upstream_connects_failed;
  Counter upstream_reused;
  Counter upstream_retries;
  Counter upstream_left_over;

  void refused(Reason reason) { refusals[static_cast<std::size_t>(reason)].add(); }
  void refused(http::RefusalKind kind) { http_refusals[static_cast<std::size_t>(kind)].add(); }
  void add_to(RestDoorStats& stats) const;
};

inline void DoorCounters::add_to(RestDoorStats& stats) const {
  stats.connections_accepted += connections_accepted.value();
  stats.connections_refused += connections_refused.value();
  stats.proxy_headers_failed += proxy_headers_failed.value();
  stats.handshakes_failed += handshakes_failed.value();
  stats.requests += requests.value();
  stats.forwarded += forwarded.value();
  stats.answers_relayed += answers_relayed.value();
  stats.answers_cut += answers_cut.value();
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    stats.refusals[i] += refusals[i].value();
  }
  for (std::size_t i = 0; i < http_refusals.size(); ++i) {
    stats.http_refusals[i] += http_refusals[i].value();
  }
  stats.upstream_open += upstream_open.value();
  stats.upstream_idle += upstream_idle.value();
  stats.upstream_waiting += upstream_waiting.value();
  stats.upstream_connected += upstream_connected.value();
  stats.upstream_connects_failed += upstream_connects_failed.value();
  stats.upstream_reused += upstream_reused.value();
  stats.upstream_retries += upstream_retries.value();
  stats.upstream_left_over += upstream_left_over.value();
}

}  // namespace counterfoil
