#include "registry/local_gateway_roll.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <mutex>
#include <ranges>
#include <string>
#include <string_view>

#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil {

std::expected<Revision, RegistryError> LocalGatewayRoll::beat(std::string_view gateway,
                                                              const Revision& applied) {
  {
    const std::scoped_lock lock(mutex_);
    auto found = gateways_.find(gateway);
    if (found == gateways_.end()) {
      if (gateways_.size() == kGatewaysMax) {
        return std::unexpected(RegistryError::kTooLarge);
      }
      found = gateways_.try_emplace(std::string(gateway), GatewayEntry{std::string(gateway)}).first;
    }
    GatewayEntry& entry = found->second;
    const bool is_news = entry.beats == 0 || entry.applied != applied;
    entry.beats = ++beats_;
    entry.applied = applied;
    changes_ += is_news ? 1 : 0;
    if (is_news) {
      changed_.notify_all();
    }
  }
  // Read after the name is on the roll: a change that this reading misses was committed later, and
  // whoever made it finds the name there.
  return registry_.revision();
}

std::expected<Roll, RegistryError> LocalGatewayRoll::read() const {
  const std::scoped_lock lock(mutex_);
  const auto entries = std::views::values(gateways_);
  return Roll{.gateways = {entries.begin(), entries.end()}, .is_whole = true};
}

std::expected<void, RegistryError> LocalGatewayRoll::strike(const GatewayEntry& entry) {
  const std::scoped_lock lock(mutex_);
  const auto found = gateways_.find(entry.gateway);
  if (found != gateways_.end() && found->second.is_as_silent_as(entry)) {
    gateways_.erase(found);
    ++changes_;
    changed_.notify_all();
  }
  return {};
}

std::uint64_t LocalGatewayRoll::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

void LocalGatewayRoll::wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [&] { return changes_ != seen; });
}

}  // namespace counterfoil
