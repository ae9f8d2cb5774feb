#include "app/progress.h"

#include <gtest/gtest.h>

#include <chrono>

namespace counterfoil {
namespace {

using std::chrono::milliseconds;

TEST(ProgressText, TellsThePartTheCountTheSpeedAndTheTimeLeft) {
  EXPECT_EQ(
      progress_text({.done = 250, .whole = 1'000, .count = 1'000}, "rows", milliseconds(2'000)),
      "█████░░░░░░░░░░░░░░░ 25 %  1,000 rows  500 rows/s  6 s left");
}

TEST(ProgressText, TellsLongWaitsInTwoUnits) {
  EXPECT_EQ(progress_text({.done = 1, .whole = 101, .count = 7}, "rows", milliseconds(1'000)),
            "░░░░░░░░░░░░░░░░░░░░ 0 %  7 rows  7 rows/s  1 min 40 s left");
  EXPECT_EQ(progress_text({.done = 1, .whole = 7'262, .count = 1}, "rows", milliseconds(1'000)),
            "░░░░░░░░░░░░░░░░░░░░ 0 %  1 rows  1 rows/s  2 h 1 min left");
}

TEST(ProgressText, PromisesNothingInTheFirstSecondOrWithoutAWhole) {
  EXPECT_EQ(progress_text({.done = 5, .whole = 10, .count = 5}, "rows", milliseconds(999)),
            "██████████░░░░░░░░░░ 50 %  5 rows");
  EXPECT_EQ(progress_text({.done = 0, .whole = 0, .count = 1'234'567}, "rows", milliseconds(1'000)),
            "1,234,567 rows  1,234,567 rows/s");
}

TEST(ProgressText, CountsForTheSpeedOnlyWhatWasDoneMeanwhile) {
  EXPECT_EQ(progress_text({.done = 700, .whole = 1'000, .count = 700, .before = 500}, "API keys",
                          milliseconds(1'000)),
            "██████████████░░░░░░ 70 %  700 API keys  200 API keys/s  1 s left");
}

TEST(ProgressText, EndsFullAlsoWhenThereIsMoreThanWasThought) {
  EXPECT_EQ(progress_text({.done = 12, .whole = 10, .count = 12}, "rows", milliseconds(999)),
            "████████████████████ 100 %  12 rows");
}

TEST(Grouped, SetsACommaBeforeEveryThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace counterfoil
