#include "authority/gateway_feed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/event_loops.h"
#include "registry/local_gateway_roll.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

// GatewayFeedTest is a second gateway beside the house's own, driven by the test.
class GatewayFeedTest : public testing::Test {
 protected:
  std::unique_ptr<GatewayFeed> open(const std::optional<Revision>& shown = std::nullopt) {
    auto feed = std::make_unique<GatewayFeed>(GatewayFeed::Parts{.registry = *house_.registry,
                                                                 .replica = replica_,
                                                                 .loops = loops_,
                                                                 .roll = roll_,
                                                                 .clock = house_.clock,
                                                                 .gateway = "other/1"},
                                              shown);
    feed->wake_with([this] { ++wakes_; });
    return feed;
  }
  void change() { (void)house_.new_key(); }
  Revision now() const { return house_.registry->revision().value(); }
  Revision reported() const { return roll_.read()->gateways.at(0).applied; }
  bool has_right(const GatewayFeed& feed) const {
    return house_.clock.boot_now() < feed.right_until();
  }

  TestAuthority house_;
  Replica replica_{house_.profile.permissions(), *house_.sealer};
  EventLoops loops_;
  LocalGatewayRoll roll_{*house_.registry};
  int wakes_ = 0;
};

TEST_F(GatewayFeedTest, LoadsReportsAndHasTheRightAfterOneTick) {
  change();
  const auto feed = open();
  EXPECT_FALSE(has_right(*feed));

  feed->tick();

  EXPECT_TRUE(has_right(*feed));
  EXPECT_EQ(replica_.size(), 1U);
  EXPECT_EQ(reported(), now());
  EXPECT_EQ(feed->trouble(), std::nullopt);
}

TEST_F(GatewayFeedTest, WhatWasLoadedBeforeIsNotLoadedAgainButCaughtUpWith) {
  const auto loaded = replica_.load(*house_.registry);
  change();
  const auto feed = open(loaded->revision);

  feed->tick();

  EXPECT_EQ(replica_.size(), 1U);
  EXPECT_EQ(reported(), now());
  EXPECT_TRUE(has_right(*feed));
}

TEST_F(GatewayFeedTest, ACommitWakesItAndIsReportedAtOnce) {
  const auto feed = open();
  feed->tick();
  wakes_ = 0;

  change();
  EXPECT_GE(wakes_, 1);
  feed->tick();  // long before the next heartbeat is due

  EXPECT_EQ(reported(), now());
}

TEST_F(GatewayFeedTest, WhatTheLoopsHaveNotPassedIsNotReported) {
  InlineLoop loop;
  loops_.add(loop);
  const auto feed = open();
  feed->tick();
  const Revision before = now();
  loop.mode = InlineLoop::Mode::kKeep;

  change();
  feed->tick();
  EXPECT_EQ(replica_.size(), 1U);
  EXPECT_EQ(reported(), before);
  house_.clock.advance(2s);
  feed->tick();
  ASSERT_TRUE(feed->trouble());
  EXPECT_TRUE(feed->trouble()->contains("event loop"));

  loop.mode = InlineLoop::Mode::kAtOnce;
  wakes_ = 0;
  loop.kept.clear();
  EXPECT_GE(wakes_, 1);
  feed->tick();
  EXPECT_EQ(reported(), now());
  EXPECT_EQ(feed->trouble(), std::nullopt);
}

TEST_F(GatewayFeedTest, AStuckFeedEndsTheRightAndSaysSo) {
  const auto feed = open();
  feed->tick();
  house_.registry->feed_fails = RegistryError::kUnavailable;
  change();

  for (int i = 0; i < 50; ++i) {
    house_.clock.advance(100ms);
    feed->tick();
  }
  EXPECT_FALSE(has_right(*feed));
  ASSERT_TRUE(feed->trouble());
  EXPECT_TRUE(feed->trouble()->contains("behind"));

  house_.registry->feed_fails.reset();
  house_.clock.advance(300ms);
  feed->tick();
  EXPECT_TRUE(has_right(*feed));
  EXPECT_EQ(feed->trouble(), std::nullopt);
}

TEST_F(GatewayFeedTest, AfterAGapEverythingIsLoadedAnew) {
  const auto feed = open();
  feed->tick();
  house_.registry->feed_fails = RegistryError::kGap;
  change();

  feed->tick();

  EXPECT_EQ(replica_.size(), 1U);
  EXPECT_EQ(reported(), now());
}

TEST_F(GatewayFeedTest, ALoopMayComeRoundAfterTheFeedIsGone) {
  InlineLoop loop;
  loop.mode = InlineLoop::Mode::kKeep;
  loops_.add(loop);
  auto feed = open();
  feed->tick();
  feed.reset();
  wakes_ = 0;

  loop.kept.clear();
  change();

  EXPECT_EQ(wakes_, 0);
}

}  // namespace
}  // namespace counterfoil
