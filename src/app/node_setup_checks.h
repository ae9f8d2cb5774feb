#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "doors/management/node_status.h"
#include "doors/management/setup_check.h"

namespace counterfoil {

// SetupFacts is what the checks of a first run look at.
struct SetupFacts {
  std::string_view origin;  // of the console, as browsers say it
  const NodeStatus& status;
  std::filesystem::path data;
  std::string_view upstream;  // upstream.url
};

// node_setup_checks looks at what a node needs before people use it: the console's name, the clock,
// the disk, the upstream, and whatever troubles the node. The start has refused the rest: a data
// directory or root key that others can read, stores that cannot be opened.
[[nodiscard]] std::vector<SetupCheck> node_setup_checks(const SetupFacts& facts);

}  // namespace counterfoil
