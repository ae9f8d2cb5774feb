#include "registry/commit_listeners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "registry/registry.h"

namespace counterfoil {
namespace {

TEST(CommitListeners, CallsEveryListenerUntilItsSubscriptionEnds) {
  CommitListeners listeners;
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> second;
  Subscription first_subscription =
      listeners.add([&](std::uint64_t revision) { first.push_back(revision); });
  const Subscription second_subscription =
      listeners.add([&](std::uint64_t revision) { second.push_back(revision); });

  listeners.notify(1);
  first_subscription.reset();
  listeners.notify(2);

  EXPECT_THAT(first, testing::ElementsAre(1));
  EXPECT_THAT(second, testing::ElementsAre(1, 2));
}

TEST(CommitListeners, ASubscriptionMayOutliveThem) {
  Subscription subscription;
  {
    CommitListeners listeners;
    subscription = listeners.add([](std::uint64_t) {});
  }
  EXPECT_NE(subscription, nullptr);
  subscription.reset();
}

}  // namespace
}  // namespace counterfoil
