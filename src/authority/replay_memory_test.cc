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
constexpr ReplayMemory::Stamped kStamped{.at = kNow, .forget_at = kEnd};

ApiKeyId key_of(char c) { return *ApiKeyId::parse(std::string(64, c)); }

TEST(ReplayMemory, AChangeIsAdmittedOnceWithinItsWindow) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "timestamp=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kEnd), Answer::kSeen);
}

TEST(ReplayMemory, AReadingThatWasAcceptedCannotComeBackAsAChange) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "symbol=BTCUSDT&timestamp=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kStamped, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kStamped, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
}

TEST(ReplayMemory, KeysAndPayloadsAreToldApart) {
  ReplayMemory memory;

  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "t=1"), ReplayRule::kOnce, kStamped, kNow),
            Answer::kFresh);
  EXPECT_EQ(memory.admit(fingerprint(key_of('b'), "t=1"), ReplayRule::kOnce, kStamped, kNow),
            Answer::kFresh);
  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "t=2"), ReplayRule::kOnce, kStamped, kNow),
            Answer::kFresh);
}

TEST(ReplayMemory, WhatWasNotForwardedLeavesNoTrace) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);
  memory.withdraw(print, kNow);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);
}

TEST(ReplayMemory, OneOfTwoEqualReadingsForwardedIsEnoughToRemember) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");

  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kStamped, kNow), Answer::kFresh);
  EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kStamped, kNow), Answer::kFresh);
  memory.withdraw(print, kNow);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
}

// More often than is counted: then it is remembered, however often it is withdrawn.
TEST(ReplayMemory, AReadingRepeatedWithoutEndIsNotForgotten) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(memory.admit(print, ReplayRule::kRepeatable, kStamped, kNow), Answer::kFresh);
  }
  for (int i = 0; i < 299; ++i) {
    memory.withdraw(print, kNow);
  }
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
  EXPECT_EQ(memory.size(), 1U);
}

TEST(ReplayMemory, ExpectingRemembersNothing) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");
  memory.expect(print, kNow);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);
  memory.expect(print, kNow);
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
}

TEST(ReplayMemory, SaysFullRatherThanForgetWhatIsStillInItsWindow) {
  ReplayMemory memory(64);  // a few a shard
  std::size_t fresh = 0;
  std::size_t full = 0;
  for (int i = 0; i < 1000; ++i) {
    const Answer answer = memory.admit(fingerprint(key_of('a'), std::to_string(i)),
                                       ReplayRule::kOnce, kStamped, kNow);
    fresh += answer == Answer::kFresh ? 1U : 0U;
    full += answer == Answer::kFull ? 1U : 0U;
  }

  EXPECT_EQ(fresh, 64U);
  EXPECT_EQ(full, 1000U - 64U);
  const Timestamp forgotten = kEnd + ReplayMemory::kKeptLonger + microseconds(1);
  const ReplayMemory::Stamped later{.at = forgotten, .forget_at = forgotten + seconds(5)};
  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "later"), ReplayRule::kOnce, later,
                         forgotten - microseconds(1)),
            Answer::kFull);
  EXPECT_EQ(memory.admit(fingerprint(key_of('a'), "later"), ReplayRule::kOnce, later, forgotten),
            Answer::kFresh);
}

// A clock that steps back makes a window that had passed come again.
TEST(ReplayMemory, RemembersPastTheWindowForAClockThatStepsBack) {
  ReplayMemory memory;
  const Fingerprint print = fingerprint(key_of('a'), "t=1");
  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);
  // Every second that follows has requests of its own.
  for (int i = 1; i <= 30; ++i) {
    const Timestamp now = kNow + seconds(i);
    EXPECT_EQ(memory.admit(fingerprint(key_of('b'), std::to_string(i)), ReplayRule::kOnce,
                           {.at = now, .forget_at = now + seconds(5)}, now),
              Answer::kFresh);
  }

  EXPECT_EQ(memory.admit(print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
}

TEST(ReplayMemory, TellsSecondsApartThatShareATable) {
  ReplayMemory memory;
  const Timestamp stepped = kNow + std::chrono::hours(32);  // a multiple of 128 s
  const ReplayMemory::Stamped then{.at = stepped, .forget_at = stepped + seconds(5)};
  const Fingerprint now_print = fingerprint(key_of('a'), "t=1");
  const Fingerprint then_print = fingerprint(key_of('a'), "t=2");

  // A clock that was ahead for a moment: both are remembered.
  EXPECT_EQ(memory.admit(then_print, ReplayRule::kOnce, then, stepped), Answer::kFresh);
  EXPECT_EQ(memory.admit(now_print, ReplayRule::kOnce, kStamped, kNow), Answer::kFresh);

  EXPECT_EQ(memory.admit(now_print, ReplayRule::kOnce, kStamped, kNow), Answer::kSeen);
  EXPECT_EQ(memory.admit(then_print, ReplayRule::kOnce, then, stepped), Answer::kSeen);
}

TEST(ReplayMemory, ForgetsWhatIsOldWhileItGoesOn) {
  ReplayMemory memory;
  for (int i = 0; i < 1'000; ++i) {
    const Timestamp now = kNow + seconds(i);
    for (int n = 0; n < 64; ++n) {
      EXPECT_EQ(memory.admit(fingerprint(key_of('a'), std::to_string(i * 64 + n)),
                             ReplayRule::kOnce, {.at = now, .forget_at = now + seconds(5)}, now),
                Answer::kFresh);
    }
  }
  // Six seconds in their window and those that are kept longer; a shard that got nothing in a
  // second forgets a little later.
  EXPECT_LE(memory.size(), 64U * (6 + 31 + 8));
  EXPECT_GE(memory.size(), 64U * (5 + 31));
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
          passed +=
              memory.admit(print, ReplayRule::kOnce, kStamped, kNow) == Answer::kFresh ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(passed, kRequests);
}

TEST(ReplayMemory, WhatIsHandedOnIsRememberedAsBefore) {
  ReplayMemory before;
  for (int i = 0; i < 500; ++i) {
    const Timestamp stamp = kNow + seconds(i % 5);
    EXPECT_EQ(before.admit(fingerprint(key_of('a'), std::to_string(i)), ReplayRule::kRepeatable,
                           {.at = stamp, .forget_at = stamp + seconds(5)}, kNow),
              Answer::kFresh);
  }
  ReplayMemory after;

  EXPECT_TRUE(after.restore(before.batches(kNow)));

  EXPECT_EQ(after.size(), before.size());
  for (int i = 0; i < 500; ++i) {
    const Timestamp stamp = kNow + seconds(i % 5);
    EXPECT_EQ(after.admit(fingerprint(key_of('a'), std::to_string(i)), ReplayRule::kOnce,
                          {.at = stamp, .forget_at = stamp + seconds(5)}, kNow),
              Answer::kSeen);
  }
  // It is forgotten when it would have been.
  const Timestamp over = kNow + seconds(9) + ReplayMemory::kKeptLonger;
  EXPECT_FALSE(after.batches(over).empty());
  EXPECT_TRUE(after.batches(over + microseconds(1)).empty());
}

TEST(ReplayMemory, WithoutRoomForAllThatIsHandedOnItTakesNothing) {
  ReplayMemory before(1'600);
  for (int i = 0; i < 1'000; ++i) {
    (void)before.admit(fingerprint(key_of('a'), std::to_string(i)), ReplayRule::kOnce, kStamped,
                       kNow);
  }
  ReplayMemory small(160);

  EXPECT_FALSE(small.restore(before.batches(kNow)));

  EXPECT_EQ(small.size(), 0U);
  EXPECT_EQ(small.admit(fingerprint(key_of('a'), "1"), ReplayRule::kOnce, kStamped, kNow),
            Answer::kFresh);
}

}  // namespace
}  // namespace counterfoil
