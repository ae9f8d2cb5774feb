#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "authority/event_loops.h"
#include "authority/feed_follower.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {

// GatewayFeed keeps one gateway's copy of the registry in force, and with it the gateway's right to
// accept: it carries out what FeedFollower decides, sends the heartbeats of RightToAccept, and
// reports at once what has come into force here.
class GatewayFeed {
 public:
  // Everything must outlive it. `gateway` is its name on the roll.
  struct Parts {
    Registry& registry;
    Replica& replica;
    EventLoops& loops;
    GatewayRoll& roll;
    const Clock& clock;
    std::string gateway;
  };
  // `shown`: the copy is loaded already and shows this; nullopt: the first tick loads it.
  explicit GatewayFeed(Parts parts, const std::optional<Revision>& shown = std::nullopt);
  GatewayFeed(const GatewayFeed&) = delete;
  GatewayFeed& operator=(const GatewayFeed&) = delete;
  GatewayFeed(GatewayFeed&&) = delete;
  GatewayFeed& operator=(GatewayFeed&&) = delete;
  ~GatewayFeed() { wake_with({}); }

  // wake_with sets what is called when tick() has something to do: from any thread, sometimes
  // inside tick(). It must be quick and must not call back. Once wake_with returns, the one before
  // is not called any more.
  void wake_with(std::function<void()> wake);

  // tick does what is due. Call it several times a second and after each wake, one thread at a
  // time.
  void tick();
  // right_until is the end of the right to accept, as of the last tick; on tick's thread.
  [[nodiscard]] BootTime right_until() const { return right_.until(); }
  // trouble is what keeps the right from being extended, in a sentence for the operator; nullopt:
  // nothing. On tick's thread.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  struct Inbox;
  void take_inbox();
  void beat();
  // carry_out is false when the step is to be tried again, but not at once.
  [[nodiscard]] bool carry_out(const FeedFollower::Load& load);
  [[nodiscard]] bool carry_out(const FeedFollower::Read& read);
  [[nodiscard]] bool carry_out(const FeedFollower::Pass& pass);

  Parts parts_;
  std::shared_ptr<Inbox> inbox_;  // shared with the rounds of the loops, which may end later
  RightToAccept right_;
  FeedFollower follower_;
  std::optional<RegistryError> roll_fault_;
  std::optional<RegistryError> feed_fault_;
  std::optional<BootTime> passing_since_;
  Subscription subscription_;  // the last member: it ends first
};

}  // namespace counterfoil
