#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil::net {

class ConnectionCounts;

// ConnectionPlace is the right of one connection to be there; given back when it ends.
class ConnectionPlace {
 public:
  ConnectionPlace(ConnectionPlace&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), source_(other.source_) {}
  // count_as has the connection counted among those of `address`, once. false: that has as many as
  // it may, or opens them too fast.
  [[nodiscard]] bool count_as(const IpAddress& address, BootTime now);

  ConnectionPlace& operator=(ConnectionPlace&&) = delete;
  ConnectionPlace(const ConnectionPlace&) = delete;
  ConnectionPlace& operator=(const ConnectionPlace&) = delete;
  ~ConnectionPlace();

 private:
  friend class ConnectionCounts;
  explicit ConnectionPlace(ConnectionCounts& counts) : counts_(&counts) {}
  ConnectionCounts* counts_;
  std::optional<std::uint64_t> source_;  // among whose connections it is counted
};

// ConnectionLimits: the most connections that still pass. A source is an IPv4 address, or an IPv6
// /64, which one subscriber has.
struct ConnectionLimits {
  std::size_t per_source_max = 256;  // at a time
  std::size_t total_max = 20'000;    // at a time
  // new_per_second_max is how many a source may open a second, on and on; kBurst times as many at
  // once. 0: any.
  std::size_t new_per_second_max = 0;
  static constexpr std::size_t kBurst = 10;
};

// ConnectionCounts counts the connections of a door, of all its loops together. Safe to call from
// any thread. It must outlive its places. What it keeps of a source is forgotten once that has no
// connection and may open kBurst seconds' worth of them again.
class ConnectionCounts {
 public:
  explicit ConnectionCounts(ConnectionLimits limits);
  ConnectionCounts(const ConnectionCounts&) = delete;
  ConnectionCounts& operator=(const ConnectionCounts&) = delete;
  ConnectionCounts(ConnectionCounts&&) = delete;
  ConnectionCounts& operator=(ConnectionCounts&&) = delete;
  ~ConnectionCounts();

  // enter gives a place, or nullopt when the source or the door has as many as it may. Without an
  // address it is counted in the total alone: that of a proxy, behind which are many clients.
  [[nodiscard]] std::optional<ConnectionPlace> enter(const IpAddress& address, BootTime now);
  [[nodiscard]] std::optional<ConnectionPlace> enter();
  // set_limits is for who comes from then on; who is there stays.
  void set_limits(ConnectionLimits limits);
  [[nodiscard]] std::size_t total() const { return total_.load(std::memory_order_relaxed); }
  // sources is how many sources it knows something of.
  [[nodiscard]] std::size_t sources() const;

 private:
  friend class ConnectionPlace;
  struct Part;
  [[nodiscard]] Part& part_of(std::uint64_t source);
  [[nodiscard]] bool add_to(std::uint64_t source, BootTime now);
  void take_from(std::uint64_t source);

  std::atomic<std::size_t> per_source_max_;
  std::atomic<std::size_t> total_max_;
  std::atomic<std::int64_t> interval_ns_;  // between two new connections of a source; 0: any
  std::atomic<std::size_t> total_{0};
  std::unique_ptr<Part[]> parts_;
};

}  // namespace counterfoil::net
