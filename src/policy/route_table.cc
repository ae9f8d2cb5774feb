#include "policy/route_table.h"

#include <algorithm>  // IWYU pragma: keep (std::ranges::lower_bound)
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "policy/route.h"

namespace counterfoil {
namespace {

// The routes are the operator's and the table never grows under load, so an unkeyed hash is enough:
// a stranger can choose where his look-up begins, and every run of full slots is short.
std::size_t hash_of(Method method, std::string_view path) {
  return std::hash<std::string_view>()(path) +
         (std::to_underlying(method) + std::size_t{1}) * 0x9e3779b97f4a7c15U;
}

// take_segment removes the first segment and the '/' behind it. `last` tells whether it was the
// last one.
std::string_view take_segment(std::string_view& segments, bool& last) {
  const std::size_t end = segments.find('/');
  const std::string_view segment = segments.substr(0, end);
  last = end == std::string_view::npos;
  segments.remove_prefix(last ? segments.size() : end + 1);
  return segment;
}

// may_stand_for_name: dot segments are refused before any look-up; should one come through, it must
// not pass for a name.
bool may_stand_for_name(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

}  // namespace

RouteTable::RouteTable(std::size_t route_count) : slots_(std::bit_ceil(route_count * 2 + 1)) {}

std::optional<std::uint32_t> RouteTable::add(const Route& route, std::span<const Route> routes) {
  if (route.path.contains("/{")) {
    return add_pattern(route);
  }
  const std::uint32_t present = find_literal(route.method, route.path, routes);
  if (present != kNone) {
    return present;
  }
  const std::size_t hash = hash_of(route.method, route.path);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].route != kNone) {
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = Slot{.hash = hash, .route = route.index};
  return std::nullopt;
}

std::uint32_t RouteTable::step_to(std::uint32_t node, std::string_view segment) {
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  if (is_pattern_segment(segment)) {
    if (nodes_[node].any == kNone) {
      nodes_[node].any = fresh;
      nodes_.emplace_back();
    }
    return nodes_[node].any;
  }
  auto& literals = nodes_[node].literals;
  const auto at = std::ranges::lower_bound(
      literals, segment, {}, [](const auto& literal) -> std::string_view { return literal.first; });
  if (at != literals.end() && at->first == segment) {
    return at->second;
  }
  literals.insert(at, {std::string(segment), fresh});
  nodes_.emplace_back();
  return fresh;
}

std::optional<std::uint32_t> RouteTable::add_pattern(const Route& route) {
  if (nodes_.empty()) {
    nodes_.emplace_back();
  }
  std::uint32_t node = 0;
  std::string_view segments = std::string_view(route.path).substr(1);
  bool last = false;
  while (!last) {
    node = step_to(node, take_segment(segments, last));
  }
  std::uint32_t& entry = nodes_[node].routes[std::to_underlying(route.method)];
  if (entry != kNone) {
    return entry;
  }
  entry = route.index;
  return std::nullopt;
}

std::uint32_t RouteTable::find_literal(Method method, std::string_view path,
                                       std::span<const Route> routes) const {
  if (path.size() > Route::kPathSizeMax) {
    return kNone;
  }
  const std::size_t hash = hash_of(method, path);
  for (std::size_t at = hash & (slots_.size() - 1); slots_[at].route != kNone;
       at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && routes[slot.route].method == method &&
        routes[slot.route].path == path) {
      return slot.route;
    }
  }
  return kNone;
}

// Each call visits another node of the tree, so the work is bounded by the number of nodes, and the
// depth by Route::kSegmentsMax: no route is deeper.
std::uint32_t RouteTable::descend(std::uint32_t node, Method method,
                                  std::string_view segments) const {
  bool last = false;
  const std::string_view segment = take_segment(segments, last);
  const auto onward = [&](std::uint32_t next) {
    return last ? nodes_[next].routes[std::to_underlying(method)] : descend(next, method, segments);
  };
  const auto& literals = nodes_[node].literals;
  const auto literal = std::ranges::lower_bound(
      literals, segment, {}, [](const auto& entry) -> std::string_view { return entry.first; });
  if (literal != literals.end() && literal->first == segment) {
    const std::uint32_t found = onward(literal->second);
    if (found != kNone) {
      return found;
    }
  }
  return nodes_[node].any != kNone && may_stand_for_name(segment) ? onward(nodes_[node].any)
                                                                  : kNone;
}

const Route* RouteTable::find(Method method, std::string_view path,
                              std::span<const Route> routes) const {
  std::uint32_t found = find_literal(method, path, routes);
  if (found == kNone && !nodes_.empty() && path.starts_with('/')) {
    found = descend(0, method, path.substr(1));
  }
  return found == kNone ? nullptr : &routes[found];
}

}  // namespace counterfoil
