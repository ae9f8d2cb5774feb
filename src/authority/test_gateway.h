#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "authority/event_loops.h"
#include "authority/gateway_feed.h"
#include "authority/issuer.h"
#include "authority/receipts.h"
#include "authority/revoker.h"
#include "authority/upstream_events.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "registry/local_gateway_roll.h"
#include "registry/registry.h"
#include "replica/replica.h"

// For tests alone.
namespace counterfoil {

// DrivenRoll is the roll of a gateway that has no thread: whoever waits for its report drives it.
class DrivenRoll final : public LocalGatewayRoll {
 public:
  using LocalGatewayRoll::LocalGatewayRoll;
  // What the driven gateway does, and what happens when that has brought nothing new.
  std::function<void()> tick;
  std::function<void(std::chrono::milliseconds at_most)> idle;

  void wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most) override {
    {
      const std::scoped_lock lock(mutex_);
      tick();
    }
    if (changes() != seen) {
      return;
    }
    if (idle) {
      idle(at_most);
    } else {
      LocalGatewayRoll::wait_for_change(seen, std::chrono::milliseconds(1));
    }
  }

 private:
  std::mutex mutex_;
};

// TestGateway is one gateway as the revocation sees it, and the node's revoker and receipts. The
// replica is loaded already.
class TestGateway {
 public:
  // `idle`: see DrivenRoll; without one it waits a little, for event loops that have threads.
  TestGateway(Registry& registry, Replica& replica, const Clock& clock, RandomSource& random,
              std::function<void(std::chrono::milliseconds)> idle = {})
      : roll(registry),
        feed({.registry = registry,
              .replica = replica,
              .loops = loops,
              .roll = roll,
              .clock = clock,
              .gateway = "node-1/1"}),
        revoker({.roll = roll, .replica = replica, .loops = loops, .clock = clock}),
        node_key(PrivateKey::generate(Scheme::kEd25519, random).value()),
        receipts({.node_key = node_key,
                  .journal = *journal,
                  .random = random,
                  .clock = clock,
                  .node = "node-1",
                  .log_id = "00000000000000000000000000000001"}) {
    roll.tick = [this] { feed.tick(); };
    roll.idle = std::move(idle);
    feed.tick();  // onto the roll
  }

  [[nodiscard]] Issuer::Enforcement enforcement() {
    return {.revoker = revoker, .receipts = receipts, .events = events};
  }

  EventLoops loops;
  DrivenRoll roll;
  GatewayFeed feed;
  Revoker revoker;
  PrivateKey node_key;
  std::unique_ptr<Journal> journal = make_memory_journal();
  Receipts receipts;
  UpstreamEvents* events = nullptr;  // a test may set it before it makes an issuer
};

}  // namespace counterfoil
