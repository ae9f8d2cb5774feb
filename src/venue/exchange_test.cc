#include "venue/exchange.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "venue/account.h"
#include "venue/asset.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/order.h"
#include "venue/order_book.h"
#include "venue/test_market.h"

namespace counterfoil::venue {
namespace {

constexpr Rejection broken(Filter filter) {
  return {.reason = RejectReason::kFilter, .filter = filter};
}

TEST(Exchange, FillsTheBestPriceFirstAndAtOnePriceTheOldest) {
  TestMarket market;
  const Order dear = market.make(limit(Side::kSell, "60002", "1"));
  const Order early = market.make(limit(Side::kSell, "60001", "1"));
  const Order late = market.make(limit(Side::kSell, "60001", "1"));

  const Placed placed = market.take(limit(Side::kBuy, "60002", "2.5"));

  ASSERT_EQ(placed.fills.size(), 3U);
  EXPECT_EQ(placed.fills[0].price, d("60001"));
  EXPECT_EQ(placed.fills[2].price, d("60002"));
  EXPECT_EQ(market.exchange.find(market.maker, early.id)->status, OrderStatus::kFilled);
  EXPECT_EQ(market.exchange.find(market.maker, late.id)->status, OrderStatus::kFilled);
  EXPECT_EQ(market.exchange.find(market.maker, dear.id)->executed, d("0.5"));

  // Again with less than both hold, so that only one of the two can be hit.
  const Order first = market.make(limit(Side::kSell, "60001", "1"));
  const Order second = market.make(limit(Side::kSell, "60001", "1"));
  (void)market.take(limit(Side::kBuy, "60001", "0.4"));
  EXPECT_EQ(market.exchange.find(market.maker, first.id)->executed, d("0.4"));
  EXPECT_EQ(market.exchange.find(market.maker, second.id)->executed, d("0"));
}

TEST(Exchange, TradesAtTheRestingOrdersPriceAndFreesTheDifference) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "1"));

  const Placed placed = market.take(limit(Side::kBuy, "61000", "1"));

  EXPECT_EQ(placed.order.status, OrderStatus::kFilled);
  EXPECT_EQ(placed.order.executed_quote, d("60000"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("940000")}));
}

TEST(Exchange, LeavesTheRestOfAPartlyFilledOrderInTheBook) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.3"));

  const Placed placed = market.take(limit(Side::kBuy, "60000", "1"));

  EXPECT_EQ(placed.order.status, OrderStatus::kPartiallyFilled);
  EXPECT_EQ(placed.order.executed, d("0.3"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt),
            (Balance{.free = d("940000"), .locked = d("42000")}));
  const auto best = market.exchange.market(kBtcUsdt).book.best(Side::kBuy);
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->quantity, d("0.7"));
}

TEST(Exchange, TakesCommissionsFromWhatEachSideReceives) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000.01", "0.00123"));

  const Placed placed = market.take(limit(Side::kBuy, "60000.01", "0.00123"));

  // 0.00123 BTC × 0.001, and 73.8000123 USDT × 0.001 cut off behind the eighth decimal.
  ASSERT_EQ(placed.fills.size(), 1U);
  EXPECT_EQ(placed.fills[0].commission, d("0.00000123"));
  EXPECT_EQ(placed.fills[0].commission_asset, Asset::kBtc);
  EXPECT_FALSE(placed.fills[0].is_maker);
  const Fill sold = market.exchange.fills(market.maker).back();
  EXPECT_EQ(sold.commission, d("0.07380001"));
  EXPECT_EQ(sold.commission_asset, Asset::kUsdt);
  EXPECT_TRUE(sold.is_maker);
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc).free, d("100.00122877"));
  EXPECT_EQ(market.balance(market.maker, Asset::kUsdt).free, d("1000073.72621229"));
  const AccountNumber fees = market.exchange.fee_account();
  EXPECT_EQ(market.balance(fees, Asset::kBtc).free, d("0.00000123"));
  EXPECT_EQ(market.balance(fees, Asset::kUsdt).free, d("0.07380001"));
}

TEST(Exchange, TakesNoCommissionFromTheHouse) {
  Exchange exchange(test_options());
  const auto house =
      exchange.open_house_account({{.asset = Asset::kBtc, .amount = d("1")}}).value();
  const auto trader = exchange.account("trader").value();
  (void)exchange.place(house, limit(Side::kSell, "60000", "1"), kTestNow);

  (void)exchange.place(trader, limit(Side::kBuy, "60000", "1"), kTestNow);

  EXPECT_EQ(exchange.ledger().balance(house, Asset::kUsdt).free, d("60000"));
  EXPECT_TRUE(exchange.fills(house).empty());
}

TEST(Exchange, EndsTheRestOfAnImmediateOrCancelOrder) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.3"));

  const Placed placed = market.take(limit(Side::kBuy, "60000", "1", TimeInForce::kIoc));

  EXPECT_EQ(placed.order.status, OrderStatus::kExpired);
  EXPECT_EQ(placed.order.executed, d("0.3"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("982000")}));
  EXPECT_FALSE(market.exchange.market(kBtcUsdt).book.best(Side::kBuy).has_value());
}

TEST(Exchange, FillsAFillOrKillOrderWholeOrNotAtAll) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.3"));
  market.make(limit(Side::kSell, "60001", "0.3"));

  const Placed killed = market.take(limit(Side::kBuy, "60001", "0.60001", TimeInForce::kFok));
  EXPECT_EQ(killed.order.status, OrderStatus::kExpired);
  EXPECT_TRUE(killed.fills.empty());
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("1000000")}));
  EXPECT_EQ(market.exchange.market(kBtcUsdt).book.orders_count(), 2U);

  const Placed filled = market.take(limit(Side::kBuy, "60001", "0.6", TimeInForce::kFok));
  EXPECT_EQ(filled.order.status, OrderStatus::kFilled);
  EXPECT_EQ(filled.fills.size(), 2U);
}

TEST(Exchange, RefusesALimitMakerOrderThatWouldTrade) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "1"));

  const auto touching =
      market.exchange.place(market.taker, limit_maker(Side::kBuy, "60000", "1"), kTestNow);
  ASSERT_FALSE(touching.has_value());
  EXPECT_EQ(touching.error().reason, RejectReason::kWouldTake);
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("1000000")}));

  const Placed resting = market.take(limit_maker(Side::kBuy, "59999.99", "1"));
  EXPECT_EQ(resting.order.status, OrderStatus::kNew);
}

TEST(Exchange, BuysAndSellsAtTheMarketByQuantity) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.5"));
  market.make(limit(Side::kSell, "60010", "0.5"));

  const Placed bought = market.take(market_by_quantity(Side::kBuy, "0.8"));

  EXPECT_EQ(bought.order.status, OrderStatus::kFilled);
  EXPECT_EQ(bought.order.executed_quote, d("48003"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("951997")}));

  const Placed thin = market.take(market_by_quantity(Side::kBuy, "0.3"));
  EXPECT_EQ(thin.order.status, OrderStatus::kExpired) << "the book holds 0.2 only";
  EXPECT_EQ(thin.order.executed, d("0.2"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt).locked, d("0"));
}

TEST(Exchange, BuysAtTheMarketForAnAmountOfTheQuote) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.001"));
  market.make(limit(Side::kSell, "70000", "1"));

  const Placed bought = market.take(market_by_quote(Side::kBuy, "100"));

  // 60 USDT at the first price, then 40 / 70000 = 0.000571…, cut to the step: 0.00057.
  EXPECT_EQ(bought.order.status, OrderStatus::kFilled);
  EXPECT_EQ(bought.order.executed, d("0.00157"));
  EXPECT_EQ(bought.order.wish.quantity, d("0.00157"));
  EXPECT_EQ(bought.order.executed_quote, d("99.9"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("999900.1")}));
}

TEST(Exchange, SellsAtTheMarketForAnAmountOfTheQuote) {
  TestMarket market;
  market.make(limit(Side::kBuy, "60000", "1"));

  const Placed sold = market.take(market_by_quote(Side::kSell, "100"));

  EXPECT_EQ(sold.order.status, OrderStatus::kFilled);
  EXPECT_EQ(sold.order.executed, d("0.00166"));
  EXPECT_EQ(sold.order.executed_quote, d("99.6"));
  EXPECT_EQ(market.balance(market.taker, Asset::kBtc), (Balance{.free = d("99.99834")}));
}

TEST(Exchange, RefusesAQuoteAmountThatBuysLessThanOneStep) {
  TestMarket market;
  market.make(limit(Side::kSell, "600000", "1"));

  const auto placed =
      market.exchange.place(market.taker, market_by_quote(Side::kBuy, "5.99"), kTestNow);

  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error(), broken(Filter::kLotSize));
}

struct FilterCase {
  std::string_view name;
  std::string_view price;
  std::string_view quantity;
  const Filter* broken;  // nullptr: passes
};
void PrintTo(const FilterCase& row, std::ostream* out) { *out << row.name; }

constexpr Filter kPriceFilter = Filter::kPrice;
constexpr Filter kLotFilter = Filter::kLotSize;
constexpr Filter kNotionalFilter = Filter::kNotional;

constexpr FilterCase kFilterCases[] = {
    {"cheapest_price", "0.01", "9000", nullptr},
    {"price_at_the_limit", "1000000", "9", nullptr},
    {"price_one_tick_past_the_limit", "1000000.01", "0.1", &kPriceFilter},
    {"price_between_two_ticks", "60000.001", "0.1", &kPriceFilter},
    {"price_zero", "0", "0.1", &kPriceFilter},
    {"smallest_quantity", "600000", "0.00001", nullptr},
    {"quantity_between_two_steps", "60000", "0.100001", &kLotFilter},
    {"quantity_zero", "60000", "0", &kLotFilter},
    {"quantity_at_the_limit", "1", "9000", nullptr},
    {"quantity_one_step_past_the_limit", "1", "9000.00001", &kLotFilter},
    {"notional_at_the_lower_limit", "50000", "0.0001", nullptr},
    {"notional_just_below", "49999.99", "0.0001", &kNotionalFilter},
    {"notional_at_the_upper_limit", "900000", "10", nullptr},
    {"notional_just_above", "900000.01", "10", &kNotionalFilter},
};

class Filters : public testing::TestWithParam<FilterCase> {};

TEST_P(Filters, JudgeALimitOrder) {
  const TestMarket market;

  const auto verdict = market.exchange.check(
      market.taker, limit(Side::kBuy, GetParam().price, GetParam().quantity), kTestNow);

  ASSERT_EQ(verdict.has_value(), GetParam().broken == nullptr);
  if (GetParam().broken != nullptr) {
    EXPECT_EQ(verdict.error(), broken(*GetParam().broken));
  }
}

INSTANTIATE_TEST_SUITE_P(Exchange, Filters, testing::ValuesIn(kFilterCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Exchange, JudgesAMarketOrderByTheAveragePrice) {
  TestMarket market;
  market.make(limit(Side::kSell, "50000", "1"));
  (void)market.take(limit(Side::kBuy, "50000", "1"));

  const auto judge = [&](std::string_view quantity) {
    return market.exchange.check(market.taker, market_by_quantity(Side::kBuy, quantity), kTestNow);
  };

  EXPECT_TRUE(judge("0.0001"));
  EXPECT_EQ(judge("0.00009").error(), broken(Filter::kNotional));
  EXPECT_TRUE(judge("120"));
  EXPECT_EQ(judge("120.00001").error(), broken(Filter::kMarketLotSize));
}

TEST(Exchange, JudgesAMarketOrderByTheQuoteThatItSpends) {
  const TestMarket market;
  const auto by_quote = [&](std::string_view amount) {
    return market.exchange.check(market.taker, market_by_quote(Side::kBuy, amount), kTestNow);
  };

  EXPECT_TRUE(by_quote("5"));
  EXPECT_EQ(by_quote("4.99999999").error(), broken(Filter::kNotional));
  EXPECT_TRUE(by_quote("9000000"));
  EXPECT_EQ(by_quote("9000000.00000001").error(), broken(Filter::kNotional));
}

TEST(Exchange, LetsAnAccountHaveSoManyOpenOrdersAndNoMore) {
  TestMarket market;
  for (std::size_t count = 0; count < kOrdersOpenMax; ++count) {
    market.make(limit(Side::kBuy, "1000", "0.01"));
  }

  const auto one_more =
      market.exchange.place(market.maker, limit(Side::kBuy, "1000", "0.01"), kTestNow);
  ASSERT_FALSE(one_more.has_value());
  EXPECT_EQ(one_more.error(), broken(Filter::kMaxNumOrders));

  const auto that_cannot_rest = market.exchange.place(
      market.maker, limit(Side::kBuy, "1000", "0.01", TimeInForce::kIoc), kTestNow);
  EXPECT_TRUE(that_cannot_rest.has_value());
}

TEST(Exchange, LocksWhatAnOrderMayCostToTheLastUnit) {
  TestMarket market;

  const auto too_dear =
      market.exchange.place(market.taker, limit(Side::kBuy, "10000", "100.00001"), kTestNow);
  ASSERT_FALSE(too_dear.has_value());
  EXPECT_EQ(too_dear.error().reason, RejectReason::kInsufficientBalance);

  const Placed all = market.take(limit(Side::kBuy, "10000", "100"));
  EXPECT_EQ(all.order.status, OrderStatus::kNew);
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.locked = d("1000000")}));

  const auto sell_too_much =
      market.exchange.place(market.taker, limit(Side::kSell, "60000", "100.00001"), kTestNow);
  ASSERT_FALSE(sell_too_much.has_value());
  EXPECT_EQ(sell_too_much.error().reason, RejectReason::kInsufficientBalance);
}

TEST(Exchange, ReleasesTheLockOfACanceledOrder) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "0.4"));
  const Placed placed = market.take(limit(Side::kBuy, "60000", "1"));

  const auto canceled =
      market.exchange.cancel(market.taker, placed.order.id, kTestNow + std::chrono::seconds(1));

  ASSERT_TRUE(canceled.has_value());
  EXPECT_EQ(canceled->status, OrderStatus::kCanceled);
  EXPECT_EQ(canceled->executed, d("0.4"));
  EXPECT_EQ(market.balance(market.taker, Asset::kUsdt), (Balance{.free = d("976000")}));
  EXPECT_EQ(market.exchange.market(kBtcUsdt).book.orders_count(), 0U);
  EXPECT_FALSE(market.exchange.cancel(market.taker, placed.order.id, kTestNow).has_value());
}

TEST(Exchange, CancelsForTheOwnerOnly) {
  TestMarket market;
  const Order order = market.make(limit(Side::kBuy, "50000", "1"));

  EXPECT_FALSE(market.exchange.cancel(market.taker, order.id, kTestNow).has_value());
  EXPECT_FALSE(market.exchange.find(market.taker, order.id).has_value());
  EXPECT_TRUE(market.exchange.find(market.maker, order.id)->is_open());
}

TEST(Exchange, CancelsTheOpenOrdersOfOneApiKey) {
  TestMarket market;
  NewOrder order = limit(Side::kBuy, "50000", "0.1");
  order.api_key = "leaked";
  const Order first = market.make(order);
  const Order second = market.make(order);
  order.api_key = "healthy";
  const Order third = market.make(order);

  EXPECT_EQ(market.exchange.cancel_by_key(market.taker, "leaked", kTestNow), 0U)
      << "another account's orders stay";
  EXPECT_EQ(market.exchange.cancel_by_key(market.maker, "leaked", kTestNow), 2U);

  EXPECT_FALSE(market.exchange.find(market.maker, first.id)->is_open());
  EXPECT_FALSE(market.exchange.find(market.maker, second.id)->is_open());
  EXPECT_TRUE(market.exchange.find(market.maker, third.id)->is_open());
}

TEST(Exchange, RefusesTheClientIdOfAnOpenOrderAndTakesItAgainLater) {
  TestMarket market;
  NewOrder order = limit(Side::kBuy, "50000", "0.1");
  order.client_id = "mine";
  const Order first = market.make(order);

  const auto twin = market.exchange.place(market.maker, order, kTestNow);
  ASSERT_FALSE(twin.has_value());
  EXPECT_EQ(twin.error().reason, RejectReason::kDuplicateClientId);

  ASSERT_TRUE(market.exchange.cancel(market.maker, first.id, kTestNow));
  const Order second = market.make(order);
  EXPECT_EQ(market.exchange.find_by_client(market.maker, kBtcUsdt, "mine")->id, second.id);
}

TEST(Exchange, MakesClientIdsThatDiffer) {
  TestMarket market;

  const Order first = market.make(limit(Side::kBuy, "50000", "0.1"));
  const Order second = market.make(limit(Side::kBuy, "50000", "0.1"));

  EXPECT_EQ(first.wish.client_id.size(), 13U);
  EXPECT_NE(first.wish.client_id, second.wish.client_id);
}

TEST(Exchange, LetsAnAccountTradeWithItself) {
  TestMarket market;
  market.make(limit(Side::kSell, "60000", "1"));

  const auto placed =
      market.exchange.place(market.maker, limit(Side::kBuy, "60000", "1"), kTestNow);

  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->order.status, OrderStatus::kFilled);
  EXPECT_EQ(market.balance(market.maker, Asset::kBtc), (Balance{.free = d("99.999")}));
  EXPECT_EQ(market.balance(market.maker, Asset::kUsdt), (Balance{.free = d("999940")}));
  EXPECT_EQ(market.exchange.fills(market.maker).size(), 2U);
}

TEST(Exchange, ForgetsTheOldestOfTheOrdersThatEnded) {
  TestMarket market;
  NewOrder order = limit(Side::kBuy, "50000", "0.1", TimeInForce::kIoc);
  order.client_id = "first";
  const Order first = market.make(order);
  order.client_id.clear();
  for (std::size_t count = 1; count < Account::kClosedOrdersKept; ++count) {
    market.make(order);
  }
  EXPECT_TRUE(market.exchange.find(market.maker, first.id).has_value());

  market.make(order);

  EXPECT_FALSE(market.exchange.find(market.maker, first.id).has_value());
  EXPECT_FALSE(market.exchange.find_by_client(market.maker, kBtcUsdt, "first").has_value());
  EXPECT_EQ(market.exchange.all_orders(market.maker, kBtcUsdt).size(), Account::kClosedOrdersKept);
}

TEST(Exchange, OpensAndFundsAnAccountOnceAndSoManyOnly) {
  ExchangeOptions options = test_options();
  options.accounts_max = 2;
  Exchange exchange(options);

  const auto first = exchange.account("one");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(exchange.ledger().balance(*first, Asset::kBtc).free, d("100"));
  EXPECT_EQ(exchange.account("one"), first);
  EXPECT_TRUE(exchange.account("two").has_value());

  const auto third = exchange.account("three");
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error(), AccountError::kTooMany);
  EXPECT_EQ(exchange.ledger().issued(Asset::kBtc), d("200"));
}

TEST(Exchange, DoesNotIssueMoreThanADecimalHolds) {
  ExchangeOptions options;
  options.initial_balances = {{.asset = Asset::kBtc, .amount = d("50000000000")}};
  Exchange exchange(options);
  ASSERT_TRUE(exchange.account("one").has_value());

  const auto second = exchange.account("two");

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), AccountError::kNothingToGive);
  EXPECT_EQ(exchange.ledger().issued(Asset::kBtc), d("50000000000"));
}

}  // namespace
}  // namespace counterfoil::venue
