#include "doors/net/poller.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>

#include "doors/net/test_socket_pair.h"

namespace counterfoil::net {
namespace {

// Watcher counts what it is told, and may act on it.
class Watcher final : public Pollable {
 public:
  void on_ready(const Ready& ready) override {
    ++told;
    last = ready;
    if (act) {
      act();
    }
  }
  int told = 0;
  Ready last;
  std::function<void()> act;
};

TEST(Poller, TellsWhatADescriptorCanDoAlreadyAndThenWhatIsNew) {
  Poller poller;
  const SocketPair pair;
  Watcher watcher;
  const Poller::Place place = poller.watch(pair.ours(), watcher);
  ASSERT_NE(place.generation, 0U);

  poller.dispatch();
  EXPECT_EQ(watcher.told, 1);
  EXPECT_TRUE(watcher.last.write);
  EXPECT_FALSE(watcher.last.read);

  poller.dispatch();
  EXPECT_EQ(watcher.told, 1) << "nothing is new";

  ASSERT_TRUE(pair.peer_sends("x"));
  poller.dispatch();
  EXPECT_EQ(watcher.told, 2);
  EXPECT_TRUE(watcher.last.read);
  EXPECT_FALSE(watcher.last.hung_up);
  poller.forget(pair.ours(), place);
}

TEST(Poller, TellsOfAnEnd) {
  Poller poller;
  SocketPair pair;
  Watcher watcher;
  const Poller::Place place = poller.watch(pair.ours(), watcher);
  pair.close_peer();

  poller.dispatch();

  EXPECT_TRUE(watcher.last.hung_up);
  EXPECT_TRUE(watcher.last.read) << "the end can be read";
  poller.forget(pair.ours(), place);
}

TEST(Poller, TellsAgainWhenReminded) {
  Poller poller;
  const SocketPair pair;
  Watcher watcher;
  const Poller::Place place = poller.watch(pair.ours(), watcher);
  ASSERT_TRUE(pair.peer_sends("x"));
  poller.dispatch();

  poller.remind(pair.ours(), place);
  poller.dispatch();

  EXPECT_EQ(watcher.told, 2);
  EXPECT_TRUE(watcher.last.read);
  poller.forget(pair.ours(), place);
}

// In one batch the one that is told first forgets the other.
TEST(Poller, TellsNothingOfWhatWasForgottenInTheSameBatch) {
  Poller poller;
  const std::array<SocketPair, 2> pairs;
  std::array<Watcher, 2> watchers;
  std::array<Poller::Place, 2> places;
  for (std::size_t i = 0; i < 2; ++i) {
    places[i] = poller.watch(pairs[i].ours(), watchers[i]);
    watchers[i].act = [&, other = 1 - i] { poller.forget(pairs[other].ours(), places[other]); };
  }

  poller.dispatch();

  EXPECT_EQ(watchers[0].told + watchers[1].told, 1);
}

TEST(Poller, TellsNobodyElseWhenAPlaceIsUsedAgainInTheSameBatch) {
  Poller poller;
  const std::array<SocketPair, 2> pairs;
  const SocketPair late;
  std::array<Watcher, 2> watchers;
  Watcher newcomer;
  std::array<Poller::Place, 2> places;
  for (std::size_t i = 0; i < 2; ++i) {
    places[i] = poller.watch(pairs[i].ours(), watchers[i]);
    watchers[i].act = [&, other = 1 - i] {
      poller.forget(pairs[other].ours(), places[other]);
      const Poller::Place again = poller.watch(late.ours(), newcomer);
      EXPECT_EQ(again.slot, places[other].slot);
    };
  }

  poller.dispatch();
  EXPECT_EQ(newcomer.told, 0);

  poller.dispatch();
  EXPECT_EQ(newcomer.told, 1);
}

TEST(Poller, TellsABatchAtATime) {
  Poller poller;
  std::deque<SocketPair> pairs;
  Watcher watcher;
  for (std::size_t i = 0; i <= Poller::kBatchMax; ++i) {
    ASSERT_NE(poller.watch(pairs.emplace_back().ours(), watcher).generation, 0U);
  }

  poller.dispatch();
  EXPECT_EQ(watcher.told, static_cast<int>(Poller::kBatchMax));
  poller.dispatch();
  EXPECT_EQ(watcher.told, static_cast<int>(Poller::kBatchMax) + 1);
}

TEST(Poller, SaysWhenADescriptorCannotBeWatched) {
  Poller poller;
  Watcher watcher;
  EXPECT_EQ(poller.watch(-1, watcher).generation, 0U);
}

}  // namespace
}  // namespace counterfoil::net
