// Rotations that last until nobody uses the old pair any more.

#include "authority/quiet_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/test_use.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

class QuietWatchTest : public testing::Test {
 protected:
  QuietWatchTest() : id_(house_.new_key().id()) {}

  void rotate(RotationEnd end) {
    const auto rotated = house_.issuer->rotate_key(id_, {}, end, house_.actor);
    ASSERT_TRUE(rotated.has_value()) << rotated.error().detail;
    rotated_at_ = house_.clock.now();
  }
  void use(std::uint32_t pair) {
    const UsageRow row = test_use(id_, house_.clock.now(), pair);
    ASSERT_TRUE(house_.gateway->journal->record_usage({&row, 1}).has_value());
  }
  void look() { ASSERT_TRUE(watch_.look().has_value()); }
  [[nodiscard]] bool has_old_pair() const {
    return house_.replica->find(house_.issuer->stored_key(id_)->key.id)->pairs.size() == 2;
  }

  TestAuthority house_;
  std::string id_;
  Timestamp rotated_at_{};
  bool usage_is_told_ = true;
  QuietWatch watch_{{.registry = house_.audited,
                     .issuer = *house_.issuer,
                     .journal = *house_.gateway->journal,
                     .permissions = house_.profile.permissions(),
                     .clock = house_.clock,
                     .usage_is_told = [this] { return usage_is_told_; }}};
};

TEST_F(QuietWatchTest, EndsTheOldPairOnceNobodyUsedItForSoLong) {
  rotate({.overlap = 48h, .quiet_for = 2h});
  house_.clock.advance(1h);
  use(1);
  house_.clock.advance(2h - 1s);
  look();
  EXPECT_TRUE(has_old_pair());

  house_.clock.advance(1s);
  look();

  EXPECT_FALSE(has_old_pair());
  EXPECT_NE(house_.last_audit().find("key.end_retiring"), std::string::npos);
  EXPECT_NE(house_.last_audit().find("\"cause\":\"quiet\""), std::string::npos);
}

TEST_F(QuietWatchTest, TheTimeBeginsWithTheRotation) {
  rotate({.overlap = 48h, .quiet_for = 2h});
  house_.clock.advance(2h - 1s);
  look();
  EXPECT_TRUE(has_old_pair());
  house_.clock.advance(1s);
  look();
  EXPECT_FALSE(has_old_pair());
}

TEST_F(QuietWatchTest, UseOfTheNewPairIsNoUseOfTheOldOne) {
  rotate({.overlap = 48h, .quiet_for = 2h});
  house_.clock.advance(2h);
  use(2);
  look();
  EXPECT_FALSE(has_old_pair());
}

TEST_F(QuietWatchTest, ARotationWithADateAloneIsLeftAlone) {
  rotate({.overlap = 48h});
  house_.clock.advance(47h);
  look();
  EXPECT_TRUE(has_old_pair());
}

TEST_F(QuietWatchTest, TheHardEndComesAlsoToAPairInUse) {
  rotate({.overlap = 3h, .quiet_for = 2h});
  const auto stored = house_.issuer->stored_key(id_)->key;
  ASSERT_EQ(stored.pairs.size(), 2U);
  EXPECT_EQ(stored.pairs[0].retires_at, rotated_at_ + 3h);
}

TEST_F(QuietWatchTest, WhatTheJournalDoesNotKnowEndsNothing) {
  rotate({.overlap = 48h, .quiet_for = 2h});
  house_.clock.advance(10h);
  usage_is_told_ = false;
  look();
  EXPECT_TRUE(has_old_pair());
}

TEST_F(QuietWatchTest, ARotationIsBackedOutOf) {
  rotate({.overlap = 48h, .quiet_for = 2h});
  house_.clock.advance(1h);

  const auto backed = house_.issuer->back_out(id_, house_.actor);

  ASSERT_TRUE(backed.has_value()) << backed.error().detail;
  ASSERT_EQ(backed->key.pairs.size(), 1U);
  EXPECT_EQ(backed->key.pairs[0].number, 1U);
  EXPECT_EQ(backed->key.pairs[0].retires_at, std::nullopt);
  EXPECT_EQ(backed->key.pairs[0].quiet_for, std::nullopt);
  EXPECT_TRUE(backed->receipt.has_value());
  house_.clock.advance(100h);
  look();
  EXPECT_EQ(house_.issuer->stored_key(id_)->key.pairs.size(), 1U);
  // The next pair does not get the number of the one that was given up.
  rotate({.overlap = 1h});
  EXPECT_EQ(house_.issuer->stored_key(id_)->key.pairs[1].number, 3U);
}

TEST_F(QuietWatchTest, NothingIsLeftToBackOutOfOnceTheOldPairHasEnded) {
  rotate({.overlap = 1h});
  house_.clock.advance(1h);
  EXPECT_EQ(house_.issuer->back_out(id_, house_.actor).error().reason, "no_such_pair");
}

TEST_F(QuietWatchTest, ASpanThatMeansNothingIsRefused) {
  const auto reason = [&](RotationEnd end) {
    const auto rotated = house_.issuer->rotate_key(id_, {}, end, house_.actor);
    return rotated ? "" : rotated.error().reason;
  };
  EXPECT_EQ(reason({.overlap = 1h, .quiet_for = 59s}), "quiet_invalid");
  EXPECT_EQ(reason({.overlap = 1h, .quiet_for = 1h}), "quiet_invalid");  // its end comes first
  EXPECT_EQ(reason({.overlap = 0s, .quiet_for = 60s}), "quiet_invalid");
  EXPECT_EQ(reason({.overlap = 1h, .quiet_for = 60s}), "");
}

}  // namespace
}  // namespace counterfoil
