// Nothing is made and nothing is lost: for every asset, free and locked over all accounts, those of
// the house included, are always what was issued, and no balance is below zero.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/market_maker.h"
#include "venue/order.h"
#include "venue/splitmix.h"
#include "venue/test_market.h"

namespace counterfoil::venue {
namespace {

class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed), maker_(exchange_, seed) {
    for (const char* name : {"ann", "ben", "cy", "dee"}) {
      traders_.push_back(exchange_.account(name).value());
    }
  }

  void act() {
    now_ += std::chrono::milliseconds(random_.between(0, 5'000));
    const AccountNumber trader = traders_[random_.below(traders_.size())];
    switch (random_.below(30)) {
      case 0:
      case 5:
      case 6:
        maker_.tick(now_, MarketMaker::Depth::kThin);
        break;
      case 1:
      case 2:
      case 3:
        cancel_one(trader);
        break;
      case 4:
        canceled_ += exchange_.cancel_by_key(trader, random_.below(2) == 0 ? "a" : "b", now_);
        break;
      default:
        place_one(trader);
    }
  }

  // check_money looks at every balance of the venue.
  void check_money() const {
    for (std::size_t at = 0; at < kAssetsCount; ++at) {
      const auto asset = static_cast<Asset>(at);
      ASSERT_EQ(exchange_.ledger().total(asset), exchange_.ledger().issued(asset));
      for (std::uint32_t number = 0; number < exchange_.ledger().accounts_count(); ++number) {
        const Balance balance = exchange_.ledger().balance(AccountNumber{number}, asset);
        ASSERT_GE(balance.free, Decimal());
        ASSERT_GE(balance.locked, Decimal());
      }
    }
  }
  // check_locks compares what is locked with what the open orders say.
  void check_locks() const {
    for (const AccountNumber trader : traders_) {
      std::array<Decimal, kAssetsCount> wanted{};
      for (const Order& order : exchange_.open_orders(trader, std::nullopt)) {
        ASSERT_TRUE(is_locked_right(order));
        wanted[index_of(pays_with(describe(order.wish.instrument), order.wish.side))] +=
            order.locked;
      }
      for (std::size_t at = 0; at < kAssetsCount; ++at) {
        ASSERT_EQ(exchange_.ledger().balance(trader, static_cast<Asset>(at)).locked, wanted[at]);
      }
    }
  }

  // check_stops compares the orders that wait with those that say that they do, and with the last
  // price, which none of them may have reached.
  void check_stops() const {
    std::array<std::size_t, kInstrumentsCount> waiting{};
    for (const AccountNumber trader : traders_) {
      for (const Order& order : exchange_.open_orders(trader, std::nullopt)) {
        if (order.working_since) {
          continue;
        }
        ++waiting[index_of(order.wish.instrument)];
        ASSERT_TRUE(waits_rightly(order));
      }
    }
    for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
      ASSERT_EQ(exchange_.market(static_cast<InstrumentId>(at)).stops.count(), waiting[at]);
    }
  }
  // count_triggered counts the stop orders that went to work, of those that are remembered.
  [[nodiscard]] std::size_t count_triggered() const {
    std::size_t count = 0;
    for (const AccountNumber trader : traders_) {
      for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
        count += static_cast<std::size_t>(std::ranges::count_if(
            exchange_.all_orders(trader, static_cast<InstrumentId>(at)),
            [](const Order& order) { return has_stop(order.wish.type) && order.working_since; }));
      }
    }
    return count;
  }

  [[nodiscard]] const Exchange& exchange() const { return exchange_; }
  [[nodiscard]] std::size_t filled() const { return filled_; }
  [[nodiscard]] std::size_t rejected() const { return rejected_; }
  [[nodiscard]] std::size_t canceled() const { return canceled_; }

 private:
  static bool is_locked_right(const Order& order) {
    if (order.wish.side == Side::kSell) {
      return order.locked == order.remaining();
    }
    if (has_price(order.wish.type)) {
      return order.locked == cost(order.wish.price, order.remaining());
    }
    // At the last price of then, which nobody remembers.
    return !order.working_since && order.locked.is_positive();
  }
  [[nodiscard]] bool waits_rightly(const Order& order) const {
    const auto last = exchange_.market(order.wish.instrument).tape.last();
    if (!has_stop(order.wish.type) || !order.executed.is_zero() || !last) {
      return has_stop(order.wish.type) && order.executed.is_zero();
    }
    return approach_of(order.wish) == Approach::kRising ? last->price < order.wish.stop_price
                                                        : last->price > order.wish.stop_price;
  }
  static ExchangeOptions options() {
    ExchangeOptions options;
    for (std::size_t at = 0; at < kAssetsCount; ++at) {
      // Little, so that orders often fail for want of money.
      const auto asset = static_cast<Asset>(at);
      options.initial_balances.push_back(
          {.asset = asset, .amount = asset == Asset::kUsdt ? d("20000") : d("0.75")});
    }
    return options;
  }

  NewOrder random_order() {
    const auto id = static_cast<InstrumentId>(random_.below(kInstrumentsCount));
    const Instrument& instrument = describe(id);
    NewOrder order{.instrument = id,
                   .side = random_.below(2) == 0 ? Side::kBuy : Side::kSell,
                   .type = static_cast<OrderType>(random_.below(kOrderTypeNames.size())),
                   .time_in_force = static_cast<TimeInForce>(random_.below(3)),
                   .api_key = random_.below(2) == 0 ? "a" : "b"};
    const std::int64_t steps = random_.between(1, 400);
    const Decimal quantity = round_down(
        Decimal::from_units(instrument.notional_min.units() * steps /
                            std::max<std::int64_t>(instrument.reference_price.units(), 1) *
                            Decimal::kUnitsPerOne / 10),
        instrument.step);
    if (order.type == OrderType::kMarket && random_.below(2) == 0) {
      order.quote_quantity =
          Decimal::from_units(instrument.notional_min.units() * random_.between(1, 300));
      return order;
    }
    order.quantity = std::max(quantity, instrument.step);
    if (has_price(order.type)) {
      order.price = price_near(instrument, 100);
    }
    if (has_stop(order.type)) {
      order.stop_price = price_near(instrument, 10);
    }
    return order;
  }
  // price_near gives a price within so many basis points of where the market began.
  Decimal price_near(const Instrument& instrument, std::int64_t basis_points) {
    return round_down(
        Decimal::from_units(instrument.reference_price.units() / 10'000 *
                            random_.between(10'000 - basis_points, 10'000 + basis_points)),
        instrument.tick);
  }

  void place_one(AccountNumber trader) {
    const auto placed = exchange_.place(trader, random_order(), now_);
    if (!placed) {
      ++rejected_;
      return;
    }
    filled_ += placed->fills.size();
    Decimal sum;
    for (const Fill& fill : placed->fills) {
      sum += fill.quantity;
    }
    ASSERT_EQ(sum, placed->order.executed);
  }

  void cancel_one(AccountNumber trader) {
    const std::vector<Order> open = exchange_.open_orders(trader, std::nullopt);
    if (!open.empty()) {
      ASSERT_TRUE(exchange_.cancel(trader, open[random_.below(open.size())].id, now_));
      ++canceled_;
    }
  }

  SplitMix random_;
  Exchange exchange_{options()};
  MarketMaker maker_;
  std::vector<AccountNumber> traders_;
  Timestamp now_ = kTestNow;
  std::size_t filled_ = 0;
  std::size_t rejected_ = 0;
  std::size_t canceled_ = 0;
};

class Conservation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Conservation, HoldsAfterEveryRandomStep) {
  constexpr int kSteps = 4'000;
  Crowd crowd(GetParam());

  for (int step = 0; step < kSteps; ++step) {
    crowd.act();
    crowd.check_money();
    crowd.check_locks();
    crowd.check_stops();
    if (HasFatalFailure()) {
      FAIL() << "at step " << step << " of seed " << GetParam();
    }
  }

  // The test is worth something only if all of these happened.
  EXPECT_GT(crowd.filled(), 200U);
  EXPECT_GT(crowd.rejected(), 50U);
  EXPECT_GT(crowd.canceled(), 100U);
  EXPECT_GT(crowd.count_triggered(), 20U);
  const Balance fees =
      crowd.exchange().ledger().balance(crowd.exchange().fee_account(), Asset::kUsdt);
  EXPECT_GT(fees.free, Decimal());
}

INSTANTIATE_TEST_SUITE_P(Venue, Conservation, testing::Values(1U, 2U, 3U, 20'261'124U));

TEST(MarketMaker, GivesTheSamePricesForTheSameSeed) {
  Exchange one(test_options());
  Exchange two(test_options());
  Exchange other(test_options());
  MarketMaker maker_one(one, 7);
  MarketMaker maker_two(two, 7);
  MarketMaker maker_other(other, 8);

  for (int tick = 0; tick < 20; ++tick) {
    const Timestamp now = kTestNow + std::chrono::seconds(tick);
    maker_one.tick(now);
    maker_two.tick(now);
    maker_other.tick(now);
  }

  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    const auto id = static_cast<InstrumentId>(at);
    const auto best = [id](const Exchange& exchange) {
      return exchange.market(id).book.best(Side::kBuy).value().price;
    };
    EXPECT_EQ(best(one), best(two));
    EXPECT_EQ(one.market(id).tape.next_id(), two.market(id).tape.next_id());
  }
  EXPECT_NE(one.market(kBtcUsdt).book.best(Side::kBuy)->price,
            other.market(kBtcUsdt).book.best(Side::kBuy)->price);
}

TEST(MarketMaker, QuotesBothSidesOfEveryBookAndTrades) {
  Exchange exchange(test_options());
  MarketMaker maker(exchange, 1);

  for (int tick = 0; tick < 5; ++tick) {
    maker.tick(kTestNow + std::chrono::seconds(tick));
  }

  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    const Market& market = exchange.market(static_cast<InstrumentId>(at));
    const auto bid = market.book.best(Side::kBuy);
    const auto ask = market.book.best(Side::kSell);
    ASSERT_TRUE(bid && ask) << kInstruments[at].symbol;
    EXPECT_LT(bid->price, ask->price);
    EXPECT_GE(market.tape.next_id(), 6U) << "five trades at least";
    EXPECT_LE(market.book.orders_count(), 40U) << "old quotes are taken back";
  }
}

TEST(MarketMaker, MovesItsPrices) {
  Exchange exchange(test_options());
  MarketMaker maker(exchange, 1);
  maker.tick(kTestNow);
  const Decimal before = exchange.market(kBtcUsdt).book.best(Side::kBuy)->price;

  for (int tick = 1; tick < 50; ++tick) {
    maker.tick(kTestNow + std::chrono::seconds(tick));
  }

  EXPECT_NE(exchange.market(kBtcUsdt).book.best(Side::kBuy)->price, before);
}

TEST(MarketMaker, FillsATradersOrderOncePricesComeItsWay) {
  Exchange exchange(test_options());
  MarketMaker maker(exchange, 1);
  maker.tick(kTestNow);
  const AccountNumber trader = exchange.account("trader").value();
  const Decimal bid = exchange.market(kBtcUsdt).book.best(Side::kBuy)->price;
  const auto placed = exchange.place(
      trader,
      NewOrder{.instrument = kBtcUsdt, .side = Side::kBuy, .price = bid, .quantity = d("0.01")},
      kTestNow);
  ASSERT_TRUE(placed.has_value());

  int ticks = 0;
  while (exchange.find(trader, placed->order.id)->is_open() && ticks < 2'000) {
    maker.tick(kTestNow + std::chrono::seconds(++ticks));
  }

  EXPECT_EQ(exchange.find(trader, placed->order.id)->status, OrderStatus::kFilled);
}

}  // namespace
}  // namespace counterfoil::venue
