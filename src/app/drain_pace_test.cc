#include "app/drain_pace.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr BootTime kBegun{1h};

TEST(DrainPace, IsDueAtFirst) { EXPECT_TRUE(DrainPace().is_due(kBegun, false)); }

TEST(DrainPace, RestsFiftyTimesAsLongAsADrainTook) {
  DrainPace pace;
  pace.drained(kBegun, kBegun + 10ms);

  EXPECT_FALSE(pace.is_due(kBegun + 10ms + 499ms, false));
  EXPECT_TRUE(pace.is_due(kBegun + 10ms + 500ms, false));
}

TEST(DrainPace, RestsTwoSecondsAtMost) {
  DrainPace pace;
  pace.drained(kBegun, kBegun + 5s);

  EXPECT_FALSE(pace.is_due(kBegun + 5s + 1999ms, false));
  EXPECT_TRUE(pace.is_due(kBegun + 5s + 2000ms, false));
}

TEST(DrainPace, DoesNotRestWhileMemoryFills) {
  DrainPace pace;
  pace.drained(kBegun, kBegun + 5s);

  EXPECT_TRUE(pace.is_due(kBegun + 5s, true));
}

}  // namespace
}  // namespace counterfoil
