#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "base/time.h"

namespace counterfoil {

// What the clock of this machine and that of a server have to do with each other, reckoned from
// times that the server told. Pure. An offset is the server's clock less ours: above zero, we are
// behind, and our requests look old to the server; below zero we are ahead.

// ClockProbe is one question for the time. Both readings of ours come from one clock.
struct ClockProbe {
  Timestamp sent;                        // our clock, as the question went out
  std::chrono::microseconds round_trip;  // until the answer was in; not negative
  Timestamp server;                      // what it told, cut off below `resolution`
  std::chrono::microseconds resolution;  // 1 ms or 1 us
};

// offset_of is the middle of what one probe allows, and error_of how far from it the truth may be:
// the server read its clock at some moment of the round trip.
[[nodiscard]] std::chrono::microseconds offset_of(const ClockProbe& probe);
[[nodiscard]] std::chrono::microseconds error_of(const ClockProbe& probe);

struct ClockEstimate {
  std::chrono::microseconds offset{};
  std::chrono::microseconds error{};  // the truth is within offset -+ error
  std::chrono::microseconds round_trip_best{};
  std::chrono::microseconds round_trip_p50{};
  std::chrono::microseconds round_trip_p95{};  // nearest rank, as p50
  std::size_t probes = 0;
};

// estimate_clock takes the quarter of the probes that came back fastest, for a delay on one way
// alone shifts the others: the offset is the median of theirs, the error the largest of theirs.
// `probes` must not be empty. Source: F. Cristian, "Probabilistic clock synchronization", 1989.
[[nodiscard]] ClockEstimate estimate_clock(std::span<const ClockProbe> probes);

// kWindowMargin is added to the smallest safe window for what no probe saw: a pause of the caller
// between reading its clock and sending, and the server's own queue.
inline constexpr std::chrono::milliseconds kWindowMargin{200};
inline constexpr std::chrono::milliseconds kWindowStep{100};

// smallest_safe_window is the smallest recvWindow with which requests stamped by our clock are
// still in time: how far we may be behind, the round trip's p95 and kWindowMargin, rounded up to a
// whole kWindowStep. It helps nothing against being ahead.
[[nodiscard]] std::chrono::milliseconds smallest_safe_window(const ClockEstimate& clock);

// ClockStanding says what a server of this wire profile makes of our timestamps.
enum class ClockStanding : std::uint8_t {
  kGood,
  kAhead,           // towards the limit of 1 s: half of it is used up
  kBehind,          // by more than a second
  kAheadRefused,    // refused whatever the recvWindow
  kWindowTooShort,  // refused with the usual recvWindow, not with a longer one
  kBehindRefused,   // refused with the longest recvWindow, too
};
[[nodiscard]] ClockStanding standing_of(const ClockEstimate& clock);

// DriftSample is one estimate of the offset, at a moment of a clock that never steps.
struct DriftSample {
  BootTime at;
  std::chrono::microseconds offset;
  std::chrono::microseconds round_trip;
  std::chrono::microseconds error;
};

struct Drift {
  double ppm = 0;        // above zero: we fall behind the server by this many us a second
  double error_ppm = 0;  // three standard errors of the slope
  std::size_t samples = 0;
  // is_seen: the slope is more than what noise alone would make.
  [[nodiscard]] bool is_seen() const;
};
enum class NoDrift : std::uint8_t {
  kTooFew,   // less than kDriftSamplesMin samples, or all at one moment
  kStepped,  // a clock was set meanwhile: a line through both sides of a step means nothing
};
inline constexpr std::size_t kDriftSamplesMin = 4;
// kStepMin: two neighbouring offsets that differ by more than this and both their errors are a
// step.
inline constexpr std::chrono::milliseconds kStepMin{50};

// estimate_drift lays the line of least squares through the quarter of the samples that came back
// fastest (at least eight, or all). `samples` are in the order of time.
[[nodiscard]] std::expected<Drift, NoDrift> estimate_drift(std::span<const DriftSample> samples);

// refusals_begin_in says after what time of this drift the server refuses our timestamps at the
// usual recvWindow (or for being 1 s ahead); zero when it does already, nullopt when it never will.
[[nodiscard]] std::optional<std::chrono::seconds> refusals_begin_in(const ClockEstimate& clock,
                                                                    const Drift& drift);

}  // namespace counterfoil
