// Stop orders: when they wait, when they go to work and in which order, and what is locked for
// them.
#include "venue/stop_orders.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/order.h"
#include "venue/order_book.h"
#include "venue/test_market.h"

namespace counterfoil::venue {
namespace {

using enum OrderType;
using enum Side;
using Ids = std::vector<OrderId>;

TEST(StopOrders, GiveTheNearestFirstAndAtOnePriceTheOldest) {
  StopOrders stops;
  stops.add(1, Approach::kRising, d("102"));
  stops.add(2, Approach::kRising, d("101"));
  stops.add(3, Approach::kRising, d("102"));
  stops.add(4, Approach::kRising, d("102.01"));
  stops.add(5, Approach::kFalling, d("98"));
  stops.add(6, Approach::kFalling, d("99"));

  EXPECT_EQ(stops.take_reached(d("100")), Ids{});
  EXPECT_EQ(stops.take_reached(d("102")), (Ids{2, 1, 3}));
  EXPECT_EQ(stops.take_reached(d("98")), (Ids{6, 5}));
  EXPECT_EQ(stops.count(), 1U);
}

TEST(StopOrders, GiveTheRisingFirstWhenBothSidesAreReached) {
  StopOrders stops;
  stops.add(1, Approach::kFalling, d("101"));
  stops.add(2, Approach::kRising, d("99"));

  EXPECT_EQ(stops.take_reached(d("100")), (Ids{2, 1}));
}

TEST(StopOrders, ForgetWhatWasRemoved) {
  StopOrders stops;
  stops.add(1, Approach::kRising, d("101"));
  stops.remove(1, Approach::kFalling, d("101"));
  EXPECT_EQ(stops.count(), 1U);

  stops.remove(1, Approach::kRising, d("101"));
  stops.remove(1, Approach::kRising, d("101"));

  EXPECT_EQ(stops.take_reached(d("200")), Ids{});
}

// The last price is 60000 in every row.
struct ApproachCase {
  std::string_view name;
  OrderType type;
  Side side;
  std::string_view stop_price;
  std::string_view before;  // the last price that does not reach it
};
void PrintTo(const ApproachCase& row, std::ostream* out) { *out << row.name; }
constexpr ApproachCase kApproachCases[] = {
    {"stop_loss_buy", kStopLoss, kBuy, "60100", "60099.99"},
    {"stop_loss_sell", kStopLoss, kSell, "59900", "59900.01"},
    {"stop_loss_limit_buy", kStopLossLimit, kBuy, "60100", "60099.99"},
    {"stop_loss_limit_sell", kStopLossLimit, kSell, "59900", "59900.01"},
    {"take_profit_buy", kTakeProfit, kBuy, "59900", "59900.01"},
    {"take_profit_sell", kTakeProfit, kSell, "60100", "60099.99"},
    {"take_profit_limit_buy", kTakeProfitLimit, kBuy, "59900", "59900.01"},
    {"take_profit_limit_sell", kTakeProfitLimit, kSell, "60100", "60099.99"},
};

class StopTrading : public testing::TestWithParam<ApproachCase> {
 public:
  StopTrading() { market.trade_at("60000"); }
  [[nodiscard]] NewOrder order(std::string_view stop_price) const {
    const OrderType type = GetParam().type;
    return stop(type, GetParam().side, stop_price, "1", has_price(type) ? "60000" : "0");
  }
  TestMarket market;
};

TEST_P(StopTrading, WaitsOutsideTheBookUntilTheStopPriceIsReached) {
  const Placed placed = market.take(order(GetParam().stop_price));
  EXPECT_EQ(placed.order.status, OrderStatus::kNew);
  EXPECT_FALSE(placed.order.working_since.has_value());
  EXPECT_EQ(market.exchange.market(kBtcUsdt).book.orders_count(), 0U);
  const std::uint64_t update_id = market.exchange.market(kBtcUsdt).book.update_id();
  EXPECT_EQ(market.exchange.open_orders(market.taker, kBtcUsdt).size(), 1U);
  EXPECT_EQ(market.exchange.market(kBtcUsdt).book.update_id(), update_id);

  market.trade_at(GetParam().before);
  EXPECT_FALSE(market.exchange.find(market.taker, placed.order.id)->working_since.has_value());

  market.trade_at(GetParam().stop_price);
  EXPECT_TRUE(market.exchange.find(market.taker, placed.order.id)->working_since.has_value());
  EXPECT_EQ(market.exchange.market(kBtcUsdt).stops.count(), 0U);
}

TEST_P(StopTrading, IsRefusedWhereTheLastPriceIsAlreadyThere) {
  const Balance quote = market.balance(market.taker, Asset::kUsdt);
  for (const std::string_view stop_price : {GetParam().before, GetParam().stop_price}) {
    market.trade_at(stop_price);
    const auto placed = market.exchange.place(market.taker, order(stop_price), kTestNow);

    ASSERT_FALSE(placed.has_value()) << stop_price;
    EXPECT_EQ(placed.error().reason, RejectReason::kWouldTrigger);
  }
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), quote);
  EXPECT_EQ(market.exchange.market(kBtcUsdt).stops.count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Venue, StopTrading, testing::ValuesIn(kApproachCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

class Stops : public testing::Test {
 public:
  Stops() { market.trade_at("60000"); }
  [[nodiscard]] Order now(const Order& order) const {
    return market.exchange.find(order.account, order.id).value();
  }
  TestMarket market;
};

TEST_F(Stops, OfALimitRestAtTheirPriceOnceTheyWork) {
  const Order order = market.take(stop(kStopLossLimit, kSell, "59900", "2", "59950")).order;
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc),
            (Balance{.free = d("98"), .locked = d("2")}));

  market.trade_at("59900");

  const auto ask = market.exchange.market(kBtcUsdt).book.best(kSell);
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->price, d("59950"));
  EXPECT_EQ(ask->quantity, d("2"));
  EXPECT_EQ(now(order).status, OrderStatus::kNew);
  EXPECT_EQ(now(order).locked, d("2"));
}

TEST_F(Stops, OfALimitLockWhatTheyMayCostAndGiveTheDifferenceBack) {
  const Order order = market.take(stop(kStopLossLimit, kBuy, "60100", "1", "60200")).order;
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt),
            (Balance{.free = d("939800"), .locked = d("60200")}));
  market.make(limit(kSell, "60150", "1"));

  market.trade_at("60100");

  EXPECT_EQ(now(order).status, OrderStatus::kFilled);
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("939850")}));
}

TEST_F(Stops, WithoutAPriceTakeWhatTheBookHas) {
  market.make(limit(kBuy, "59800", "0.4"));
  market.make(limit(kBuy, "59000", "5"));
  const Order order = market.take(stop(kStopLoss, kSell, "59900", "1")).order;

  market.trade_at("59900");

  EXPECT_EQ(now(order).status, OrderStatus::kFilled);
  EXPECT_EQ(now(order).executed_quote, d("59320"));
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc), (Balance{.free = d("99")}));
}

TEST_F(Stops, WithoutAPriceLockAtTheLastPriceAndTakeWhatIsMissingWhenTheyWork) {
  market.make(limit(kSell, "60200", "2"));
  const Order order = market.take(stop(kStopLoss, kBuy, "60100", "2")).order;
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt),
            (Balance{.free = d("880000"), .locked = d("120000")}));

  market.trade_at("60100");

  EXPECT_EQ(now(order).status, OrderStatus::kFilled);
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("879600")}));
}

TEST_F(Stops, WithoutAPriceExpireWhenTheMoneyDoesNotReach) {
  market.make(limit(kSell, "60200", "2"));
  const Order order = market.take(stop(kStopLoss, kBuy, "60100", "2")).order;
  // A hundredth less than the 400 that will be missing is left.
  (void)market.take(limit(kBuy, "100", "8795"));
  (void)market.take(limit(kBuy, "10001", "0.01"));
  ASSERT_EQ(market.balance(market.taker, Asset::kUsdt).free, d("399.99"));

  market.trade_at("60100");

  EXPECT_EQ(now(order).status, OrderStatus::kExpired);
  EXPECT_EQ(now(order).executed, d("0"));
  EXPECT_FALSE(now(order).working_since.has_value());
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt),
            (Balance{.free = d("120399.99"), .locked = d("879600.01")}));
}

TEST_F(Stops, AreRefusedWhenTheirLockIsNotCovered) {
  for (const NewOrder& order : {stop(kStopLossLimit, kBuy, "60100", "16.6667", "60000"),
                                stop(kTakeProfit, kBuy, "59900", "16.6667"),
                                stop(kStopLoss, kSell, "59900", "100.00001")}) {
    const auto placed = market.exchange.place(market.taker, order, kTestNow);

    ASSERT_FALSE(placed.has_value());
    EXPECT_EQ(placed.error().reason, RejectReason::kInsufficientBalance);
  }
}

TEST_F(Stops, GoToWorkInTheOrderInWhichTheMarketMeetsThem) {
  const Order far = market.take(stop(kStopLoss, kSell, "59800", "1")).order;
  const Order near = market.take(stop(kStopLoss, kSell, "59900", "1")).order;
  const Order later = market.take(stop(kStopLoss, kSell, "59900", "1")).order;
  market.make(limit(kBuy, "59700", "1"));
  market.make(limit(kBuy, "59600", "1"));
  market.make(limit(kBuy, "59500", "1"));

  market.trade_at("59800");

  EXPECT_EQ(now(near).executed_quote, d("59700"));
  EXPECT_EQ(now(later).executed_quote, d("59600"));
  EXPECT_EQ(now(far).executed_quote, d("59500"));
}

TEST_F(Stops, SetOffOneAnother) {
  market.make(limit(kBuy, "59700", "1"));
  const Order first = market.take(stop(kStopLoss, kSell, "59900", "1")).order;
  const Order second = market.take(stop(kStopLossLimit, kSell, "59700", "1", "59650")).order;

  market.trade_at("59900");

  EXPECT_EQ(now(first).status, OrderStatus::kFilled);
  EXPECT_EQ(market.exchange.market(kBtcUsdt).tape.last()->price, d("59700"));
  EXPECT_TRUE(now(second).working_since.has_value());
}

TEST_F(Stops, AreSetOffByEveryTradeOfAnOrderAndNotOnlyByItsLast) {
  const Order order = market.take(stop(kStopLossLimit, kSell, "59900", "1", "59000")).order;
  market.make(limit(kSell, "59900", "0.1"));
  market.make(limit(kSell, "60500", "0.1"));

  const Placed buyer = market.take(limit(kBuy, "60500", "0.3"));

  EXPECT_EQ(buyer.order.executed, d("0.2")) << "it is told how it stood before the stop order";
  EXPECT_EQ(now(order).executed, d("0.1"));
  EXPECT_EQ(now(buyer.order).status, OrderStatus::kFilled);
}

TEST_F(Stops, KeepToTheirTimeInForceOnceTheyWork) {
  market.make(limit(kBuy, "59900", "0.4"));
  NewOrder at_once = stop(kStopLossLimit, kSell, "59950", "1", "59900");
  at_once.time_in_force = TimeInForce::kIoc;
  NewOrder all_or_none = stop(kStopLossLimit, kSell, "59960", "1", "59900");
  all_or_none.time_in_force = TimeInForce::kFok;
  const Order first = market.take(all_or_none).order;
  const Order second = market.take(at_once).order;

  market.trade_at("59950");

  EXPECT_EQ(now(first).status, OrderStatus::kExpired);
  EXPECT_EQ(now(first).executed, d("0"));
  EXPECT_EQ(now(second).status, OrderStatus::kExpired);
  EXPECT_EQ(now(second).executed, d("0.4"));
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc), (Balance{.free = d("99.6")}));
}

TEST_F(Stops, ThatWereCanceledAreGone) {
  const Order order = market.take(stop(kStopLoss, kSell, "59900", "1")).order;
  market.make(limit(kBuy, "59900", "1"));

  const auto canceled = market.exchange.cancel(market.taker, order.id, kTestNow);
  market.trade_at("59900.01");
  (void)market.exchange.place(market.maker, limit(kSell, "59900", "0.5"), kTestNow);

  ASSERT_TRUE(canceled.has_value());
  EXPECT_EQ(canceled->status, OrderStatus::kCanceled);
  EXPECT_FALSE(now(order).working_since.has_value());
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc), (Balance{.free = d("100")}));
}

TEST_F(Stops, EndWithTheKeyThatPlacedThem) {
  NewOrder wish = stop(kStopLossLimit, kSell, "59900", "1", "59900");
  wish.api_key = "leaked";
  const Order waiting = market.take(wish).order;
  wish.stop_price = d("59950");
  const Order working = market.take(wish).order;
  market.trade_at("59950");
  ASSERT_TRUE(now(working).working_since.has_value());

  EXPECT_EQ(market.exchange.cancel_by_key(market.taker, "leaked", kTestNow), 2U);

  EXPECT_FALSE(now(waiting).is_open());
  EXPECT_FALSE(now(working).is_open());
  EXPECT_EQ(market.exchange.market(kBtcUsdt).stops.count(), 0U);
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc), (Balance{.free = d("100")}));
}

TEST_F(Stops, AreJudgedByTheFiltersOfBothPrices) {
  struct Judged {
    NewOrder order;
    std::optional<Filter> broken;
  };
  const std::vector<Judged> rows{
      {stop(kStopLossLimit, kSell, "59900.001", "1", "59900"), Filter::kPrice},
      {stop(kStopLossLimit, kSell, "59900", "1", "59900.001"), Filter::kPrice},
      {stop(kTakeProfit, kSell, "1000000.01", "1"), Filter::kPrice},
      {stop(kTakeProfit, kSell, "1000000", "1"), std::nullopt},
      {stop(kStopLoss, kSell, "59900", "0.000001"), Filter::kLotSize},
      {stop(kStopLoss, kSell, "59900", "120"), std::nullopt},
      {stop(kStopLoss, kSell, "59900", "120.00001"), Filter::kMarketLotSize},
      {stop(kStopLoss, kSell, "59900", "0.00008"), Filter::kNotional},
      {stop(kStopLossLimit, kSell, "59900", "0.00008", "59900"), Filter::kNotional},
  };

  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto verdict = market.exchange.check(market.taker, rows[at].order, kTestNow);
    const auto broken = verdict ? std::nullopt : std::optional(verdict.error().filter);
    EXPECT_EQ(broken, rows[at].broken) << "row " << at;
  }
}

TEST_F(Stops, AreFiveASymbolAtMostAndCountAmongAllOrders) {
  const NewOrder order = stop(kStopLossLimit, kSell, "59900", "0.001", "59900");
  for (std::size_t count = 0; count < kStopOrdersOpenMax; ++count) {
    (void)market.take(order);
  }
  const auto sixth = market.exchange.place(market.taker, order, kTestNow);
  ASSERT_FALSE(sixth.has_value());
  EXPECT_EQ(sixth.error().filter, Filter::kMaxNumAlgoOrders);
  EXPECT_TRUE(market.exchange.check(market.maker, order, kTestNow)) << "another account's";

  for (std::size_t count = kStopOrdersOpenMax; count < kOrdersOpenMax; ++count) {
    (void)market.take(limit(kSell, "70000", "0.001"));
  }
  const auto one_more =
      market.exchange.place(market.taker, limit(kSell, "70000", "0.001"), kTestNow);
  ASSERT_FALSE(one_more.has_value());
  EXPECT_EQ(one_more.error().filter, Filter::kMaxNumOrders);
}

TEST(StopsOfAQuietMarket, WaitForTheFirstTrade) {
  TestMarket market;
  const Order loss = market.take(stop(kStopLoss, kBuy, "60000", "1")).order;
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt).locked, d("60000"))
      << "no last price: it counts with its stop price";
  const Order profit = market.take(stop(kTakeProfitLimit, kBuy, "50000", "1", "50000")).order;

  market.trade_at("60000");

  EXPECT_FALSE(market.exchange.find(market.taker, loss.id)->is_open());
  EXPECT_FALSE(market.exchange.find(market.taker, profit.id)->working_since.has_value());
}

}  // namespace
}  // namespace counterfoil::venue
