#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {

// Automatic policies find API keys that should not be as they are: unused, allowed to trade from
// anywhere, without an end (control S-68). A rule that acts by itself must not trap people with
// open positions, so each is off, warns, or enforces in steps: a notice, 14 days later reading and
// cancelling only, a day later suspension. Imported keys are exempt until their owner edits them.

enum class PolicyMode : std::uint8_t { kOff, kWarn, kEnforce };

struct KeyPolicies {
  struct Rule {
    PolicyMode mode = PolicyMode::kWarn;
    std::chrono::days after{30};
  };
  Rule unused{.after = std::chrono::days(30)};    // no request was accepted for so long
  Rule unbound{.after = std::chrono::days(14)};   // trades without an allow-list, made so long ago
  Rule endless{.after = std::chrono::days(90)};   // has no expiry, made so long ago
  PolicyMode password_reset = PolicyMode::kWarn;  // see authority/reset_hold.h
};
inline constexpr std::chrono::days kPolicyNotice{14};
inline constexpr std::chrono::hours kPolicyRestricted{24};

// PolicyStep is what a policy does to a key now.
struct PolicyStep {
  enum class Act : std::uint8_t {
    kNothing,
    kNotify,    // its owner is told
    kRestrict,  // from now on it only reads and cancels
    kSuspend,
    kClear,  // what was wrong is not any more
  } act = Act::kNothing;
  std::string_view policy;  // "unused", "unbound", "endless", kResetPolicy
  bool operator==(const PolicyStep&) const = default;
};

// KeyUse says whether a key was used within KeyPolicies::unused.
enum class KeyUse : std::uint8_t { kUsed, kUnused };

// next_step decides. Pure. `needs_allow_list`: the permissions that make a key without an
// allow-list an unbound one.
[[nodiscard]] PolicyStep next_step(const ApiKey& key, KeyUse use, const KeyPolicies& policies,
                                   const PermissionSet& needs_allow_list, Timestamp now);

}  // namespace counterfoil
