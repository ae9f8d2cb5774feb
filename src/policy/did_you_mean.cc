#include "policy/did_you_mean.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

constexpr std::size_t kWordSizeMax = 64;  // Longer words have no near ones that matter.
constexpr std::size_t kDistanceMax = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// distance is the optimal string alignment distance. Three rows of the usual table are enough, for
// a swap looks back two.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kWordSizeMax + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view text,
                                        std::span<const std::string_view> known) {
  std::optional<std::string_view> best;
  std::size_t best_distance = kDistanceMax + 1;
  for (const std::string_view word : known) {
    if (text.empty() || text.size() > kWordSizeMax || word.size() > kWordSizeMax) {
      continue;
    }
    const std::size_t away = distance(text, word);
    if (away < best_distance && away * 3 <= std::max(text.size(), word.size())) {
      best = word;
      best_distance = away;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view text, std::span<const std::string_view> known) {
  const std::optional<std::string_view> word = nearest(text, known);
  return word ? " Did you mean '" + std::string(*word) + "'?" : std::string();
}

}  // namespace counterfoil
