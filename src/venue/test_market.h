#pragma once

// What the tests of this room share: a venue of two traders with round balances.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/order.h"

namespace counterfoil::venue {

inline constexpr Timestamp kTestNow = from_unix_ms(1'790'000'000'000);
inline constexpr InstrumentId kBtcUsdt = InstrumentId{0};
static_assert(describe(kBtcUsdt).symbol == "BTCUSDT");

[[nodiscard]] constexpr Decimal d(std::string_view text) { return Decimal::parse(text).value(); }

[[nodiscard]] inline ExchangeOptions test_options() {
  return {.initial_balances = {{.asset = Asset::kUsdt, .amount = d("1000000")},
                               {.asset = Asset::kBtc, .amount = d("100")}}};
}

[[nodiscard]] inline NewOrder limit(Side side, std::string_view price, std::string_view quantity) {
  return {.instrument = kBtcUsdt, .side = side, .price = d(price), .quantity = d(quantity)};
}
[[nodiscard]] inline NewOrder limit(Side side, std::string_view price, std::string_view quantity,
                                    TimeInForce time_in_force) {
  NewOrder order = limit(side, price, quantity);
  order.time_in_force = time_in_force;
  return order;
}
[[nodiscard]] inline NewOrder limit_maker(Side side, std::string_view price,
                                          std::string_view quantity) {
  NewOrder order = limit(side, price, quantity);
  order.type = OrderType::kLimitMaker;
  return order;
}
[[nodiscard]] inline NewOrder market_by_quantity(Side side, std::string_view quantity) {
  return {
      .instrument = kBtcUsdt, .side = side, .type = OrderType::kMarket, .quantity = d(quantity)};
}
[[nodiscard]] inline NewOrder market_by_quote(Side side, std::string_view quote_quantity) {
  return {.instrument = kBtcUsdt,
          .side = side,
          .type = OrderType::kMarket,
          .quote_quantity = d(quote_quantity)};
}
// stop makes a stop order; those that have a price are given it.
[[nodiscard]] inline NewOrder stop(OrderType type, Side side, std::string_view stop_price,
                                   std::string_view quantity, std::string_view price = "0") {
  return {.instrument = kBtcUsdt,
          .side = side,
          .type = type,
          .price = d(price),
          .stop_price = d(stop_price),
          .quantity = d(quantity)};
}

// TestMarket is an exchange in which "maker" and "taker" hold 1,000,000 USDT and 100 BTC each.
struct TestMarket {
  Exchange exchange{test_options()};
  AccountNumber maker = exchange.account("maker").value();
  AccountNumber taker = exchange.account("taker").value();

  Order make(NewOrder order) { return exchange.place(maker, std::move(order), kTestNow)->order; }
  Placed take(NewOrder order) { return exchange.place(taker, std::move(order), kTestNow).value(); }
  // trade_at makes `price` the last price: a third account trades a little with itself. The book
  // must not have anything better.
  void trade_at(std::string_view price) {
    const AccountNumber other = exchange.account("other").value();
    (void)exchange.place(other, limit(Side::kSell, price, "0.001"), kTestNow).value();
    (void)exchange.place(other, limit(Side::kBuy, price, "0.001"), kTestNow).value();
  }
  [[nodiscard]] Balance balance(AccountNumber account, Asset asset) const {
    return exchange.ledger().balance(account, asset);
  }
};

}  // namespace counterfoil::venue
