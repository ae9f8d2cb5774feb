#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "app/clock_probe.h"
#include "app/live_finding.h"

namespace counterfoil {

// judge_clock says what is wrong, or will be, with our clock before a server. `drift` is nullopt
// where nobody watched. Pure.
[[nodiscard]] std::vector<LiveFinding> judge_clock(
    const ClockEstimate& clock, const std::optional<std::expected<Drift, NoDrift>>& drift);

}  // namespace counterfoil
