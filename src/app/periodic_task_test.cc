#include "app/periodic_task.h"

#include <gtest/gtest.h>

#include <chrono>
#include <semaphore>

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

TEST(PeriodicTask, RunsAtOnceAndAgain) {
  std::counting_semaphore<> runs{0};
  const PeriodicTask task(Priority::kNormal, 1ms, [&] { runs.release(); });

  for (int i = 0; i < 3; ++i) {
    runs.acquire();
  }
}

TEST(PeriodicTask, RunsWhenWokenHoweverLongItsInterval) {
  std::counting_semaphore<> runs{0};
  PeriodicTask task(Priority::kNormal, 24h, [&] { runs.release(); });
  runs.acquire();

  task.wake();

  runs.acquire();
}

TEST(PeriodicTask, EndsWithoutWaitingForItsInterval) {
  int runs = 0;
  {
    const PeriodicTask task(Priority::kNormal, 24h, [&] { ++runs; });
  }
  EXPECT_LE(runs, 1);
}

}  // namespace
}  // namespace counterfoil
