#include "policy/route.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace counterfoil {
namespace {

constexpr std::array<std::string_view, kMethodCount> kMethodNames = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

// take_decoded removes one character, percent-decoded, from the front of `rest`, which is not
// empty. A broken escape stands for itself: whether it is allowed is judged elsewhere.
char take_decoded(std::string_view& rest) {
  const char first = rest.front();
  if (first == '%' && rest.size() >= 3) {
    const int high = hex_value(rest[1]);
    const int low = hex_value(rest[2]);
    if (high >= 0 && low >= 0) {
      rest.remove_prefix(3);
      return static_cast<char>(high * 16 + low);
    }
  }
  rest.remove_prefix(1);
  return first;
}

bool decodes_to(std::string_view raw, std::string_view name) {
  for (const char expected : name) {
    if (raw.empty() || take_decoded(raw) != expected) {
      return false;
    }
  }
  return raw.empty();
}

// find_value is the raw value of the first pair of this name in `parameters`.
std::optional<std::string_view> find_value(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    const std::size_t end = parameters.find('&');
    const std::string_view pair = parameters.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (decodes_to(pair.substr(0, equals), name)) {
      return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    }
    parameters.remove_prefix(end == std::string_view::npos ? parameters.size() : end + 1);
  }
  return std::nullopt;
}

// is_above: false for anything that is not a whole number; the upstream refuses that anyway.
bool is_above(std::string_view raw, std::uint32_t threshold) {
  if (raw.empty()) {
    return false;
  }
  std::uint64_t value = 0;
  while (!raw.empty()) {
    const char digit = take_decoded(raw);
    if (digit < '0' || digit > '9') {
      return false;
    }
    // Saturates far above every threshold, so that twenty digits cannot wrap round to a small one.
    value = std::min<std::uint64_t>(value * 10 + static_cast<unsigned>(digit - '0'), 1ULL << 40U);
  }
  return value > threshold;
}

std::uint64_t count_items(std::string_view raw) {
  std::uint64_t items = raw.empty() ? 0 : 1;
  while (!raw.empty()) {
    items += take_decoded(raw) == ',' ? 1U : 0U;
  }
  return items;
}

bool holds(const WeightRule& rule, const std::optional<std::string_view>& value) {
  switch (rule.condition) {
    case WeightRule::Condition::kAbsent:
      return !value;
    case WeightRule::Condition::kPresent:
      return value.has_value();
    case WeightRule::Condition::kAbove:
      return value && is_above(*value, rule.threshold);
    case WeightRule::Condition::kItemsAbove:
      return value && count_items(*value) > rule.threshold;
  }
  std::unreachable();
}

}  // namespace

std::optional<Method> parse_method(std::string_view text) {
  const auto found = std::ranges::find(kMethodNames, text);
  if (found == kMethodNames.end()) {
    return std::nullopt;
  }
  return static_cast<Method>(found - kMethodNames.begin());
}

std::string_view to_string(Method method) { return kMethodNames[std::to_underlying(method)]; }

std::string MethodSet::to_text() const {
  std::string text;
  for (std::size_t i = 0; i < kMethodCount; ++i) {
    if (contains(static_cast<Method>(i))) {
      text += text.empty() ? "" : ", ";
      text += kMethodNames[i];
    }
  }
  return text;
}

bool Route::may_repeat(std::string_view parameter) const {
  return std::ranges::find(repeats, parameter) != repeats.end();
}

std::uint32_t weight_of(const Route& route, std::string_view query, std::string_view body) {
  std::uint32_t weight = route.weight;
  for (const WeightRule& rule : route.weight_rules) {
    std::optional<std::string_view> value = find_value(query, rule.parameter);
    if (!value) {
      value = find_value(body, rule.parameter);
    }
    if (holds(rule, value)) {
      weight = rule.weight;
    }
  }
  return weight;
}

}  // namespace counterfoil
