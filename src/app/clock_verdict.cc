#include "app/clock_verdict.h"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/clock_probe.h"
#include "app/live_finding.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

using Kind = LiveFinding::Kind;
using std::chrono::seconds;

constexpr std::string_view kSetClock =
    "let a time service keep this machine's clock (`timedatectl set-ntp true`)";
// A drift whose refusals are nearer than this is worth a warning.
constexpr seconds kRefusalsSoon = std::chrono::hours(36);

std::optional<LiveFinding> standing_finding(const ClockEstimate& clock) {
  const std::string next(kSetClock);
  switch (standing_of(clock)) {
    case ClockStanding::kGood:
      return std::nullopt;
    case ClockStanding::kAhead:
      return LiveFinding{.kind = Kind::kWarning,
                         .id = "clock_ahead",
                         .text =
                             "this clock is ahead of the server's; from 1 s on every request is "
                             "refused (-1021)",
                         .next = next};
    case ClockStanding::kBehind:
      return LiveFinding{.kind = Kind::kWarning,
                         .id = "clock_behind",
                         .text =
                             "this clock is more than a second behind the server's; that much of "
                             "every recvWindow is lost",
                         .next = next};
    case ClockStanding::kAheadRefused:
      return LiveFinding{.kind = Kind::kProblem,
                         .id = "clock_ahead_refused",
                         .text =
                             "this clock is ahead of the server's by a second or more: every "
                             "request is refused (-1021), whatever its recvWindow",
                         .next = next};
    case ClockStanding::kWindowTooShort:
      return LiveFinding{
          .kind = Kind::kProblem,
          .id = "window_too_short",
          .text = "with the usual recvWindow of 5000 requests are, or may be, refused (-1021)",
          .next = next + "; until then send recvWindow=" +
                  std::to_string(smallest_safe_window(clock).count())};
    case ClockStanding::kBehindRefused:
      return LiveFinding{.kind = Kind::kProblem,
                         .id = "clock_behind_refused",
                         .text =
                             "this clock is so far behind the server's that every request is "
                             "refused (-1021), even with the longest recvWindow, 60000",
                         .next = next};
  }
  std::unreachable();
}

std::optional<LiveFinding> drift_finding(const ClockEstimate& clock,
                                         const std::expected<Drift, NoDrift>& drift) {
  if (!drift) {
    if (drift.error() == NoDrift::kStepped) {
      return LiveFinding{.kind = Kind::kWarning,
                         .id = "clock_stepped",
                         .text =
                             "a clock was set during the watch, this one or the server's, so no "
                             "drift can be told",
                         .next = "watch again"};
    }
    return LiveFinding{.kind = Kind::kWarning,
                       .id = "drift_unknown",
                       .text = "too few answers came in to tell a drift",
                       .next = "watch for longer"};
  }
  const auto left = refusals_begin_in(clock, *drift);
  if (!left || *left > kRefusalsSoon || *left == seconds(0)) {
    return std::nullopt;  // none, far away, or a problem of its own by now
  }
  return LiveFinding{
      .kind = Kind::kWarning,
      .id = "clock_drifts",
      .text = "at this drift refusals (-1021) begin in about " + span_words(left->count()),
      .next = std::string(kSetClock)};
}

}  // namespace

std::vector<LiveFinding> judge_clock(const ClockEstimate& clock,
                                     const std::optional<std::expected<Drift, NoDrift>>& drift) {
  std::vector<LiveFinding> findings;
  if (auto finding = standing_finding(clock)) {
    findings.push_back(std::move(*finding));
  }
  if (drift) {
    if (auto finding = drift_finding(clock, *drift)) {
      findings.push_back(std::move(*finding));
    }
  }
  return findings;
}

}  // namespace counterfoil
