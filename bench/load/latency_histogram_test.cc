#include "load/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace counterfoil {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

TEST(LatencyHistogram, IsZeroWhenEmpty) {
  const LatencyHistogram histogram;

  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(0.5), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
  EXPECT_EQ(histogram.mean(), 0ns);
}

TEST(LatencyHistogram, CountsSmallValuesExactly) {
  LatencyHistogram histogram;
  for (int value = 1; value <= 100; ++value) {
    histogram.record(nanoseconds(value));
  }

  EXPECT_EQ(histogram.percentile(0.01), 1ns);
  EXPECT_EQ(histogram.percentile(0.5), 50ns);
  EXPECT_EQ(histogram.percentile(0.99), 99ns);
  EXPECT_EQ(histogram.percentile(1), 100ns);
  EXPECT_EQ(histogram.mean(), 50ns);
}

TEST(LatencyHistogram, ReadsBackEachBorderWithinItsPromise) {
  for (int bits = 0; bits < 36; ++bits) {
    for (const nanoseconds value : {nanoseconds((1LL << bits) - 1), nanoseconds(1LL << bits),
                                    nanoseconds((1LL << bits) + 1)}) {
      LatencyHistogram histogram;
      histogram.record(value);
      histogram.record(LatencyHistogram::kMax);

      const nanoseconds read = histogram.percentile(0.5);

      EXPECT_GE(read, value);
      EXPECT_LE(read - value, value / 128) << value.count();
    }
  }
}

TEST(LatencyHistogram, HoldsAtTheLimitAndOnePast) {
  LatencyHistogram histogram;
  histogram.record(LatencyHistogram::kMax);
  histogram.record(LatencyHistogram::kMax + 1ns);
  histogram.record(-1ns);

  EXPECT_EQ(histogram.max(), LatencyHistogram::kMax);
  EXPECT_EQ(histogram.percentile(0.1), 0ns);
  EXPECT_EQ(histogram.count(), 3U);
}

TEST(LatencyHistogram, AgreesWithSorting) {
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): the same run each time
  std::lognormal_distribution<double> latency(12, 1.5);
  LatencyHistogram histogram;
  std::vector<nanoseconds> values;
  for (int i = 0; i < 10'000; ++i) {
    values.emplace_back(static_cast<long>(latency(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);

  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const nanoseconds exact = values[static_cast<std::size_t>(std::ceil(share * 10'000)) - 1];
    EXPECT_GE(histogram.percentile(share), exact) << share;
    EXPECT_LE(histogram.percentile(share) - exact, exact / 128) << share;
  }
}

}  // namespace
}  // namespace counterfoil
