#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil {

// LocalGatewayRoll is the roll of a node that is alone with its registry. It is kept in memory:
// a gateway that could still accept after a crash has ended with it.
class LocalGatewayRoll : public GatewayRoll {
 public:
  // `registry` must outlive it.
  explicit LocalGatewayRoll(const Registry& registry) : registry_(registry) {}

  [[nodiscard]] std::expected<Revision, RegistryError> beat(std::string_view gateway,
                                                            const Revision& applied) override;
  [[nodiscard]] std::expected<Roll, RegistryError> read() const override;
  [[nodiscard]] std::expected<void, RegistryError> strike(const GatewayEntry& entry) override;
  [[nodiscard]] std::uint64_t changes() const override;
  void wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most) override;

 private:
  const Registry& registry_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, GatewayEntry, std::less<>> gateways_;  // under mutex_
  std::uint64_t beats_ = 0;                                    // of all gateways; under mutex_
  std::uint64_t changes_ = 0;                                  // under mutex_
};

}  // namespace counterfoil
