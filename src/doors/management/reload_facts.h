#pragma once

#include <string>
#include <vector>

namespace counterfoil {

// ReloadFacts is what became of a reload: names of settings, never values.
struct ReloadFacts {
  std::vector<std::string> taken_over;     // another value, or a file with other contents
  std::vector<std::string> needs_restart;  // another value, which the node goes without until then
};

}  // namespace counterfoil
