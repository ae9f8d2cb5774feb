#include "sqlite_file/read_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/temporary_directory.h"
#include "sqlite_file/database.h"

namespace counterfoil {
namespace {

TEST(ReadPool, LendsAConnectionAgain) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "a.db").close();
  ReadPool pool(directory.path() / "a.db");

  const Database* first = nullptr;
  {
    const auto lease = pool.borrow();
    ASSERT_TRUE(lease);
    first = &lease->database();
  }

  EXPECT_EQ(&pool.borrow()->database(), first);
}

TEST(ReadPool, LendsNoMoreThanItsLimitAtATime) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "a.db").close();
  ReadPool pool(directory.path() / "a.db");
  std::atomic<std::size_t> lent{0};
  std::atomic<std::size_t> most{0};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 2 * ReadPool::kConnectionsMax; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          const auto lease = pool.borrow();
          ASSERT_TRUE(lease);
          const std::size_t now = ++lent;
          std::size_t seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          EXPECT_TRUE(lease->database().statement("SELECT 1").run());
          --lent;
        }
      });
    }
  }
  EXPECT_GE(most, 1U);
  EXPECT_LE(most, ReadPool::kConnectionsMax);
}

TEST(ReadPool, AFailedOpenTakesNoPlace) {
  const TemporaryDirectory directory;
  ReadPool pool(directory.path() / "absent.db");

  for (std::size_t i = 0; i < 2 * ReadPool::kConnectionsMax; ++i) {
    EXPECT_FALSE(pool.borrow());
  }
}

}  // namespace
}  // namespace counterfoil
