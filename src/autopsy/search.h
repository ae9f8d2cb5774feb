#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/scene.h"

namespace counterfoil::autopsy {

// Explanation is the smallest number of mistakes under which the signature is right.
struct Explanation {
  std::vector<std::string_view> causes;      // none: the signature is right as it is
  std::string text;                          // what was signed
  bool shows_text = true;                    // false: it would show a secret
  std::vector<std::string_view> same_bytes;  // other mistakes that give the same text
};

struct SearchResult {
  std::optional<Explanation> found;  // nullopt: nothing fits
  std::size_t tries_spent = 0;
};

// search tries the hypotheses of all groups against the signature that the scene holds. It ends
// after `tries_max` at the latest.
[[nodiscard]] SearchResult search(const Scene& scene, std::size_t tries_max);

}  // namespace counterfoil::autopsy
