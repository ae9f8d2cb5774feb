#include "authority/autopsy_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "journal/journal.h"
#include "verify/reason.h"
#include "wire/http/message_head.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;

constexpr Timestamp kNoon = from_unix_ms(1'700'049'600'000);
const std::string kKey(64, 'K');
const std::string kOther(64, 'O');

class AutopsyQueueTest : public testing::Test {
 protected:
  AutopsyQueue queue(const AutopsyLimits& limits) { return AutopsyQueue(random_, limits); }

  static RefusedView refused(std::string_view api_key = kKey,
                             const IpAddress& source = IpAddress::v4({192, 0, 2, 1}),
                             Timestamp at = kNoon) {
    return {.request_id = "r-1",
            .time = at,
            .reason = Reason::kSignatureWrong,
            .api_key = api_key,
            .permissions = {},
            .method = "POST",
            .path = "/api/v3/order",
            .query = "a=1",
            .body = "b=2",
            .headers = {},
            .source = source};
  }
  // offer_each offers one from each of `count` networks, and gives how many were taken.
  static std::size_t offer_each(AutopsyQueue& queue, std::size_t count,
                                std::string_view api_key = kKey) {
    const std::uint64_t before = queue.counters().taken;
    for (std::size_t i = 0; i < count; ++i) {
      queue.offer(refused(api_key, IpAddress::v4({10, 0, static_cast<std::uint8_t>(i), 1})));
    }
    return queue.counters().taken - before;
  }

  SystemRandom random_;
};

TEST_F(AutopsyQueueTest, GivesBackWhatCameInTheOrderItCame) {
  AutopsyQueue waiting(random_);
  const std::array headers{http::Field{.name = "User-Agent", .value = "bot"}};
  RefusedView first = refused();
  first.headers = headers;
  RefusedView second = refused(kOther);
  second.request_id = "r-2";
  waiting.offer(first);
  waiting.offer(second);

  const auto taken = waiting.take();

  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->request_id, "r-1");
  EXPECT_EQ(taken->api_key, kKey);
  EXPECT_EQ(taken->time, kNoon);
  EXPECT_EQ(taken->request.method, "POST");
  EXPECT_EQ(taken->request.path, "/api/v3/order");
  EXPECT_EQ(taken->request.query, "a=1");
  EXPECT_EQ(taken->request.body, "b=2");
  EXPECT_EQ(taken->request.source_ip, "192.0.2.1");
  ASSERT_EQ(taken->request.headers.size(), 1U);
  EXPECT_EQ(taken->request.headers[0].second, "bot");
  EXPECT_EQ(waiting.take()->request_id, "r-2");
  EXPECT_FALSE(waiting.take());
}

TEST_F(AutopsyQueueTest, HoldsSoManyAndCountsTheRest) {
  AutopsyQueue waiting = queue({.waiting_max = 2});
  EXPECT_EQ(offer_each(waiting, 3), 2U);
  EXPECT_EQ(waiting.counters().dropped_full, 1U);

  ASSERT_TRUE(waiting.take());
  EXPECT_EQ(offer_each(waiting, 1), 1U);
}

TEST_F(AutopsyQueueTest, TakesARequestOfTheLimitAndNoneAByteLonger) {
  const RefusedView whole = refused();
  const std::size_t size = whole.path.size() + whole.query.size() + whole.body.size();
  AutopsyQueue enough = queue({.request_bytes_max = size});
  AutopsyQueue too_few = queue({.request_bytes_max = size - 1});
  enough.offer(whole);
  too_few.offer(whole);

  EXPECT_EQ(enough.counters().taken, 1U);
  EXPECT_EQ(too_few.counters().taken, 0U);
  EXPECT_EQ(too_few.counters().dropped_large, 1U);
}

TEST_F(AutopsyQueueTest, AStrangerUsesUpHalfOfAKeysBudgetOnly) {
  AutopsyQueue waiting = queue({.per_half_minute_of_key = 3});
  const UsageRow use{.api_key = kKey, .address = IpAddress::v4({203, 0, 113, 7})};
  waiting.note_uses(std::array{use});
  EXPECT_EQ(offer_each(waiting, 9), 3U);

  // Its owner's network, by another address of it.
  for (int i = 0; i < 5; ++i) {
    waiting.offer(refused(kKey, IpAddress::v4({203, 0, 113, 9})));
  }

  EXPECT_EQ(waiting.counters().taken, 6U);
  EXPECT_EQ(waiting.counters().dropped_over_budget, 8U);
  EXPECT_EQ(offer_each(waiting, 2, kOther), 2U) << "another key's budget";
}

TEST_F(AutopsyQueueTest, ANetworkHasABudgetOfItsOwn) {
  AutopsyQueue waiting = queue({.per_minute_of_network = 2});
  for (int i = 0; i < 4; ++i) {
    waiting.offer(refused(std::string(64, static_cast<char>('a' + i))));
  }

  EXPECT_EQ(waiting.counters().taken, 2U);
}

TEST_F(AutopsyQueueTest, ABudgetComesBackWithTimeAndNotWithAClockThatStepsBack) {
  AutopsyQueue waiting = queue({.per_half_minute_of_key = 2});
  const auto offer_at = [&](Timestamp at) {
    const std::uint64_t before = waiting.counters().taken;
    waiting.offer(refused(kKey, IpAddress::v4({192, 0, 2, 1}), at));
    return waiting.counters().taken > before;
  };
  EXPECT_TRUE(offer_at(kNoon));
  EXPECT_TRUE(offer_at(kNoon));
  EXPECT_FALSE(offer_at(kNoon));

  EXPECT_FALSE(offer_at(kNoon - seconds(3600)));
  EXPECT_FALSE(offer_at(kNoon - seconds(3600) + seconds(29)));
  EXPECT_TRUE(offer_at(kNoon - seconds(3600) + seconds(60)));
}

}  // namespace
}  // namespace counterfoil
