#include "policy/shipped_profile.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace counterfoil {

std::optional<std::string_view> shipped_profile(std::string_view name) {
  const std::span<const ShippedProfile> profiles = shipped_profiles();
  const auto found = std::ranges::find(profiles, name, &ShippedProfile::name);
  return found == profiles.end() ? std::nullopt : std::optional(found->text);
}

}  // namespace counterfoil
