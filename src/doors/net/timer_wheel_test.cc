#include "doors/net/timer_wheel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "base/time.h"

namespace counterfoil::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Wheel : public testing::Test {
 protected:
  void pass(std::chrono::nanoseconds time) {
    now_ += time;
    wheel_.advance(now_);
  }
  BootTime now_{std::chrono::hours(5)};
  TimerWheel wheel_{now_};
  int expired_ = 0;
};

TEST_F(Wheel, ExpiresNoTimerEarlyAndNoneMuchLate) {
  for (const int ms : {1, 19, 20, 21, 500, 10'000, 60'000}) {
    WheelTimer timer([this] { ++expired_; });
    expired_ = 0;
    timer.set(wheel_, milliseconds(ms));
    int passed = 0;
    while (expired_ == 0) {
      pass(milliseconds(7));
      passed += 7;
    }
    EXPECT_GE(passed, ms);
    EXPECT_LE(passed, ms + 2 * 20 + 7);
    EXPECT_FALSE(timer.is_set());
  }
}

TEST_F(Wheel, MovesADeadlineBothWays) {
  WheelTimer timer([this] { ++expired_; });
  timer.set(wheel_, seconds(1));
  timer.set(wheel_, seconds(3));
  pass(seconds(2));
  EXPECT_EQ(expired_, 0);
  timer.set(wheel_, milliseconds(100));
  pass(milliseconds(200));
  EXPECT_EQ(expired_, 1);
  pass(seconds(10));
  EXPECT_EQ(expired_, 1) << "once";
}

TEST_F(Wheel, ForgetsWhatWasCancelledOrDestroyed) {
  WheelTimer cancelled([this] { ++expired_; });
  auto destroyed = std::make_unique<WheelTimer>([this] { ++expired_; });
  cancelled.set(wheel_, seconds(1));
  destroyed->set(wheel_, seconds(1));
  cancelled.cancel();
  destroyed.reset();
  pass(seconds(2));
  EXPECT_EQ(expired_, 0);
}

TEST_F(Wheel, ExpiresEverythingAfterALongPause) {
  std::vector<std::unique_ptr<WheelTimer>> timers;
  for (int i = 0; i < 3'000; ++i) {
    timers.push_back(std::make_unique<WheelTimer>([this] { ++expired_; }));
    timers.back()->set(wheel_, milliseconds(i * 30));
  }
  pass(std::chrono::hours(24));
  EXPECT_EQ(expired_, 3'000);
}

TEST_F(Wheel, LetsATimerSetOrDestroyAnotherWhileItExpires) {
  std::unique_ptr<WheelTimer> victim;
  std::unique_ptr<WheelTimer> again;
  WheelTimer killer([&] { victim.reset(); });
  victim = std::make_unique<WheelTimer>([this] { ++expired_; });
  again = std::make_unique<WheelTimer>([&] {
    if (++expired_ < 3) {
      again->set(wheel_, seconds(1));
    }
  });
  killer.set(wheel_, milliseconds(100));
  victim->set(wheel_, milliseconds(100));
  again->set(wheel_, milliseconds(100));
  for (int i = 0; i < 100; ++i) {
    pass(milliseconds(100));
  }
  EXPECT_EQ(expired_, 3);
}

TEST(TimerWheel, MayEndBeforeItsTimers) {
  const BootTime now{std::chrono::hours(1)};
  auto wheel = std::make_unique<TimerWheel>(now);
  auto timer = std::make_unique<WheelTimer>([] {});
  timer->set(*wheel, seconds(1));
  wheel.reset();
  timer.reset();  // touches nothing that is gone
}

}  // namespace
}  // namespace counterfoil::net
