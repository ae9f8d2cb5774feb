#include "policy/window_counters.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "policy/limit_rules.h"
#include "policy/limits.h"

namespace counterfoil {
namespace {

std::uint32_t window_at(const WindowRule& rule, std::int64_t now_us) {
  return static_cast<std::uint32_t>(now_us / rule.window_us);
}

// runs_at: does a counter of `window` still stand at an instant in window `at`? A thread that read
// its clock just before the edge may come after one that read it just past the edge: its window is
// one behind, and the counter stands. Anything else is another time, or a clock that was set back.
bool runs_at(std::uint32_t window, std::uint32_t at) { return window == at || window == at + 1; }

}  // namespace

std::vector<WindowRule> window_rules(const LimitRules& rules, LimitOwner owner) {
  std::vector<WindowRule> own;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const LimitRule& rule = rules.rules[i];
    if (rule.owner == owner) {
      own.push_back(WindowRule{.rule = i,
                               .type = rule.type,
                               .window_us = std::chrono::microseconds(rule.window()).count(),
                               .limit = rule.limit,
                               .interval_text = rule.interval_text()});
    }
  }
  return own;
}

std::uint32_t Amounts::of(LimitType type) const {
  switch (type) {
    case LimitType::kRequestWeight:
      return weight;
    case LimitType::kOrders:
      return orders;
    case LimitType::kRawRequests:
      return requests;
    case LimitType::kAccountWeight:
      return account_weight;
  }
  std::unreachable();
}

const WindowRule* WindowCounters::add(const std::vector<WindowRule>& rules, const Amounts& amounts,
                                      std::int64_t now_us) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    Counter& counter = counters_[i];
    const std::uint32_t window = window_at(rules[i], now_us);
    if (!runs_at(counter.window, window)) {
      counter = Counter{.window = window, .used = 0};
    }
    const std::uint32_t amount = amounts.of(rules[i].type);
    if (amount > 0 && std::uint64_t{counter.used} + amount > rules[i].limit) {
      return &rules[i];
    }
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    counters_[i].used += amounts.of(rules[i].type);
  }
  return nullptr;
}

void WindowCounters::take_back(const std::vector<WindowRule>& rules, const Amounts& amounts,
                               std::int64_t charged_at_us) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    Counter& counter = counters_[i];
    if (counter.window == window_at(rules[i], charged_at_us)) {
      counter.used -= std::min(counter.used, amounts.of(rules[i].type));
    }
  }
}

void WindowCounters::report(const std::vector<WindowRule>& rules, std::int64_t now_us,
                            Usage& usage) const {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool runs = runs_at(counters_[i].window, window_at(rules[i], now_us));
    usage.used[rules[i].rule] = runs ? counters_[i].used : 0;
  }
}

bool WindowCounters::is_over(const std::vector<WindowRule>& rules, std::int64_t now_us) const {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (runs_at(counters_[i].window, window_at(rules[i], now_us)) && counters_[i].used > 0) {
      return false;
    }
  }
  return true;
}

std::chrono::seconds until_window_end(const WindowRule& rule, std::int64_t now_us) {
  const std::chrono::microseconds left(rule.window_us - now_us % rule.window_us);
  return std::chrono::ceil<std::chrono::seconds>(left);
}

}  // namespace counterfoil
