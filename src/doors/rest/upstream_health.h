#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "doors/rest/upstream_state.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {

// HealthRules say when a target of the upstream gets no more requests.
//
//   failures_max  faults in a row that put it out; 0: faults of requests never do.
//   backoff_max   the first probe comes half a second after, then after twice as long each time, at
//                 most this. While no target is up, none waits longer than a second.
//   checks        whether targets that are up are checked, too, every check_every. Two checks in a
//                 row that go wrong put a target out.
struct HealthRules {
  std::uint32_t failures_max = 5;
  std::chrono::milliseconds backoff_max{10'000};
  bool checks = false;
  std::chrono::milliseconds check_every{5'000};
};

// UpstreamHealth knows which targets of the upstream are well. There is one for all event loops, so
// that what one has found out spares the others; an answer that finds all well costs two loads.
// Safe to call from any thread.
//
// A target that is out is probed by one loop at a time (claim_probe). When that goes well it is on
// trial: the next fault puts it out again, for longer; the next answer has it up.
class UpstreamHealth {
 public:
  using Changed = std::function<void(const UpstreamChange&)>;
  // `changed` is called after each change, on the thread that brought it about; it may be empty.
  UpstreamHealth(HealthRules rules, const std::vector<UpstreamTarget>& targets, Changed changed);

  [[nodiscard]] UpstreamStanding standing(std::size_t target) const {
    return targets_[target].standing.load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_usable(std::size_t target) const {
    return standing(target) != UpstreamStanding::kOut;
  }

  // answered: a whole answer came.
  void answered(std::size_t target) {
    const Target& one = targets_[target];
    if (one.failures.load(std::memory_order_relaxed) != 0 ||
        standing(target) == UpstreamStanding::kOnTrial) {
      recover(target);
    }
  }
  void failed(std::size_t target, UpstreamFault fault, BootTime now);

  // claim_probe: true when it is time to probe the target and nobody does. The caller then owes
  // probed(), with the fault, or nullopt when all was well.
  [[nodiscard]] bool claim_probe(std::size_t target, BootTime now);
  void probed(std::size_t target, std::optional<UpstreamFault> fault, BootTime now);

  // next_probe_in is how long until the next target that is out is probed: zero when none is out.
  [[nodiscard]] std::chrono::milliseconds next_probe_in(BootTime now) const;
  // states are those of the targets, in their order.
  [[nodiscard]] std::vector<UpstreamTargetState> states(BootTime now) const;

 private:
  // Written by any loop, and rarely; read by all for every request.
  struct Target {
    std::atomic<UpstreamStanding> standing{UpstreamStanding::kUp};
    std::atomic<std::uint32_t> failures{0};
    // Under mutex_:
    std::uint32_t outs = 0;  // probes in a row that went wrong, and the fault before them
    std::uint32_t checks_failed = 0;
    bool is_probing = false;
    BootTime out_since{};
    BootTime judged_at{};  // the last time it was found to be out
    BootTime next_probe{};
    std::optional<UpstreamFault> last_fault;
  };

  void recover(std::size_t target);
  // These expect mutex_ to be held.
  [[nodiscard]] UpstreamChange put_out(std::size_t target, UpstreamFault fault, BootTime now);
  void put_off_probe(Target& target, BootTime now) const;
  [[nodiscard]] BootTime probe_due(const Target& target) const;
  [[nodiscard]] bool is_any_usable() const;
  static void set_standing(Target& target, UpstreamStanding standing);

  HealthRules rules_;
  std::vector<std::string> urls_;
  Changed changed_;
  mutable std::mutex mutex_;
  std::array<Target, UpstreamTarget::kListMax> targets_;
};

}  // namespace counterfoil
