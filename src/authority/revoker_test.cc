#include "authority/revoker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/key_records.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// ThreadLoop is an event loop with a thread of its own.
class ThreadLoop final : public EventLoop {
 public:
  ThreadLoop() : thread_([this](const std::stop_token& stop) { run(stop); }) {}
  bool post(std::move_only_function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(work));
    changed_.notify_all();
    return true;
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !posted_.empty(); })) {
      auto work = std::exchange(posted_, {});
      lock.unlock();
      for (auto& one : work) {
        one();
      }
      work.clear();
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::move_only_function<void()>> posted_;
  std::jthread thread_;
};

class RevokerTest : public testing::Test {
 protected:
  TestAuthority house_;
  Revoker revoker_{*house_.replica, *house_.registry, std::chrono::milliseconds(1)};
};

TEST_F(RevokerTest, WithoutLoopsWhatTheReplicaShowsIsInForce) {
  EXPECT_TRUE(revoker_.wait_until_in_force());
}

TEST_F(RevokerTest, ItReadsTheRegistryFirst) {
  const auto caller = house_.new_key();
  auto key = *house_.issuer->find_key(caller.id());
  key.state = KeyState::kSuspended;
  ASSERT_TRUE(
      house_.store
          ->commit({.writes = {api_key_write(key, house_.profile.permissions(),
                                             house_.issuer->stored_key(caller.id())->version)}})
          .has_value());
  ASSERT_EQ(house_.replica->find(key.id)->state, KeyState::kActive);

  EXPECT_TRUE(revoker_.wait_until_in_force());

  EXPECT_EQ(house_.replica->find(key.id)->state, KeyState::kSuspended);
}

TEST_F(RevokerTest, WhatCannotBeReadIsNotInForce) {
  house_.registry->feed_fails = RegistryError::kUnavailable;

  EXPECT_FALSE(revoker_.wait_until_in_force());
}

TEST_F(RevokerTest, ALoopThatDoesNotComeRoundKeepsItFromBeingInForce) {
  InlineLoop prompt;
  InlineLoop stuck;
  stuck.mode = InlineLoop::Mode::kKeep;
  revoker_.add(prompt);
  revoker_.add(stuck);

  EXPECT_FALSE(revoker_.wait_until_in_force());
  EXPECT_EQ(prompt.rounds, 1);
  for (auto& late : stuck.kept) {
    late();  // after the wait gave up
  }
  stuck.kept.clear();
  stuck.mode = InlineLoop::Mode::kAtOnce;
  EXPECT_TRUE(revoker_.wait_until_in_force());
}

TEST_F(RevokerTest, ALoopThatEndedAcceptsNothingAndIsNotWaitedFor) {
  InlineLoop ended;
  ended.mode = InlineLoop::Mode::kEnded;
  revoker_.add(ended);

  EXPECT_TRUE(revoker_.wait_until_in_force());
}

TEST_F(RevokerTest, ARemovedLoopIsNotAsked) {
  InlineLoop gone;
  revoker_.add(gone);
  revoker_.remove(gone);

  EXPECT_TRUE(revoker_.wait_until_in_force());
  EXPECT_EQ(gone.rounds, 0);
}

// DroppingLoop takes work and drops it, as a loop that ends does with its queue.
class DroppingLoop final : public EventLoop {
 public:
  bool post(std::move_only_function<void()> work) override {
    const std::move_only_function<void()> dropped = std::move(work);
    return true;
  }
};

// Work that is destroyed without running counts as having come round: this would otherwise wait
// out its whole minute and give up.
TEST_F(RevokerTest, ALoopThatEndsDuringTheWaitIsNotWaitedForLonger) {
  Revoker patient(*house_.replica, *house_.registry, std::chrono::minutes(1));
  DroppingLoop ending;
  patient.add(ending);

  EXPECT_TRUE(patient.wait_until_in_force());
}

TEST_F(RevokerTest, RoundsOfSeveralThreadsOverSeveralLoopsAllEnd) {
  Revoker patient(*house_.replica, *house_.registry, std::chrono::minutes(1));
  ThreadLoop a;
  ThreadLoop b;
  patient.add(a);
  patient.add(b);
  std::atomic<int> in_force{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          in_force += patient.wait_until_in_force() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(in_force, 200);
  patient.remove(a);
  patient.remove(b);
}

TEST_F(RevokerTest, AKeyThatIsHeldBackIsDeadHere) {
  const auto caller = house_.new_key();

  EXPECT_TRUE(revoker_.replica_knows(caller.key.id));
  EXPECT_TRUE(revoker_.hold_back(caller.key.id));

  EXPECT_EQ(house_.replica->find(caller.key.id)->state, KeyState::kRevoked);
}

}  // namespace
}  // namespace counterfoil
