#include "doors/net/connection_counts.h"

#include <algorithm>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil::net {
namespace {

constexpr std::size_t kPartBits = 4;
constexpr std::size_t kParts = std::size_t{1} << kPartBits;
constexpr std::size_t kSweepMin = 256;

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

// interval_of is the time between two new connections of a source; 0: any.
std::chrono::nanoseconds interval_of(const ConnectionLimits& limits) {
  return limits.new_per_second_max == 0 ? std::chrono::nanoseconds(0)
                                        : std::chrono::nanoseconds(std::chrono::seconds(1)) /
                                              static_cast<std::int64_t>(limits.new_per_second_max);
}

}  // namespace

// Part is a share of the table with a lock of its own.
struct alignas(64) ConnectionCounts::Part {
  struct Source {
    std::uint32_t open = 0;
    // When all that it has opened is paid for, an interval each. It may be ahead of now by the
    // burst.
    BootTime paid_at{};
    [[nodiscard]] bool is_spent(BootTime at) const { return open == 0 && paid_at <= at; }
  };
  std::mutex mutex;
  boost::unordered_flat_map<std::uint64_t, Source> sources;
  BootTime now{};  // the latest told
  std::size_t sweep_at = kSweepMin;

  // make_room forgets sources that may open a whole burst again, when there have come to be twice
  // as many as the last time.
  void make_room() {
    if (sources.size() < sweep_at) {
      return;
    }
    boost::unordered::erase_if(sources, [&](const auto& one) { return one.second.is_spent(now); });
    sweep_at = std::max(kSweepMin, sources.size() * 2);
  }
};

ConnectionCounts::ConnectionCounts(ConnectionLimits limits)
    : per_source_max_(limits.per_source_max),
      total_max_(limits.total_max),
      interval_ns_(interval_of(limits).count()),
      parts_(std::make_unique<Part[]>(kParts)) {}

ConnectionCounts::~ConnectionCounts() = default;

void ConnectionCounts::set_limits(ConnectionLimits limits) {
  per_source_max_.store(limits.per_source_max, std::memory_order_relaxed);
  total_max_.store(limits.total_max, std::memory_order_relaxed);
  interval_ns_.store(interval_of(limits).count(), std::memory_order_relaxed);
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

bool ConnectionPlace::count_as(const IpAddress& address, BootTime now) {
  const std::uint64_t source = source_of(address);
  if (!counts_->add_to(source, now)) {
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

std::optional<ConnectionPlace> ConnectionCounts::enter(const IpAddress& address, BootTime now) {
  std::optional<ConnectionPlace> place = enter();
  if (place && !place->count_as(address, now)) {
    return std::nullopt;
  }
  return place;
}

bool ConnectionCounts::add_to(std::uint64_t source, BootTime now) {
  Part& part = part_of(source);
  const std::scoped_lock lock(part.mutex);
  part.now = std::max(part.now, now);
  part.make_room();
  Part::Source& one = part.sources[source];
  const std::chrono::nanoseconds interval(interval_ns_.load(std::memory_order_relaxed));
  const BootTime paid_at = std::max(one.paid_at, now) + interval;
  if (one.open >= per_source_max_.load(std::memory_order_relaxed) ||
      (interval.count() > 0 && paid_at > now + std::chrono::seconds(ConnectionLimits::kBurst))) {
    return false;
  }
  one.paid_at = interval.count() > 0 ? paid_at : BootTime{};
  ++one.open;
  return true;
}

void ConnectionCounts::take_from(std::uint64_t source) {
  Part& part = part_of(source);
  const std::scoped_lock lock(part.mutex);
  const auto found = part.sources.find(source);
  if (found == part.sources.end()) {
    return;
  }
  --found->second.open;
  if (found->second.is_spent(part.now)) {
    part.sources.erase(found);
  }
}

std::size_t ConnectionCounts::sources() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::scoped_lock lock(parts_[i].mutex);
    count += parts_[i].sources.size();
  }
  return count;
}

}  // namespace counterfoil::net
