#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "policy/limit_rules.h"
#include "policy/limits.h"

namespace counterfoil {

// WindowRule is a LimitRule made ready for counting.
struct WindowRule {
  std::size_t rule = 0;  // index into LimitRules::rules and Usage::used
  LimitType type = LimitType::kRequestWeight;
  std::int64_t window_us = 0;
  std::uint32_t limit = 0;
  std::string interval_text;
};

// window_rules picks the rules of one owner.
[[nodiscard]] std::vector<WindowRule> window_rules(const LimitRules& rules, LimitOwner owner);

// Amounts is what one request adds to a rule of each type.
struct Amounts {
  std::uint32_t weight = 0;
  std::uint32_t orders = 0;
  std::uint32_t requests = 0;
  std::uint32_t account_weight = 0;
  [[nodiscard]] std::uint32_t of(LimitType type) const;
};

// WindowCounters counts one owner's use of each of its rules in the windows that run. A value
// without a clock or a lock; the n-th counter belongs to the n-th WindowRule, which is handed in
// again at every call.
class WindowCounters {
 public:
  // add counts `amounts` under every rule, or under none: nullptr, or the first rule whose limit
  // they would exceed.
  [[nodiscard]] const WindowRule* add(const std::vector<WindowRule>& rules, const Amounts& amounts,
                                      std::int64_t now_us);
  // take_back undoes part of what was added at `charged_at_us`, where that window still runs.
  void take_back(const std::vector<WindowRule>& rules, const Amounts& amounts,
                 std::int64_t charged_at_us);
  // report writes the counters of the windows that run at `now_us`.
  void report(const std::vector<WindowRule>& rules, std::int64_t now_us, Usage& usage) const;
  // is_over: every window counted in has ended.
  [[nodiscard]] bool is_over(const std::vector<WindowRule>& rules, std::int64_t now_us) const;

 private:
  struct Counter {
    std::uint32_t window = 0;  // which window since 1970; 32 bits last until 2106 at 1 s a window
    std::uint32_t used = 0;
  };
  std::array<Counter, LimitRules::kRulesMax> counters_{};
};

// until_window_end is how long the window that runs at `now_us` goes on, rounded up to seconds.
[[nodiscard]] std::chrono::seconds until_window_end(const WindowRule& rule, std::int64_t now_us);

}  // namespace counterfoil
