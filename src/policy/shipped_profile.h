#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace counterfoil {

// ShippedProfile is a file of profiles/, part of the program: it runs without any file beside it.
struct ShippedProfile {
  std::string_view name;  // "binance-spot": the file's name without ".toml"
  std::string_view text;
};

// shipped_profiles lists them by name.
[[nodiscard]] std::span<const ShippedProfile> shipped_profiles();
// shipped_profile is the text of one, or nullopt when there is none of this name.
[[nodiscard]] std::optional<std::string_view> shipped_profile(std::string_view name);

}  // namespace counterfoil
