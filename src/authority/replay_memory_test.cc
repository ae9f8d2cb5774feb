#include "authority/replay_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using Answer = ReplayMemory::Answer;

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);
constexpr Timestamp kEnd = kNow + seconds(5);

ApiKeyId key_of(char c) { return *ApiKeyId::parse(std::string(64, c)); }

TEST(ReplayMemory, AChangeIsAdmittedOnceWithinItsWindow) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "timestamp=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kSeen);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kEnd), Answer::kSeen);
}

TEST(ReplayMemory, AReadingThatWasAcceptedCannotComeBackAsAChange) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "symbol=BTCUSDT&timestamp=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kEnd, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kEnd, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kSeen);
}

TEST(ReplayMemory, KeysAndPayloadsAreToldApart) {
  ReplayMemory memory;

  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "t=1"), ReplayRule::kOnce, kEnd, kNow),
            Answer::kFresh);
  EXPECT_EQ(memory.admit(fingerprint(key_of('b'), "t=1"), ReplayRule::kOnce, kEnd, kNow),
            Answer::kFresh);
  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "t=2"), ReplayRule::kOnce, kEnd, kNow),
            Answer::kFresh);
}

TEST(ReplayMemory, WhatWasNotForwardedLeavesNoTrace) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kFresh);
  memory.withdraw(print);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kFresh);
}

TEST(ReplayMemory, OneOfTwoEqualReadingsForwardedIsEnoughToRemember) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kEnd, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kEnd, kNow), Answer::kFresh);
  memory.withdraw(print);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kEnd, kNow), Answer::kSeen);
}

TEST(ReplayMemory, SaysFullRatherThanForgetWhatIsStillInItsWindow) {
  ReplayMemory memory(64);  // one a shard
  std::size_t fresh = 0;
  std::size_t full = 0;
  for (int i = 0; i < 1000; ++i) {
    const Answer answer =
        memory.admit(fingerprint(key_of('a'), std::to_string(i)), ReplayRule::kOnce, kEnd, kNow);
    fresh += answer == Answer::kFresh ? 1U : 0U;
    full += answer == Answer::kFull ? 1U : 0U;
  }

  EXPECT_EQ(fresh, 64U);
  EXPECT_EQ(full, 1000U - 64U);
  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "later"), ReplayRule::kOnce, kEnd + seconds(9),
                         kEnd + microseconds(1)),
            Answer::kFresh);
}

TEST(ReplayMemory, OfEachPairSentByTwoThreadsExactlyOnePasses) {
  constexpr int kRequests = 20'000;
  ReplayMemory memory;
  std::atomic<int> passed{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kRequests; ++i) {
          const Fingerprint print = fingerprint(key_of('a'), std::to_string(i));
          passed += memory.admit(print, ReplayRule::kOnce, kEnd, kNow) == Answer::kFresh ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(passed, kRequests);
}

}  // namespace
}  // namespace counterfoil
