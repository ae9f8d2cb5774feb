#include "doors/rest/upstream_health.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "doors/rest/upstream_state.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBackoffFirst{500};
constexpr milliseconds kBackoffWithoutAny{1'000};
constexpr std::uint32_t kDoublingsMax = 16;  // then it is past any backoff_max
constexpr std::uint32_t kChecksMax = 2;

milliseconds until(BootTime due, BootTime now) {
  return std::max(std::chrono::ceil<milliseconds>(due - now), milliseconds(0));
}

}  // namespace

UpstreamHealth::UpstreamHealth(HealthRules rules, const std::vector<UpstreamTarget>& targets,
                               Changed changed)
    : rules_(rules), changed_(std::move(changed)) {
  for (const UpstreamTarget& target : targets) {
    urls_.push_back(target.url());
  }
}

void UpstreamHealth::set_standing(Target& target, UpstreamStanding standing) {
  target.standing.store(standing, std::memory_order_relaxed);
  target.failures.store(0, std::memory_order_relaxed);
}

void UpstreamHealth::put_off_probe(Target& target, BootTime now) const {
  const auto doubled = kBackoffFirst * (std::int64_t{1} << std::min(target.outs, kDoublingsMax));
  ++target.outs;
  target.judged_at = now;
  target.next_probe = now + std::min<milliseconds>(doubled, rules_.backoff_max);
}

UpstreamChange UpstreamHealth::put_out(std::size_t target, UpstreamFault fault, BootTime now) {
  Target& one = targets_[target];
  set_standing(one, UpstreamStanding::kOut);
  one.out_since = now;
  put_off_probe(one, now);
  return {.url = urls_[target],
          .is_out = true,
          .fault = fault,
          .next_probe_in = until(probe_due(one), now)};
}

bool UpstreamHealth::is_any_usable() const {
  for (std::size_t i = 0; i < urls_.size(); ++i) {
    if (is_usable(i)) {
      return true;
    }
  }
  return false;
}

// probe_due: while nothing is served at all there is no load that a probe could add to.
BootTime UpstreamHealth::probe_due(const Target& target) const {
  return is_any_usable() ? target.next_probe
                         : std::min(target.next_probe, target.judged_at + kBackoffWithoutAny);
}

void UpstreamHealth::recover(std::size_t target) {
  const std::scoped_lock lock(mutex_);
  Target& one = targets_[target];
  if (one.standing.load(std::memory_order_relaxed) == UpstreamStanding::kOut) {
    return;  // the answer to a request of before; the probe decides
  }
  set_standing(one, UpstreamStanding::kUp);
  one.outs = 0;
}

void UpstreamHealth::failed(std::size_t target, UpstreamFault fault, BootTime now) {
  std::optional<UpstreamChange> change;
  {
    const std::scoped_lock lock(mutex_);
    Target& one = targets_[target];
    const UpstreamStanding standing = one.standing.load(std::memory_order_relaxed);
    one.last_fault = fault;
    if (standing == UpstreamStanding::kOut || rules_.failures_max == 0) {
      return;
    }
    const std::uint32_t failures = one.failures.load(std::memory_order_relaxed) + 1;
    one.failures.store(failures, std::memory_order_relaxed);
    if (standing == UpstreamStanding::kOnTrial || failures >= rules_.failures_max) {
      change = put_out(target, fault, now);
    }
  }
  if (change && changed_) {
    changed_(*change);
  }
}

bool UpstreamHealth::claim_probe(std::size_t target, BootTime now) {
  const std::scoped_lock lock(mutex_);
  Target& one = targets_[target];
  const bool is_out = one.standing.load(std::memory_order_relaxed) == UpstreamStanding::kOut;
  if (one.is_probing || (!is_out && !rules_.checks) ||
      now < (is_out ? probe_due(one) : one.next_probe)) {
    return false;
  }
  one.is_probing = true;
  return true;
}

void UpstreamHealth::probed(std::size_t target, std::optional<UpstreamFault> fault, BootTime now) {
  std::optional<UpstreamChange> change;
  {
    const std::scoped_lock lock(mutex_);
    Target& one = targets_[target];
    one.is_probing = false;
    const bool is_out = one.standing.load(std::memory_order_relaxed) == UpstreamStanding::kOut;
    one.checks_failed = fault ? one.checks_failed + 1 : 0;
    if (fault) {
      one.last_fault = fault;
    }
    if (is_out && fault) {
      put_off_probe(one, now);
    } else if (!is_out && fault && one.checks_failed >= kChecksMax) {
      change = put_out(target, *fault, now);
    } else {
      one.next_probe = now + rules_.check_every;
    }
    if (is_out && !fault) {
      set_standing(one, UpstreamStanding::kOnTrial);
      change = {.url = urls_[target],
                .is_out = false,
                .fault = one.last_fault.value_or(UpstreamFault::kUnreachable)};
    }
  }
  if (change && changed_) {
    changed_(*change);
  }
}

milliseconds UpstreamHealth::next_probe_in(BootTime now) const {
  const std::scoped_lock lock(mutex_);
  std::optional<milliseconds> least;
  for (std::size_t i = 0; i < urls_.size(); ++i) {
    if (!is_usable(i)) {
      const milliseconds left = until(probe_due(targets_[i]), now);
      least = std::min(least.value_or(left), left);
    }
  }
  return least.value_or(milliseconds(0));
}

std::vector<UpstreamTargetState> UpstreamHealth::states(BootTime now) const {
  std::vector<UpstreamTargetState> states;
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < urls_.size(); ++i) {
    const Target& one = targets_[i];
    const bool is_out = !is_usable(i);
    states.push_back({.url = urls_[i],
                      .standing = standing(i),
                      .failures = one.failures.load(std::memory_order_relaxed),
                      .last_fault = one.last_fault,
                      .out_for = is_out
                                     ? std::chrono::duration_cast<milliseconds>(now - one.out_since)
                                     : milliseconds(0),
                      .next_probe_in = is_out ? until(probe_due(one), now) : milliseconds(0)});
  }
  return states;
}

}  // namespace counterfoil
