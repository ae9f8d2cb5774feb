#include "authority/print_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "authority/fingerprint.h"

namespace counterfoil {
namespace {

constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t kInverse = 0xf1de83e19937733dU;  // of kFactor, modulo 2^64
static_assert(kFactor * kInverse == 1);

// lined_up gives prints that all belong into the first line, as long as there are fewer than 2^32.
Fingerprint lined_up(std::uint64_t number) { return {.value = number * kInverse}; }

int count_of(PrintTable& table, const Fingerprint& print) {
  const PrintTable::Count* const count = table.find(print);
  return count == nullptr ? 0 : *count;
}

TEST(PrintTable, HoldsNothingBeforeItHasBegunAndAfterItsEnd) {
  PrintTable table;
  EXPECT_FALSE(table.has_begun());
  EXPECT_EQ(table.find(lined_up(1)), nullptr);
  table.expect(lined_up(1));
  table.erase(lined_up(1));

  table.begin(kFactor, 0);
  table.insert(lined_up(1));
  EXPECT_TRUE(table.has_begun());
  table.end();

  EXPECT_FALSE(table.has_begun());
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(lined_up(1)), nullptr);
  table.expect(lined_up(1));
}

TEST(PrintTable, FindsThoseThatDoNotFitInTheirLine) {
  PrintTable table;
  table.begin(kFactor, 0);
  for (std::uint64_t i = 0; i < 100; ++i) {
    table.insert(lined_up(i));
  }

  EXPECT_EQ(table.size(), 100U);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(count_of(table, lined_up(i)), 1) << i;
  }
  EXPECT_EQ(table.find(lined_up(100)), nullptr);
}

TEST(PrintTable, FindsThoseFurtherOnWhenTheirLineHasRoomAgain) {
  PrintTable table;
  table.begin(kFactor, 0);
  for (std::uint64_t i = 0; i < 16; ++i) {
    table.insert(lined_up(i));
  }
  for (std::uint64_t i = 0; i < 14; ++i) {
    table.erase(lined_up(i));
  }

  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.find(lined_up(0)), nullptr);
  EXPECT_EQ(count_of(table, lined_up(14)), 1);
  EXPECT_EQ(count_of(table, lined_up(15)), 1);
}

// Every line may have been passed over; then only the number of lines ends the search.
TEST(PrintTable, EndsItsSearchWhenAllLinesWerePassed) {
  PrintTable table;
  table.begin(kFactor, 0);
  for (std::uint64_t line = 0; line < 4; ++line) {
    std::vector<Fingerprint> prints;
    for (std::uint64_t i = 0; i < 20; ++i) {
      prints.push_back({.value = ((line << 62U) + i) * kInverse});
      table.insert(prints.back());
    }
    for (const Fingerprint& print : prints) {
      table.erase(print);
    }
  }
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(lined_up(99)), nullptr);
}

TEST(PrintTable, DoesWhatAMapDoes) {
  std::mt19937_64 dice(4711);  // NOLINT(bugprone-random-generator-seed): the same each time
  PrintTable table;
  table.begin(kFactor, 100);
  std::map<std::uint64_t, int> map;
  for (int step = 0; step < 50'000; ++step) {
    const Fingerprint print{.value = (dice() % 4'000) * kInverse};
    PrintTable::Count* const count = table.find(print);
    ASSERT_EQ(count != nullptr, map.contains(print.value));
    if (count == nullptr) {
      table.insert(print);
      map.emplace(print.value, 1);
    } else if (dice() % 3 == 0) {
      table.erase(print);
      map.erase(print.value);
    } else {
      ++*count;
      ASSERT_EQ(*count, ++map[print.value]);
    }
    ASSERT_EQ(table.size(), map.size());
  }
  std::vector<std::uint64_t> left;
  table.for_each([&](const Fingerprint& print) { left.push_back(print.value); });
  std::ranges::sort(left);
  std::vector<std::uint64_t> expected;
  for (const auto& [value, count] : map) {
    expected.push_back(value);
    EXPECT_EQ(count_of(table, {.value = value}), count);
  }
  EXPECT_EQ(left, expected);
}

}  // namespace
}  // namespace counterfoil
