#include "load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace counterfoil {

void LatencyHistogram::record(std::chrono::nanoseconds value) {
  const auto held = std::clamp(value, std::chrono::nanoseconds::zero(), kMax);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(held.count()))];
  ++count_;
  sum_ += held;
  max_ = std::max(max_, held);
}

std::chrono::nanoseconds LatencyHistogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted && seen > 0) {
      return std::min(max_, std::chrono::nanoseconds(highest_in(bucket)));
    }
  }
  return max_;
}

std::chrono::nanoseconds LatencyHistogram::mean() const {
  return count_ == 0 ? sum_ : sum_ / static_cast<std::int64_t>(count_);
}

std::size_t LatencyHistogram::bucket_of(std::uint64_t value) {
  if (value < kSubBuckets) {
    return static_cast<std::size_t>(value);
  }
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBucketBits;
  return (static_cast<std::size_t>(shift) * kSubBuckets) + static_cast<std::size_t>(value >> shift);
}

std::uint64_t LatencyHistogram::highest_in(std::size_t bucket) {
  if (bucket < 2 * kSubBuckets) {
    return bucket;
  }
  const std::size_t shift = (bucket / kSubBuckets) - 1;
  const std::uint64_t top = (bucket % kSubBuckets) + kSubBuckets;
  return ((top + 1) << shift) - 1;
}

}  // namespace counterfoil
