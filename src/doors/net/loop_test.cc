#include "doors/net/loop.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "doors/net/poller.h"
#include "doors/net/test_on_loop.h"
#include "doors/net/test_socket_pair.h"

namespace counterfoil::net {
namespace {

// Watched is a readable socket, and what is done when it is seen.
class Watched final : public Pollable {
 public:
  explicit Watched(std::function<void()> seen) : seen_(std::move(seen)) {
    EXPECT_TRUE(pair_.peer_sends("x"));
  }
  void watch(Poller& poller) { place_ = poller.watch(pair_.ours(), *this); }
  void forget(Poller& poller) { poller.forget(pair_.ours(), place_); }

 private:
  void on_ready(const Ready& /*ready*/) override { seen_(); }

  std::function<void()> seen_;
  SocketPair pair_;
  Poller::Place place_;
};

class LoopTest : public testing::Test {
 protected:
  LoopTest() { loop_.start(); }
  ~LoopTest() override { loop_.stop(); }

  SystemClock clock_;
  Loop loop_{clock_};
  std::string log_;  // of the loop's thread
};

TEST_F(LoopTest, WhatIsPutOffIsDoneWhenTheBatchHasBeenLookedAt) {
  constexpr std::size_t kMore = 6;
  constexpr std::size_t kAll = Loop::kPutOffMax + kMore;
  std::promise<void> all_done;
  std::size_t done = 0;
  std::vector<std::unique_ptr<Watched>> sockets;
  for (std::size_t i = 0; i < kAll; ++i) {
    sockets.push_back(std::make_unique<Watched>([&] {
      log_ += 's';
      loop_.after_batch([&] {
        log_ += 'd';
        if (++done == kAll) {
          all_done.set_value();
        }
      });
    }));
  }
  run_on(loop_, [&] {
    for (const auto& socket : sockets) {
      socket->watch(loop_.poller());
    }
  });
  all_done.get_future().wait();

  const auto run_of = [](char c, std::size_t times) { return std::string(times, c); };
  EXPECT_EQ(log_, run_of('s', Loop::kPutOffMax) + run_of('d', Loop::kPutOffMax) +
                      run_of('s', kMore) + run_of('d', kMore));
  run_on(loop_, [&] {
    for (const auto& socket : sockets) {
      socket->forget(loop_.poller());
    }
  });
}

TEST_F(LoopTest, OutsideOfABatchNothingIsPutOff) {
  run_on(loop_, [this] {
    loop_.after_batch([this] { log_ += "done "; });
    log_ += "after";
  });
  EXPECT_EQ(log_, "done after");
}

TEST_F(LoopTest, WhatFollowsFromWhatWasPutOffIsDoneAtOnce) {
  std::promise<void> done;
  Watched socket([&] {
    loop_.after_batch([&] {
      loop_.after_batch([this] { log_ += "inner "; });
      log_ += "outer";
      done.set_value();
    });
  });
  run_on(loop_, [&] { socket.watch(loop_.poller()); });
  done.get_future().wait();

  EXPECT_EQ(log_, "inner outer");
  run_on(loop_, [&] { socket.forget(loop_.poller()); });
}

}  // namespace
}  // namespace counterfoil::net
