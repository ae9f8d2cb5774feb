#pragma once

#include <memory>
#include <utility>

#include "authority/acceptance.h"
#include "authority/autopsy_queue.h"
#include "authority/gatekeeper.h"
#include "authority/replay_memory.h"
#include "base/time.h"
#include "keys/key_format.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "replica/replica.h"

namespace counterfoil {

// LimitCounters is what was counted against the limits of one profile.
struct LimitCounters {
  LimitCounters(Profile counted_by, TableSeed seed)
      : profile(std::move(counted_by)),
        addresses(profile.limits(), seed),
        accounts(profile.limits(), seed),
        bad_signatures(profile.limits(), seed) {}

  const Profile profile;
  AddressLimits addresses;
  AccountLimits accounts;
  BadSignatures bad_signatures;
};

// NodePolicy is one version of the operator's rules in force: the profile, what is counted by it,
// and the gatekeeper that judges by both. Requests that began under a version end under it, so it
// lives until the last of them has.
struct NodePolicy {
  // Ground is what all versions stand on. Everything must outlive them.
  struct Ground {
    const Replica& replica;
    ReplayMemory& replays;
    const KeyFormat& format;
    const Clock& clock;
    const Acceptance& acceptance;
    RefusalSealer seal_refusal;
    TableSeed seed;
    AutopsyQueue* autopsies = nullptr;
  };
  using Limits = Gatekeeper::Parts::Limits;

  NodePolicy(const Ground& ground, Profile rules, Limits limits,
             std::shared_ptr<LimitCounters> counted)
      : profile(std::move(rules)),
        counters(std::move(counted)),
        gatekeeper({.replica = ground.replica,
                    .replays = ground.replays,
                    .address_limits = counters->addresses,
                    .account_limits = counters->accounts,
                    .bad_signatures = counters->bad_signatures,
                    .profile = profile,
                    .format = ground.format,
                    .clock = ground.clock,
                    .acceptance = ground.acceptance,
                    .seal_refusal = ground.seal_refusal,
                    .limits = limits,
                    .autopsies = ground.autopsies}) {}

  // make counts on where `before` stands, if there is one and its limits are the same; other limits
  // count anew, and nobody is banned any more.
  [[nodiscard]] static std::shared_ptr<NodePolicy> make(const Ground& ground,
                                                        const Profile& profile, Limits limits,
                                                        const NodePolicy* before) {
    const bool goes_on = before != nullptr && before->profile.limits() == profile.limits();
    return std::make_shared<NodePolicy>(
        ground, profile, limits,
        goes_on ? before->counters : std::make_shared<LimitCounters>(profile, ground.seed));
  }

  const Profile profile;
  const std::shared_ptr<LimitCounters> counters;
  Gatekeeper gatekeeper;
};

}  // namespace counterfoil
