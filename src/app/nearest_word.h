#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// edit_distance counts the insertions, deletions and replacements between two short words.
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = i;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t above = row[k];
      const std::size_t replaced = diagonal + (a[i - 1] == b[k - 1] ? 0U : 1U);
      row[k] = std::min({row[k - 1] + 1, above + 1, replaced});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// did_you_mean gives " (did you mean X?)" for the nearest candidate within a third of the word, or
// "".
template <std::ranges::input_range Words>
[[nodiscard]] std::string did_you_mean(std::string_view word, const Words& candidates) {
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string best;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = std::string(candidate);
    }
  }
  return best.empty() ? "" : " (did you mean " + best + "?)";
}

}  // namespace counterfoil
