#include "app/heartbeat.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "app/log.h"
#include "authority/authority_fixture.h"
#include "authority/gatekeeper.h"
#include "authority/replay_memory.h"
#include "policy/limits.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

// HeartbeatTest is a gateway whose clocks, registry feed and event loop a test holds in its hand.
class HeartbeatTest : public testing::Test {
 protected:
  // pass lets the time go by as the node does: a look every tenth of a second.
  void pass(std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= 100ms) {
      house_.clock.advance(100ms);
      heartbeat_.beat();
    }
  }

  TestAuthority house_;
  ReplayMemory replays_{1'000};
  AddressLimits address_limits_{house_.profile.limits(), {}};
  AccountLimits account_limits_{house_.profile.limits(), {}};
  BadSignatures bad_signatures_{house_.profile.limits(), {}};
  KeyFormat format_;
  Gatekeeper gatekeeper_{Gatekeeper::Parts{.replica = *house_.replica,
                                           .replays = replays_,
                                           .address_limits = address_limits_,
                                           .account_limits = account_limits_,
                                           .bad_signatures = bad_signatures_,
                                           .profile = house_.profile,
                                           .format = format_,
                                           .clock = house_.clock,
                                           .seal_refusal = {}},
                         kTestStart};
  Log log_{"error"};  // what it writes in these tests is expected
  Heartbeat heartbeat_{Heartbeat::Parts{
      .feed = house_.gateway->feed, .gatekeeper = gatekeeper_, .clock = house_.clock, .log = log_}};
};

TEST_F(HeartbeatTest, GivesTheRightWithTheFirstBeatAndKeepsIt) {
  EXPECT_FALSE(gatekeeper_.has_right());

  heartbeat_.beat();

  EXPECT_TRUE(gatekeeper_.has_right());
  for (int minute = 0; minute < 5; ++minute) {
    pass(60s);
    EXPECT_TRUE(gatekeeper_.has_right());
  }
  EXPECT_FALSE(heartbeat_.trouble());
}

TEST_F(HeartbeatTest, TheRightEndsByItselfWhenNobodyBeats) {
  heartbeat_.beat();

  house_.clock.advance(4'499ms);
  EXPECT_TRUE(gatekeeper_.has_right());
  house_.clock.advance(1ms);
  EXPECT_FALSE(gatekeeper_.has_right());
}

TEST_F(HeartbeatTest, AStuckFeedEndsTheRightAndSaysSo) {
  heartbeat_.beat();
  house_.registry->feed_fails = RegistryError::kUnavailable;
  ASSERT_TRUE(house_.registry->commit({.writes = {{.kind = RecordKind::kSetting,
                                                   .id = "anything",
                                                   .bytes = "changed",
                                                   .expected_modified = 0}}}));

  pass(4s);
  EXPECT_TRUE(gatekeeper_.has_right());
  EXPECT_TRUE(heartbeat_.trouble());  // told before it hurts
  pass(1s);

  EXPECT_FALSE(gatekeeper_.has_right());
  ASSERT_TRUE(heartbeat_.trouble());
  EXPECT_TRUE(heartbeat_.trouble()->contains("behind"));

  house_.registry->feed_fails.reset();
  pass(300ms);
  EXPECT_TRUE(gatekeeper_.has_right());
  EXPECT_FALSE(heartbeat_.trouble());
}

TEST_F(HeartbeatTest, AClockThatJumpsEndsTheRightAtOnce) {
  // Where a time service keeps this machine's clock, a jump counts as its correction.
  if (time_service_confirms() == ClockWatch::Confirmed::kYes) {
    GTEST_SKIP() << "this machine's time service vouches for every jump";
  }
  heartbeat_.beat();

  house_.clock.step(1h);
  pass(100ms);

  EXPECT_FALSE(gatekeeper_.has_right());
  ASSERT_TRUE(heartbeat_.trouble());
  EXPECT_TRUE(heartbeat_.trouble()->contains("3600 s"));

  house_.clock.step(-1h);
  pass(300ms);
  EXPECT_TRUE(gatekeeper_.has_right());
  EXPECT_FALSE(heartbeat_.trouble());
}

TEST_F(HeartbeatTest, ASmallJumpIsToldAndNothingMore) {
  heartbeat_.beat();

  house_.clock.step(10s);
  pass(5s);

  EXPECT_TRUE(gatekeeper_.has_right());
}

}  // namespace
}  // namespace counterfoil
