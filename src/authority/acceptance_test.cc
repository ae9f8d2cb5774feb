#include "authority/acceptance.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kWall = from_unix_ms(1'700'000'000'000);
constexpr BootTime kBoot{100s};

bool holds(const Acceptance& acceptance, std::chrono::nanoseconds after, bool acts) {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(after);
  return acceptance.holds(kWall + passed, kBoot + after, acts);
}

TEST(Acceptance, NothingIsAcceptedAtFirstNorAfterTheEnd) {
  Acceptance acceptance(600s);
  EXPECT_FALSE(holds(acceptance, 0s, true));
  EXPECT_FALSE(holds(acceptance, 0s, false));

  acceptance.extend(kBoot + 4s, Acceptance::offset_of(kWall, kBoot));
  EXPECT_TRUE(holds(acceptance, 0s, true));
  acceptance.end();

  EXPECT_FALSE(holds(acceptance, 0s, true));
  EXPECT_FALSE(holds(acceptance, 0s, false));
}

TEST(Acceptance, ReadingAndCancellingOutlastAllElseBySoMuchAndNoMore) {
  Acceptance acceptance(10s);
  acceptance.extend(kBoot + 4s, Acceptance::offset_of(kWall, kBoot));

  EXPECT_TRUE(holds(acceptance, 4s - 1us, true));
  EXPECT_FALSE(holds(acceptance, 4s, true));
  EXPECT_TRUE(holds(acceptance, 14s - 1us, false));
  EXPECT_FALSE(holds(acceptance, 14s, false));
}

TEST(Acceptance, WithoutAWordOfTheOperatorAllEndsTogether) {
  Acceptance acceptance;
  acceptance.extend(kBoot + 4s, Acceptance::offset_of(kWall, kBoot));

  EXPECT_FALSE(holds(acceptance, 4s, false));
}

}  // namespace
}  // namespace counterfoil
