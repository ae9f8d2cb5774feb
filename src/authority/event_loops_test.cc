#include "authority/event_loops.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

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

// DroppingLoop takes work and drops it, as a loop that ends does with its queue.
class DroppingLoop final : public EventLoop {
 public:
  bool post(std::move_only_function<void()> work) override {
    const std::move_only_function<void()> dropped = std::move(work);
    return true;
  }
};

class EventLoopsTest : public testing::Test {
 protected:
  // rounds counts how often a pass was done.
  void pass() {
    loops_.pass([this] { ++rounds_; });
  }
  EventLoops loops_;
  int rounds_ = 0;
};

TEST_F(EventLoopsTest, WithoutLoopsARoundIsOverAtOnce) {
  pass();

  EXPECT_EQ(rounds_, 1);
  EXPECT_TRUE(loops_.wait_pass(1min));
}

TEST_F(EventLoopsTest, ARoundIsOverOnceTheLastLoopHasComeRound) {
  InlineLoop prompt;
  InlineLoop late;
  late.mode = InlineLoop::Mode::kKeep;
  loops_.add(prompt);
  loops_.add(late);

  pass();
  EXPECT_EQ(prompt.rounds, 1);
  EXPECT_EQ(rounds_, 0);
  EXPECT_FALSE(loops_.wait_pass(1ms));

  for (auto& work : late.kept) {
    work();  // kept by the loop after it ran: the round is over all the same
  }
  EXPECT_EQ(rounds_, 1);
}

TEST_F(EventLoopsTest, ALoopThatEndedAcceptsNothingAndIsNotWaitedFor) {
  InlineLoop ended;
  ended.mode = InlineLoop::Mode::kEnded;
  DroppingLoop ending;
  loops_.add(ended);
  loops_.add(ending);

  pass();

  EXPECT_EQ(rounds_, 1);
  EXPECT_TRUE(loops_.wait_pass(1min));
}

TEST_F(EventLoopsTest, ARemovedLoopIsNotAsked) {
  InlineLoop gone;
  loops_.add(gone);
  loops_.remove(gone);

  pass();

  EXPECT_EQ(rounds_, 1);
  EXPECT_EQ(gone.rounds, 0);
}

TEST_F(EventLoopsTest, RoundsOfSeveralThreadsOverSeveralLoopsAllEnd) {
  ThreadLoop a;
  ThreadLoop b;
  loops_.add(a);
  loops_.add(b);
  std::atomic<int> ended{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          ended += loops_.wait_pass(1min) ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(ended, 200);
  loops_.remove(a);
  loops_.remove(b);
}

}  // namespace
}  // namespace counterfoil
