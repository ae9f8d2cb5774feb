#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "registry/registry.h"

namespace counterfoil {

// GatewayEntry is one gateway on the roll, as its last heartbeat wrote it.
struct GatewayEntry {
  std::string gateway;  // the node's name and, after '/', which start of it
  // Of its last heartbeat among those of all gateways: grows with each, and is given once in an
  // incarnation of the roll, also to one that was struck off and came back.
  std::uint64_t beats = 0;
  Revision applied;
  std::uint64_t incarnation = 0;  // of the roll: after a restore the count begins anew
  bool operator==(const GatewayEntry&) const = default;
  // is_as_silent_as: not one heartbeat lies between the two.
  [[nodiscard]] bool is_as_silent_as(const GatewayEntry& other) const {
    return beats == other.beats && incarnation == other.incarnation;
  }
};

// Roll is one reading of the whole roll. `is_whole`: every gateway that may still accept is on it.
// After a restore the roll begins empty, while gateways of the store before it may have a right
// left: until nobody can have one, it is not whole, and whoever waits for it waits out the full
// time.
struct Roll {
  std::vector<GatewayEntry> gateways;
  bool is_whole = false;
};

// GatewayRoll is the registry's list of the gateways that may accept requests. Engines:
// LocalGatewayRoll (one node); etcd later. Safe to call from any thread.
class GatewayRoll {
 public:
  static constexpr std::size_t kGatewaysMax = 1'024;

  GatewayRoll() = default;
  GatewayRoll(const GatewayRoll&) = delete;
  GatewayRoll& operator=(const GatewayRoll&) = delete;
  GatewayRoll(GatewayRoll&&) = delete;
  GatewayRoll& operator=(GatewayRoll&&) = delete;
  virtual ~GatewayRoll() = default;

  // beat is one transaction: it puts `gateway` onto the roll if it is not there, writes what it has
  // applied, and reads the newest committed revision. kTooLarge: the roll is full.
  [[nodiscard]] virtual std::expected<Revision, RegistryError> beat(std::string_view gateway,
                                                                    const Revision& applied) = 0;
  // read reads the whole roll: every beat that was answered before the call is in it.
  [[nodiscard]] virtual std::expected<Roll, RegistryError> read() const = 0;
  // strike takes a gateway off the roll, if it has not beaten since `entry` was read. Only for one
  // that accepts nothing any more: it says so itself after it has stopped, or nobody has seen a
  // beat of it for as long as a gateway is counted out.
  [[nodiscard]] virtual std::expected<void, RegistryError> strike(const GatewayEntry& entry) = 0;

  // changes grows with every beat that reported something new, and with every strike.
  // wait_for_change returns once it is no longer `seen`, or after `at_most`; it may return early.
  [[nodiscard]] virtual std::uint64_t changes() const = 0;
  virtual void wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most) = 0;
};

}  // namespace counterfoil
