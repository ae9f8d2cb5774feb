#include "app/heartbeat.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "authority/acceptance.h"
#include "authority/authority_fixture.h"
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
  [[nodiscard]] bool has_right() const {
    return acceptance_.holds(house_.clock.now(), house_.clock.boot_now());
  }
  Acceptance acceptance_;
  Log log_{"error"};  // what it writes in these tests is expected
  Heartbeat heartbeat_{Heartbeat::Parts{
      .feed = house_.gateway->feed, .acceptance = acceptance_, .clock = house_.clock, .log = log_}};
};

TEST_F(HeartbeatTest, GivesTheRightWithTheFirstBeatAndKeepsIt) {
  EXPECT_FALSE(has_right());

  heartbeat_.beat();

  EXPECT_TRUE(has_right());
  for (int minute = 0; minute < 5; ++minute) {
    pass(60s);
    EXPECT_TRUE(has_right());
  }
  EXPECT_FALSE(heartbeat_.trouble());
}

TEST_F(HeartbeatTest, TheRightEndsByItselfWhenNobodyBeats) {
  heartbeat_.beat();

  house_.clock.advance(4'499ms);
  EXPECT_TRUE(has_right());
  house_.clock.advance(1ms);
  EXPECT_FALSE(has_right());
}

TEST_F(HeartbeatTest, AStuckFeedEndsTheRightAndSaysSo) {
  heartbeat_.beat();
  house_.registry->feed_fails = RegistryError::kUnavailable;
  ASSERT_TRUE(house_.registry->commit({.writes = {{.kind = RecordKind::kSetting,
                                                   .id = "anything",
                                                   .bytes = "changed",
                                                   .expected_modified = 0}}}));

  pass(4s);
  EXPECT_TRUE(has_right());
  EXPECT_TRUE(heartbeat_.trouble());  // told before it hurts
  pass(1s);

  EXPECT_FALSE(has_right());
  ASSERT_TRUE(heartbeat_.trouble());
  EXPECT_TRUE(heartbeat_.trouble()->contains("behind"));

  house_.registry->feed_fails.reset();
  pass(300ms);
  EXPECT_TRUE(has_right());
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

  EXPECT_FALSE(has_right());
  ASSERT_TRUE(heartbeat_.trouble());
  EXPECT_TRUE(heartbeat_.trouble()->contains("3600 s"));

  house_.clock.step(-1h);
  pass(300ms);
  EXPECT_TRUE(has_right());
  EXPECT_FALSE(heartbeat_.trouble());
}

TEST_F(HeartbeatTest, AnOperatorsWordBringsTheRightBack) {
  if (time_service_confirms() == ClockWatch::Confirmed::kYes) {
    GTEST_SKIP() << "this machine's time service vouches for every jump";
  }
  heartbeat_.beat();
  EXPECT_FALSE(heartbeat_.confirm_clock(0s)) << "there is no doubt";
  acceptance_.forget_before(house_.clock.now());  // as a start does
  house_.clock.step(-1h);
  pass(100ms);
  ASSERT_TRUE(heartbeat_.clock_state().is_in_doubt);
  EXPECT_LT(std::chrono::abs(heartbeat_.clock_state().step + 1h), 1ms);

  EXPECT_FALSE(heartbeat_.confirm_clock(1h)) << "that is another step";
  EXPECT_FALSE(heartbeat_.confirm_clock(-1h - 2s));
  EXPECT_FALSE(has_right());
  EXPECT_TRUE(heartbeat_.confirm_clock(-1h));
  pass(300ms);

  EXPECT_TRUE(has_right());
  EXPECT_FALSE(heartbeat_.trouble());
  EXPECT_FALSE(heartbeat_.clock_state().is_in_doubt);
  EXPECT_FALSE(heartbeat_.confirm_clock(-1h)) << "a word counts once";
  // The memory may have forgotten what was received at this time before.
  EXPECT_GT(acceptance_.changes_from(), house_.clock.now());
  pass(2s);
  EXPECT_LT(acceptance_.changes_from(), house_.clock.now());
}

TEST_F(HeartbeatTest, ASmallJumpIsToldAndNothingMore) {
  heartbeat_.beat();

  house_.clock.step(10s);
  pass(5s);

  EXPECT_TRUE(has_right());
}

}  // namespace
}  // namespace counterfoil
