#include "authority/revoker.h"

#include <gtest/gtest.h>

#include "authority/authority_fixture.h"
#include "authority/key_records.h"
#include "authority/revocation_wait.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

class RevokerTest : public testing::Test {
 protected:
  // commit suspends a key behind the authority's back.
  Revision commit() {
    auto key = *house_.issuer->find_key(caller_.id());
    key.state = KeyState::kSuspended;
    const auto version = house_.issuer->stored_key(caller_.id())->version;
    return house_.store
        ->commit({.writes = {api_key_write(key, house_.profile.permissions(), version)}})
        .value();
  }
  KeyState shown() const { return house_.replica->find(caller_.key.id)->state; }

  TestAuthority house_;
  TestAuthority::HmacCaller caller_ = house_.new_key();
  Revoker& revoker_ = house_.gateway->revoker;
};

TEST_F(RevokerTest, WhatEveryGatewayHasAppliedIsInForce) {
  const BootTime before = house_.clock.boot_now();
  const Revision revision = commit();
  ASSERT_EQ(shown(), KeyState::kActive);

  const InForce in_force = revoker_.wait_until_in_force(revision);

  EXPECT_EQ(shown(), KeyState::kSuspended);
  EXPECT_EQ(in_force.revision, revision);
  EXPECT_EQ(in_force.committed_at, before);
  EXPECT_EQ(in_force.since, before);  // the clock stood still
  ASSERT_EQ(in_force.gateways.size(), 1U);
  EXPECT_EQ(in_force.gateways[0].gateway, "node-1/1");
  EXPECT_EQ(in_force.gateways[0].kind, GatewayAnswer::Kind::kApplied);
  EXPECT_EQ(in_force.gateways[0].applied, revision);
}

TEST_F(RevokerTest, AFeedThatIsStuckIsWaitedOut) {
  house_.registry->feed_fails = RegistryError::kUnavailable;

  const InForce in_force = revoker_.wait_until_in_force(commit());

  EXPECT_EQ(shown(), KeyState::kActive);  // but its right has ended
  ASSERT_EQ(in_force.gateways.size(), 1U);
  EXPECT_EQ(in_force.gateways[0].kind, GatewayAnswer::Kind::kCountedOut);
  EXPECT_GE(in_force.since - in_force.committed_at, 5s);
  EXPECT_LT(house_.gateway->feed.right_until(), house_.clock.boot_now());
}

TEST_F(RevokerTest, WhereReadingOutlastsAllElseTheWaitIsSoMuchLonger) {
  house_.registry->feed_fails = RegistryError::kUnavailable;
  Revoker revoker({.roll = house_.gateway->roll,
                   .replica = *house_.replica,
                   .loops = house_.gateway->loops,
                   .clock = house_.clock},
                  {.relaxed_for = 60s});

  const InForce in_force = revoker.wait_until_in_force(commit());

  EXPECT_GE(in_force.since - in_force.committed_at, 65s);
  EXPECT_EQ(in_force.times.bound(), 65s);
}

TEST_F(RevokerTest, ALoopThatDoesNotComeRoundIsWaitedOut) {
  house_.loop.mode = InlineLoop::Mode::kKeep;

  const InForce in_force = revoker_.wait_until_in_force(commit());

  EXPECT_EQ(shown(), KeyState::kSuspended);
  EXPECT_EQ(in_force.gateways.at(0).kind, GatewayAnswer::Kind::kCountedOut);
  EXPECT_GE(in_force.since - in_force.committed_at, 5s);
  EXPECT_LT(house_.gateway->feed.right_until(), house_.clock.boot_now());
}

TEST_F(RevokerTest, AGatewayThatIsGoneIsWaitedOutOnceAndStruckOff) {
  ASSERT_TRUE(house_.gateway->roll.beat("node-1/0", Revision{}));

  const InForce first = revoker_.wait_until_in_force(commit());

  ASSERT_EQ(first.gateways.size(), 2U);
  EXPECT_EQ(first.gateways[0].gateway, "node-1/0");
  EXPECT_EQ(first.gateways[0].kind, GatewayAnswer::Kind::kCountedOut);
  EXPECT_EQ(first.gateways[1].kind, GatewayAnswer::Kind::kApplied);

  const InForce second = revoker_.wait_until_in_force(first.revision);
  EXPECT_EQ(second.gateways.size(), 1U);
  EXPECT_EQ(second.since, second.committed_at);
}

TEST_F(RevokerTest, AKeyThatIsHeldBackIsDeadHere) {
  EXPECT_TRUE(revoker_.replica_knows(caller_.key.id));
  EXPECT_TRUE(revoker_.hold_back(caller_.key.id));

  EXPECT_EQ(shown(), KeyState::kRevoked);
}

}  // namespace
}  // namespace counterfoil
