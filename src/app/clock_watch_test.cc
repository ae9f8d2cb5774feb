#include "app/clock_watch.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Standing = ClockWatch::Standing;
using Confirmed = ClockWatch::Confirmed;

constexpr Timestamp kStart = from_unix_ms(1'750'000'000'000);
constexpr BootTime kBoot{std::chrono::hours(1)};

// Machine has two clocks, of which a test moves one or both.
struct Machine {
  Timestamp wall = kStart;
  BootTime boot = kBoot;
  ClockWatch watch;

  Standing look(Confirmed confirmed = Confirmed::kNo) { return watch.look(wall, boot, confirmed); }
  void pass(std::chrono::microseconds time) {
    wall += time;
    boot += time;
  }
};

TEST(ClockWatch, IsSteadyWhileBothClocksGoAlike) {
  Machine machine;
  for (int hour = 0; hour < 24; ++hour) {
    EXPECT_EQ(machine.look(), Standing::kSteady);
    machine.pass(1h);
  }
}

struct Step {
  std::chrono::microseconds by;
  Standing standing;
};
constexpr Step kSteps[] = {
    {1s, Standing::kSteady},         {-1s, Standing::kSteady},
    {1s + 1us, Standing::kStepped},  {-1s - 1us, Standing::kStepped},
    {30s, Standing::kStepped},       {-30s, Standing::kStepped},
    {30s + 1us, Standing::kInDoubt}, {-30s - 1us, Standing::kInDoubt},
    {1h, Standing::kInDoubt},        {-1h, Standing::kInDoubt},
    {87'600h, Standing::kInDoubt},
};

TEST(ClockWatch, JudgesAStepByItsSize) {
  for (const Step& step : kSteps) {
    Machine machine;
    (void)machine.look();
    machine.wall += step.by;
    EXPECT_EQ(machine.look(), step.standing) << step.by.count() << " us";
    EXPECT_EQ(machine.watch.step(), step.by);
  }
}

TEST(ClockWatch, StaysInDoubtUntilTheClockIsBack) {
  Machine machine;
  (void)machine.look();
  machine.wall += 1h;
  EXPECT_EQ(machine.look(), Standing::kInDoubt);
  machine.pass(10s);
  EXPECT_EQ(machine.look(), Standing::kInDoubt);

  machine.wall -= 1h;

  EXPECT_EQ(machine.look(), Standing::kSteady);
}

TEST(ClockWatch, BelievesATimeService) {
  Machine machine;
  (void)machine.look();
  machine.wall += 1h;

  EXPECT_EQ(machine.look(Confirmed::kYes), Standing::kStepped);
  EXPECT_EQ(machine.look(Confirmed::kNo), Standing::kSteady);
}

TEST(ClockWatch, SmallStepsAddUp) {
  Machine machine;
  (void)machine.look();
  for (int i = 0; i < 31; ++i) {
    machine.wall += 1s;
    machine.pass(100ms);
    (void)machine.look();
  }
  EXPECT_EQ(machine.look(), Standing::kInDoubt);
}

TEST(ClockWatch, FollowsASlewHoweverLongItLasts) {
  Machine machine;
  for (int second = 0; second < 200'000; ++second) {
    ASSERT_EQ(machine.look(), Standing::kSteady) << second;
    machine.pass(1s);
    machine.wall += 500us;
  }
}

TEST(ClockWatch, TakesAConfirmedStepForRight) {
  Machine machine;
  (void)machine.look();
  const auto offset = machine.watch.offset();
  machine.wall += 1h;
  ASSERT_EQ(machine.look(), Standing::kInDoubt);

  machine.watch.confirm();

  EXPECT_EQ(machine.watch.offset(), offset + 1h);
  EXPECT_EQ(machine.look(), Standing::kSteady);
  machine.wall -= 1h;
  EXPECT_EQ(machine.look(), Standing::kInDoubt) << "going back is a step, too";
}

}  // namespace
}  // namespace counterfoil
