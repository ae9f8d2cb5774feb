#pragma once

#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/node.h"
#include "policy/profile.h"

namespace counterfoil {

// TourParts is what the tour needs; everything must outlive the call.
struct TourParts {
  Node& node;
  const SigningRules& rules;
  const std::vector<KeyDirectory>& keys;
  CommandContext& context;
};

// run_tour shows, over real sockets and in words on standard error, what the gateway does: a signed
// order with each type of key, a request changed after it was signed and one signed too long ago,
// each with its true reason out of the journal, and a revocation with the refusal after it. Takes
// about two seconds, for state changes stamped in the gateway's first second are refused.
// false: something did not go as told; it was said what.
[[nodiscard]] bool run_tour(const TourParts& parts);

}  // namespace counterfoil
