#include "app/clock_probe.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/clock_verdict.h"
#include "app/live_finding.h"
#include "base/time.h"
#include "verify/claims.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr Timestamp kNow = from_unix_ms(1'790'000'000'000);

// probe is what one question gives when the server is `offset` before us, the way there took
// `there` and the way back `back`, and the server tells the time cut off below `resolution`.
ClockProbe probe(microseconds offset, microseconds there, microseconds back,
                 microseconds resolution = 1us) {
  const Timestamp server = kNow + there + offset;
  return {.sent = kNow,
          .round_trip = there + back,
          .server = Timestamp(server.time_since_epoch() / resolution * resolution),
          .resolution = resolution};
}

TEST(ClockProbe, TheTruthLiesWithinTheErrorOfEachProbe) {
  for (const microseconds offset : {0us, 612'345us, -4'000'001us}) {
    for (const microseconds there : {0us, 1us, 500us, 20'000us}) {
      for (const microseconds back : {0us, 1us, 777us, 30'001us}) {
        for (const microseconds resolution : {1us, 1'000us}) {
          const ClockProbe one = probe(offset, there, back, resolution);
          EXPECT_LE(std::chrono::abs(offset_of(one) - offset), error_of(one) + 1us)
              << offset.count() << ' ' << there.count() << ' ' << back.count();
        }
      }
    }
  }
}

TEST(ClockProbe, IsExactWhereBothWaysAreEquallyLong) {
  EXPECT_EQ(offset_of(probe(612ms, 20ms, 20ms)), 612ms);
  EXPECT_EQ(offset_of(probe(-612ms, 20ms, 20ms)), -612ms);
  EXPECT_EQ(error_of(probe(612ms, 20ms, 20ms)), 20ms + 1us);
}

TEST(EstimateClock, BelievesTheFastestQuarter) {
  // Six answers were held up on the way back, which makes each of them look wrong by half of it.
  std::vector<ClockProbe> probes(6, probe(612ms, 20ms, 400ms));
  probes.push_back(probe(612ms, 4ms, 4ms));
  probes.insert(probes.begin(), probe(612ms, 5ms, 3ms));

  const ClockEstimate clock = estimate_clock(probes);

  EXPECT_LE(std::chrono::abs(clock.offset - 612ms), 1ms);
  EXPECT_LE(clock.error, 4'001us);
  EXPECT_EQ(clock.probes, 8U);
  EXPECT_EQ(clock.round_trip_best, 8ms);
  EXPECT_EQ(clock.round_trip_p50, 420ms);
  EXPECT_EQ(clock.round_trip_p95, 420ms);
}

TEST(EstimateClock, TakesTheNearestRankOfTheRoundTrips) {
  std::vector<ClockProbe> probes;
  for (int i = 20; i > 0; --i) {
    probes.push_back(probe(0us, i * 1ms, i * 1ms));
  }

  const ClockEstimate clock = estimate_clock(probes);

  EXPECT_EQ(clock.round_trip_best, 2ms);
  EXPECT_EQ(clock.round_trip_p50, 20ms);
  EXPECT_EQ(clock.round_trip_p95, 38ms);
}

TEST(EstimateClock, TakesOneProbe) {
  const std::vector<ClockProbe> one{probe(-7ms, 2ms, 2ms)};

  EXPECT_EQ(estimate_clock(one).offset, -7ms);
  EXPECT_EQ(estimate_clock(one).round_trip_p95, 4ms);
}

ClockEstimate clock_of(microseconds offset, microseconds p95 = 66ms, microseconds error = 4ms) {
  return {.offset = offset,
          .error = error,
          .round_trip_best = p95,
          .round_trip_p50 = p95,
          .round_trip_p95 = p95,
          .probes = 8};
}

struct WindowCase {
  std::string_view name;
  microseconds offset;
  microseconds p95;
  microseconds error;
  std::chrono::milliseconds window;
};
constexpr auto kWindows = std::to_array<WindowCase>({
    {"behind_as_in_the_manual", 612ms, 66ms, 4ms, 900ms},
    {"exact", 0ms, 90ms, 10ms, 300ms},
    {"one_microsecond_more", 0ms, 90ms + 1us, 10ms, 400ms},
    {"ahead_gains_nothing", -900ms, 90ms, 10ms, 300ms},
    {"nothing_at_all", 0ms, 0ms, 0ms, 200ms},
});

TEST(SmallestSafeWindow, AddsErrorRoundTripAndMarginAndRoundsUp) {
  for (const WindowCase& one : kWindows) {
    EXPECT_EQ(smallest_safe_window(clock_of(one.offset, one.p95, one.error)), one.window)
        << one.name;
  }
}

TEST(SmallestSafeWindow, IsEnoughForTheRuleOfTheGateway) {
  for (const microseconds offset :
       {microseconds(0), microseconds(612'000), microseconds(4'321'000)}) {
    const ClockEstimate clock = clock_of(offset);
    // Stamped by our clock, which may be behind by the error more, and one whole slow round trip
    // late.
    const Timestamp arrival = kNow + clock.offset + clock.error + clock.round_trip_p95;

    EXPECT_TRUE(check_time(kNow, smallest_safe_window(clock), arrival));
  }
}

struct StandingCase {
  std::string_view name;
  microseconds offset;
  ClockStanding standing;
};
constexpr auto kStandings = std::to_array<StandingCase>({
    {"right", 0ms, ClockStanding::kGood},
    {"behind_a_second", 1'000ms, ClockStanding::kGood},
    {"behind_a_little_more", 1'000ms + 1us, ClockStanding::kBehind},
    {"behind_as_the_usual_window_allows", 4'730ms, ClockStanding::kBehind},
    {"behind_more_than_that", 4'730ms + 1us, ClockStanding::kWindowTooShort},
    {"behind_as_the_longest_window_allows", 59'730ms, ClockStanding::kWindowTooShort},
    {"behind_more_than_any_window", 59'730ms + 1us, ClockStanding::kBehindRefused},
    {"ahead_a_little", -499'999us, ClockStanding::kGood},
    {"ahead_half_of_what_is_allowed", -500ms, ClockStanding::kAhead},
    {"ahead_just_allowed", -999'999us, ClockStanding::kAhead},
    {"ahead_a_second", -1'000ms, ClockStanding::kAheadRefused},
    {"years_ahead", -std::chrono::hours(24 * 3650), ClockStanding::kAheadRefused},
});

TEST(ClockStanding, IsWhatAServerMakesOfOurTimestamps) {
  for (const StandingCase& one : kStandings) {
    EXPECT_EQ(standing_of(clock_of(one.offset)), one.standing) << one.name;
  }
}

// line is a sample each second of a clock that loses `ppm`, with noise of both signs.
std::vector<DriftSample> line(double ppm, int count, microseconds noise) {
  std::vector<DriftSample> samples;
  for (int i = 0; i < count; ++i) {
    const auto drifted = static_cast<std::int64_t>(ppm * i);
    samples.push_back({.at = BootTime(std::chrono::seconds(1'000 + i)),
                       .offset = 612ms + microseconds(drifted) + (i % 2 == 0 ? noise : -noise),
                       .round_trip = 10ms,
                       .error = 5ms});
  }
  return samples;
}

TEST(EstimateDrift, FindsTheSlope) {
  const auto losing = estimate_drift(line(34, 60, 0us));
  const auto gaining = estimate_drift(line(-34, 60, 20us));

  ASSERT_TRUE(losing);
  EXPECT_NEAR(losing->ppm, 34, 0.01);
  EXPECT_NEAR(losing->error_ppm, 0, 0.01);
  EXPECT_TRUE(losing->is_seen());
  EXPECT_EQ(losing->samples, 60U);
  ASSERT_TRUE(gaining);
  EXPECT_NEAR(gaining->ppm, -34, 0.5);
  EXPECT_GT(gaining->error_ppm, 0.1);
  EXPECT_TRUE(gaining->is_seen());
}

TEST(EstimateDrift, DoesNotSeeASlopeInNoise) {
  const auto drift = estimate_drift(line(2, 20, 500us));

  ASSERT_TRUE(drift);
  EXPECT_FALSE(drift->is_seen());
  EXPECT_GT(drift->error_ppm, 2);
}

TEST(EstimateDrift, LeavesOutAnswersThatWereHeldUp) {
  std::vector<DriftSample> samples = line(34, 60, 0us);
  for (std::size_t i = 0; i < samples.size(); i += 3) {
    samples[i].offset += 40ms;  // on one way alone
    samples[i].round_trip += 80ms;
    samples[i].error += 40ms;
  }

  const auto drift = estimate_drift(samples);

  ASSERT_TRUE(drift);
  EXPECT_NEAR(drift->ppm, 34, 0.01);
  EXPECT_EQ(drift->samples, 40U);
}

TEST(EstimateDrift, TakesNoStepForADrift) {
  std::vector<DriftSample> samples = line(0, 60, 0us);
  for (std::size_t i = 30; i < samples.size(); ++i) {
    samples[i].offset += 61ms;  // both errors, kStepMin and a millisecond
  }
  const auto stepped = estimate_drift(samples);
  for (std::size_t i = 30; i < samples.size(); ++i) {
    samples[i].offset -= 1ms;
  }
  const auto at_the_limit = estimate_drift(samples);

  ASSERT_FALSE(stepped);
  EXPECT_EQ(stepped.error(), NoDrift::kStepped);
  EXPECT_TRUE(at_the_limit);
}

TEST(EstimateDrift, NeedsSamplesOfSeveralMoments) {
  std::vector<DriftSample> samples = line(34, static_cast<int>(kDriftSamplesMin), 0us);
  EXPECT_TRUE(estimate_drift(samples));

  samples.pop_back();
  EXPECT_EQ(estimate_drift(samples).error(), NoDrift::kTooFew);

  const std::vector<DriftSample> at_once(10, samples.front());
  EXPECT_EQ(estimate_drift(at_once).error(), NoDrift::kTooFew);
  EXPECT_EQ(estimate_drift({}).error(), NoDrift::kTooFew);
}

TEST(RefusalsBegin, WhenTheRestOfTheWindowIsUsedUp) {
  const Drift losing{.ppm = 34, .error_ppm = 1, .samples = 60};
  const Drift gaining{.ppm = -34, .error_ppm = 1, .samples = 60};
  const Drift unseen{.ppm = 34, .error_ppm = 40, .samples = 60};

  // (5000 - 66 - 612) ms at 34 us a second.
  EXPECT_EQ(refusals_begin_in(clock_of(612ms), losing), 127'117s);
  // (1000 + 612) ms: from behind to a second ahead.
  EXPECT_EQ(refusals_begin_in(clock_of(612ms), gaining), 47'411s);
  EXPECT_EQ(refusals_begin_in(clock_of(612ms), unseen), std::nullopt);
  EXPECT_EQ(refusals_begin_in(clock_of(4'934ms), losing), 0s);
  EXPECT_EQ(refusals_begin_in(clock_of(-1'000ms), gaining), 0s);
}

std::vector<std::string> ids_of(const std::vector<LiveFinding>& findings) {
  std::vector<std::string> ids;
  for (const LiveFinding& finding : findings) {
    ids.push_back(finding.id);
    EXPECT_FALSE(finding.next.empty()) << finding.id;
  }
  return ids;
}

TEST(JudgeClock, TellsEachStandingAndWhatToDo) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_of(judge_clock(clock_of(612ms), {})), Ids{});
  EXPECT_EQ(ids_of(judge_clock(clock_of(2s), {})), Ids{"clock_behind"});
  EXPECT_EQ(ids_of(judge_clock(clock_of(-600ms), {})), Ids{"clock_ahead"});
  EXPECT_EQ(ids_of(judge_clock(clock_of(-3s), {})), Ids{"clock_ahead_refused"});
  EXPECT_EQ(ids_of(judge_clock(clock_of(30s), {})), Ids{"window_too_short"});
  EXPECT_TRUE(judge_clock(clock_of(30s), {}).front().next.contains("recvWindow=30300"));
  EXPECT_EQ(ids_of(judge_clock(clock_of(1h), {})), Ids{"clock_behind_refused"});
}

TEST(JudgeClock, WarnsOfADriftWhoseRefusalsAreNear) {
  using Ids = std::vector<std::string>;
  const Drift fast{.ppm = 50, .error_ppm = 1, .samples = 60};
  const Drift slow{.ppm = 5, .error_ppm = 1, .samples = 60};

  EXPECT_EQ(ids_of(judge_clock(clock_of(612ms), fast)), Ids{"clock_drifts"});
  EXPECT_EQ(ids_of(judge_clock(clock_of(612ms), slow)), Ids{});
  EXPECT_EQ(ids_of(judge_clock(clock_of(612ms), std::unexpected(NoDrift::kStepped))),
            Ids{"clock_stepped"});
  EXPECT_EQ(ids_of(judge_clock(clock_of(612ms), std::unexpected(NoDrift::kTooFew))),
            Ids{"drift_unknown"});
  for (const LiveFinding& finding : judge_clock(clock_of(612ms), fast)) {
    EXPECT_EQ(finding.kind, LiveFinding::Kind::kWarning);
  }
}

}  // namespace
}  // namespace counterfoil
