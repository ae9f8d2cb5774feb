#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace counterfoil {

// LatencyHistogram counts durations in buckets whose width grows with the value, as HdrHistogram's
// do: a value read back is at most 1/128 above the value recorded, from nanoseconds to 68 seconds
// (longer ones count as kMax). Fixed size; recording is a few instructions.
class LatencyHistogram {
 public:
  static constexpr std::chrono::nanoseconds kMax{(std::int64_t{1} << 36) - 1};

  void record(std::chrono::nanoseconds value);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // percentile gives the smallest duration that at least `share` (0 to 1) of all do not exceed, to
  // the width of its bucket, and never more than max(); zero when nothing was recorded.
  [[nodiscard]] std::chrono::nanoseconds percentile(double share) const;
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }  // exact
  [[nodiscard]] std::chrono::nanoseconds mean() const;

 private:
  static constexpr int kSubBucketBits = 7;
  static constexpr std::size_t kSubBuckets = std::size_t{1} << kSubBucketBits;
  // Values below 2 * kSubBuckets have a bucket each; each doubling up to 2^36 has kSubBuckets.
  static constexpr std::size_t kBuckets = (36 - kSubBucketBits + 1) * kSubBuckets;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value);
  // highest_in is the largest value that falls into the bucket.
  [[nodiscard]] static std::uint64_t highest_in(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds sum_{0};
  std::chrono::nanoseconds max_{0};
};

}  // namespace counterfoil
