#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/route.h"

namespace counterfoil {

// RouteTable finds the route of a method and a path: literal paths in a flat hash table, paths with
// {name} segments in a tree. It holds indices of a profile's routes, which are handed in again at
// every look-up. Immutable once every route is added.
class RouteTable {
 public:
  explicit RouteTable(std::size_t route_count);

  // add enters one route. On a clash, which is another route of this method that matches the same
  // paths, nothing changes and the answer is that route's index.
  [[nodiscard]] std::optional<std::uint32_t> add(const Route& route, std::span<const Route> routes);

  [[nodiscard]] const Route* find(Method method, std::string_view path,
                                  std::span<const Route> routes) const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Slot {
    std::size_t hash = 0;
    std::uint32_t route = kNone;
  };
  // Node stands for the segments that lead to it from the root.
  struct Node {
    std::vector<std::pair<std::string, std::uint32_t>> literals;  // sorted by text
    std::uint32_t any = kNone;                                    // the node of a {name} segment
    std::array<std::uint32_t, kMethodCount> routes = filled();
    [[nodiscard]] static constexpr std::array<std::uint32_t, kMethodCount> filled() {
      std::array<std::uint32_t, kMethodCount> routes{};
      routes.fill(kNone);
      return routes;
    }
  };

  [[nodiscard]] std::optional<std::uint32_t> add_pattern(const Route& route);
  [[nodiscard]] std::uint32_t step_to(std::uint32_t node, std::string_view segment);
  [[nodiscard]] std::uint32_t find_literal(Method method, std::string_view path,
                                           std::span<const Route> routes) const;
  [[nodiscard]] std::uint32_t descend(std::uint32_t node, Method method,
                                      std::string_view segments) const;

  std::vector<Slot> slots_;  // a power of two, at least twice the routes
  std::vector<Node> nodes_;  // [0] is the root; empty: no pattern was added
};

// is_pattern_segment: does this segment of a route's path match any text, as {name} does?
[[nodiscard]] inline bool is_pattern_segment(std::string_view segment) {
  return segment.starts_with('{');
}

}  // namespace counterfoil
