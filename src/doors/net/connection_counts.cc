#include "doors/net/connection_counts.h"

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/ip_address.h"

namespace counterfoil::net {
namespace {

constexpr std::size_t kPartBits = 4;

// source_of is the first half of an IPv6 address, or the IPv4 address: no IPv6 network in use has a
// first half below 2^32.
std::uint64_t source_of(const IpAddress& address) {
  const std::size_t begin = address.is_v4() ? 12 : 0;
  const std::size_t end = address.is_v4() ? 16 : 8;
  std::uint64_t source = 0;
  for (std::size_t i = begin; i < end; ++i) {
    source = (source << 8U) | address.bytes()[i];
  }
  return source;
}

}  // namespace

// Part is a share of the table with a lock of its own.
struct alignas(64) ConnectionCounts::Part {
  std::mutex mutex;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts;
};

ConnectionCounts::ConnectionCounts(ConnectionLimits limits)
    : per_source_max_(limits.per_source_max),
      total_max_(limits.total_max),
      parts_(std::make_unique<Part[]>(std::size_t{1} << kPartBits)) {}

ConnectionCounts::~ConnectionCounts() = default;

void ConnectionCounts::set_limits(ConnectionLimits limits) {
  per_source_max_.store(limits.per_source_max, std::memory_order_relaxed);
  total_max_.store(limits.total_max, std::memory_order_relaxed);
}

ConnectionPlace::~ConnectionPlace() {
  if (counts_ == nullptr) {
    return;
  }
  counts_->total_.fetch_sub(1, std::memory_order_relaxed);
  if (source_) {
    counts_->take_from(*source_);
  }
}

bool ConnectionPlace::count_as(const IpAddress& address) {
  const std::uint64_t source = source_of(address);
  if (!counts_->add_to(source)) {
    return false;
  }
  source_ = source;
  return true;
}

ConnectionCounts::Part& ConnectionCounts::part_of(std::uint64_t source) {
  constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15U;
  return parts_[(source * kMix) >> (64U - kPartBits)];
}

std::optional<ConnectionPlace> ConnectionCounts::enter() {
  if (total_.fetch_add(1, std::memory_order_relaxed) >=
      total_max_.load(std::memory_order_relaxed)) {
    total_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return ConnectionPlace(*this);
}

std::optional<ConnectionPlace> ConnectionCounts::enter(const IpAddress& address) {
  std::optional<ConnectionPlace> place = enter();
  if (place && !place->count_as(address)) {
    return std::nullopt;
  }
  return place;
}

bool ConnectionCounts::add_to(std::uint64_t source) {
  Part& part = part_of(source);
  const std::scoped_lock lock(part.mutex);
  std::uint32_t& count = part.counts[source];
  if (count >= per_source_max_.load(std::memory_order_relaxed)) {
    return false;
  }
  ++count;
  return true;
}

void ConnectionCounts::take_from(std::uint64_t source) {
  Part& part = part_of(source);
  const std::scoped_lock lock(part.mutex);
  const auto found = part.counts.find(source);
  if (found != part.counts.end() && --found->second == 0) {
    part.counts.erase(found);
  }
}

}  // namespace counterfoil::net
