#include "app/clock_probe.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "verify/claims.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kAheadWarning = kAheadMax / 2;
constexpr microseconds kBehindWarning = std::chrono::seconds(1);
constexpr std::size_t kBestShare = 4;  // one quarter
constexpr double kStandardErrors = 3;
constexpr std::size_t kDriftPointsMin = 8;
constexpr double kLineParameters = 2;
// A clock that loses less than this is not told from one that is right.
constexpr double kPpmMin = 0.1;

// percentile is the nearest rank: the smallest value that at least so many of the values do not
// exceed.
microseconds percentile(const std::vector<microseconds>& sorted, std::size_t percent) {
  constexpr std::size_t kWhole = 100;
  const std::size_t rank = (sorted.size() * percent + kWhole - 1) / kWhole;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

microseconds median(std::vector<microseconds> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Point {
  double seconds = 0;
  double offset_us = 0;
};

// fastest keeps the samples whose round trip is not above the best quarter's, as points.
std::vector<Point> fastest(std::span<const DriftSample> samples) {
  std::vector<microseconds> trips(samples.size());
  std::ranges::transform(samples, trips.begin(), &DriftSample::round_trip);
  std::ranges::sort(trips);
  const std::size_t kept = std::max((samples.size() + kBestShare - 1) / kBestShare,
                                    std::min(kDriftPointsMin, samples.size()));
  const microseconds slowest = trips[kept - 1];
  std::vector<Point> points;
  for (const DriftSample& sample : samples) {
    if (sample.round_trip <= slowest) {
      points.push_back(
          {.seconds = std::chrono::duration<double>(sample.at - samples.front().at).count(),
           .offset_us = static_cast<double>((sample.offset - samples.front().offset).count())});
    }
  }
  return points;
}

bool is_step(const DriftSample& before, const DriftSample& after) {
  return std::chrono::abs(after.offset - before.offset) > before.error + after.error + kStepMin;
}

}  // namespace

microseconds offset_of(const ClockProbe& probe) {
  return probe.server + probe.resolution / 2 - (probe.sent + probe.round_trip / 2);
}

microseconds error_of(const ClockProbe& probe) {
  // Halves are rounded up: the interval must hold the truth.
  return (probe.round_trip + probe.resolution + microseconds(1)) / 2;
}

ClockEstimate estimate_clock(std::span<const ClockProbe> probes) {
  std::vector<ClockProbe> sorted(probes.begin(), probes.end());
  std::ranges::sort(sorted, {}, &ClockProbe::round_trip);
  std::vector<microseconds> trips(sorted.size());
  std::ranges::transform(sorted, trips.begin(), &ClockProbe::round_trip);

  const std::size_t best = (sorted.size() + kBestShare - 1) / kBestShare;
  std::vector<microseconds> offsets;
  ClockEstimate estimate{.round_trip_best = trips.front(),
                         .round_trip_p50 = percentile(trips, 50),
                         .round_trip_p95 = percentile(trips, 95),
                         .probes = sorted.size()};
  for (const ClockProbe& probe : std::span(sorted).first(best)) {
    offsets.push_back(offset_of(probe));
    estimate.error = std::max(estimate.error, error_of(probe));
  }
  estimate.offset = median(std::move(offsets));
  return estimate;
}

milliseconds smallest_safe_window(const ClockEstimate& clock) {
  const microseconds behind = std::max(clock.offset, microseconds(0));
  const microseconds needed = behind + clock.error + clock.round_trip_p95 + kWindowMargin;
  const auto steps = (needed + kWindowStep - microseconds(1)) / kWindowStep;
  return steps * kWindowStep;
}

ClockStanding standing_of(const ClockEstimate& clock) {
  const microseconds ahead = -clock.offset;
  if (ahead >= kAheadMax) {
    return ClockStanding::kAheadRefused;
  }
  const milliseconds window = smallest_safe_window(clock);
  if (window > kRecvWindowMax) {
    return ClockStanding::kBehindRefused;
  }
  if (window > kDefaultRecvWindow) {
    return ClockStanding::kWindowTooShort;
  }
  if (ahead >= kAheadWarning) {
    return ClockStanding::kAhead;
  }
  return clock.offset > kBehindWarning ? ClockStanding::kBehind : ClockStanding::kGood;
}

bool Drift::is_seen() const { return std::abs(ppm) > std::max(error_ppm, kPpmMin); }

std::expected<Drift, NoDrift> estimate_drift(std::span<const DriftSample> samples) {
  if (samples.size() < kDriftSamplesMin) {
    return std::unexpected(NoDrift::kTooFew);
  }
  if (std::ranges::adjacent_find(samples, is_step) != samples.end()) {
    return std::unexpected(NoDrift::kStepped);
  }
  const std::vector<Point> points = fastest(samples);
  const auto count = static_cast<double>(points.size());
  double mean_x = 0;
  double mean_y = 0;
  for (const Point& point : points) {
    mean_x += point.seconds / count;
    mean_y += point.offset_us / count;
  }
  double xx = 0;
  double xy = 0;
  for (const Point& point : points) {
    xx += (point.seconds - mean_x) * (point.seconds - mean_x);
    xy += (point.seconds - mean_x) * (point.offset_us - mean_y);
  }
  if (xx <= 0) {
    return std::unexpected(NoDrift::kTooFew);
  }
  const double slope = xy / xx;  // microseconds a second: ppm
  double residuals = 0;
  for (const Point& point : points) {
    const double left = point.offset_us - mean_y - slope * (point.seconds - mean_x);
    residuals += left * left;
  }
  const double freedom = count - kLineParameters;
  return Drift{.ppm = slope,
               .error_ppm = kStandardErrors * std::sqrt(residuals / freedom / xx),
               .samples = points.size()};
}

std::optional<std::chrono::seconds> refusals_begin_in(const ClockEstimate& clock,
                                                      const Drift& drift) {
  if (!drift.is_seen()) {
    return std::nullopt;
  }
  const microseconds left = drift.ppm > 0 ? kDefaultRecvWindow - clock.round_trip_p95 - clock.offset
                                          : kAheadMax + clock.offset;
  if (left.count() <= 0) {
    return std::chrono::seconds(0);
  }
  const double seconds = static_cast<double>(left.count()) / std::abs(drift.ppm);
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace counterfoil
