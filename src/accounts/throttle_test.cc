#include "accounts/throttle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);

// How many of the tries that come every `step` are looked at within `time`.
int looked_at(const TryLimit& limit, std::chrono::seconds step, std::chrono::seconds time) {
  TryCounter counter;
  int tries = 0;
  for (Timestamp now = kNow; now < kNow + time; now += step) {
    if (!wait_before_try(counter, limit, now)) {
      counter = counted(counter, now);
      ++tries;
    }
  }
  return tries;
}

TEST(Throttle, LooksAtTwentyTriesAnHour) {
  EXPECT_EQ(looked_at(kTriesOfName, 1s, 3600s), 20);
  EXPECT_EQ(looked_at({.per_hour = 60}, 1s, 3600s), 60);
  // Whenever the hour begins: it slides, and forgives no try early.
  EXPECT_LE(looked_at(kTriesOfName, 1s, 2 * 3600s), 40);
  EXPECT_GE(looked_at(kTriesOfName, 1s, 3 * 3600s), 40);
}

TEST(Throttle, AsksForLongerWaitsAfterFiveWrongOnes) {
  TryCounter counter;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(wait_before_try(counter, kTriesOfName, kNow), std::nullopt) << i;
    counter = counted(counter, kNow);
  }
  Timestamp now = kNow;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    EXPECT_EQ(wait_before_try(counter, kTriesOfName, now), wait);
    EXPECT_EQ(wait_before_try(counter, kTriesOfName, now + wait - 1us), 1s);
    now += wait;
    EXPECT_EQ(wait_before_try(counter, kTriesOfName, now), std::nullopt);
    counter = counted(counter, now);
  }
}

TEST(Throttle, ForgetsWrongOnesAfterAQuarterOfAnHour) {
  TryCounter counter;
  for (int i = 0; i < 5; ++i) {
    counter = counted(counter, kNow);
  }

  EXPECT_EQ(wait_before_try(counter, kTriesOfName, kNow), 1s);
  counter = counted(counter, kNow + 15min);
  EXPECT_EQ(wait_before_try(counter, kTriesOfName, kNow + 15min), std::nullopt);
}

TEST(Throttle, TakesBackARightOneAndNoOther) {
  const TryCounter counter = counted(counted({}, kNow), kNow + 1s);

  EXPECT_EQ(taken_back(counter, kNow + 1s), counted({}, kNow));
  EXPECT_EQ(taken_back(counter, kNow + 10min), counter);
  EXPECT_EQ(taken_back(counted({}, kNow), kNow), TryCounter{});
}

TEST(Throttle, DoesNotForgetWhenTheClockIsSetBack) {
  TryCounter counter;
  for (int i = 0; i < 20; ++i) {
    counter = counted(counter, kNow);
  }

  EXPECT_TRUE(wait_before_try(counter, kTriesOfName, kNow - 24h).has_value());
}

TEST(Throttle, IsErasedWhenItSaysNothingAnyMore) {
  const TryCounter counter = counted({}, kNow);

  EXPECT_FALSE(is_spent(counter, kNow + 60min));
  EXPECT_TRUE(is_spent(counter, kNow + 62min));
  EXPECT_TRUE(is_spent({}, kNow));
}

TEST(Throttle, CountsByAddressAndNetwork) {
  const TrySource v4 = try_source(*IpAddress::parse("203.0.113.7"));
  EXPECT_EQ(v4.address, "203.0.113.7");
  EXPECT_EQ(v4.network, "203.0.113.0/24");
  EXPECT_EQ(try_source(*IpAddress::parse("::ffff:203.0.113.7")).address, v4.address);

  const TrySource one = try_source(*IpAddress::parse("2001:db8:1:2::1"));
  const TrySource same_64 = try_source(*IpAddress::parse("2001:db8:1:2:ffff::9"));
  const TrySource same_48 = try_source(*IpAddress::parse("2001:db8:1:3::1"));
  EXPECT_EQ(one.address, same_64.address);
  EXPECT_NE(one.address, same_48.address);
  EXPECT_EQ(one.network, same_48.network);
  EXPECT_NE(one.network, one.address);
}

}  // namespace
}  // namespace counterfoil
