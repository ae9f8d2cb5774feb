#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace counterfoil::venue {

// Asset is something an account can hold.
enum class Asset : std::uint8_t { kBtc, kEth, kBnb, kLtc, kSol, kUsdt };

// kAssetNames is indexed by Asset.
inline constexpr auto kAssetNames =
    std::to_array<std::string_view>({"BTC", "ETH", "BNB", "LTC", "SOL", "USDT"});
inline constexpr std::size_t kAssetsCount = kAssetNames.size();

[[nodiscard]] constexpr std::size_t index_of(Asset asset) { return std::to_underlying(asset); }
[[nodiscard]] constexpr std::string_view name_of(Asset asset) {
  return kAssetNames[index_of(asset)];
}
[[nodiscard]] constexpr std::optional<Asset> asset_named(std::string_view name) {
  for (std::size_t at = 0; at < kAssetsCount; ++at) {
    if (kAssetNames[at] == name) {
      return static_cast<Asset>(at);
    }
  }
  return std::nullopt;
}
static_assert(name_of(Asset::kUsdt) == "USDT");

}  // namespace counterfoil::venue
