#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace counterfoil {

// nearest is the word of `known` that `text` was probably meant to be: the one with the fewest
// letters inserted, left out, changed or swapped with their neighbour, if those are at most a third
// of its length (and at most 3). Letter case does not count. The first of several.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view text,
                                                      std::span<const std::string_view> known);

// did_you_mean is " Did you mean 'weight'?", or empty when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view text,
                                       std::span<const std::string_view> known);

}  // namespace counterfoil
