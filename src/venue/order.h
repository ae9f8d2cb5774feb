#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/ledger.h"

namespace counterfoil::venue {

enum class Side : std::uint8_t { kBuy, kSell };
inline constexpr auto kSideNames = std::to_array<std::string_view>({"BUY", "SELL"});

enum class OrderType : std::uint8_t {
  kLimit,
  kMarket,
  kLimitMaker,
  kStopLoss,
  kStopLossLimit,
  kTakeProfit,
  kTakeProfitLimit,
};
inline constexpr auto kOrderTypeNames =
    std::to_array<std::string_view>({"LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS",
                                     "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"});

enum class TimeInForce : std::uint8_t { kGtc, kIoc, kFok };
inline constexpr auto kTimeInForceNames = std::to_array<std::string_view>({"GTC", "IOC", "FOK"});

// OrderStatus is kNew or kPartiallyFilled while the order is open, and one of the others for ever
// after.
enum class OrderStatus : std::uint8_t { kNew, kPartiallyFilled, kFilled, kCanceled, kExpired };
inline constexpr auto kOrderStatusNames =
    std::to_array<std::string_view>({"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED"});

[[nodiscard]] constexpr std::string_view name_of(Side side) {
  return kSideNames[static_cast<std::size_t>(side)];
}
[[nodiscard]] constexpr std::string_view name_of(OrderType type) {
  return kOrderTypeNames[static_cast<std::size_t>(type)];
}
[[nodiscard]] constexpr std::string_view name_of(TimeInForce time_in_force) {
  return kTimeInForceNames[static_cast<std::size_t>(time_in_force)];
}
[[nodiscard]] constexpr std::string_view name_of(OrderStatus status) {
  return kOrderStatusNames[static_cast<std::size_t>(status)];
}
// has_price: the order names a price that it trades at or better; the others take what the book
// has. has_time_in_force: it may say for how long. has_stop: it waits until the last price has come
// to its stop price, and is an order like any other after that.
[[nodiscard]] constexpr bool has_price(OrderType type) {
  return type != OrderType::kMarket && type != OrderType::kStopLoss &&
         type != OrderType::kTakeProfit;
}
[[nodiscard]] constexpr bool has_time_in_force(OrderType type) {
  return has_price(type) && type != OrderType::kLimitMaker;
}
[[nodiscard]] constexpr bool has_stop(OrderType type) {
  return type == OrderType::kStopLoss || type == OrderType::kStopLossLimit ||
         type == OrderType::kTakeProfit || type == OrderType::kTakeProfitLimit;
}
[[nodiscard]] constexpr Side opposite(Side side) {
  return side == Side::kBuy ? Side::kSell : Side::kBuy;
}

// OrderId counts the orders of one venue, all symbols together, from 1.
using OrderId = std::uint64_t;
// TradeId counts the trades of one symbol from 1.
using TradeId = std::uint64_t;

// NewOrder is an order that somebody wants to place. Numbers are above zero where they are used.
struct NewOrder {
  InstrumentId instrument{};
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  TimeInForce time_in_force = TimeInForce::kGtc;  // where has_time_in_force()
  Decimal price;                                  // where has_price(), else zero
  Decimal stop_price;                             // where has_stop(), else zero
  Decimal quantity;                               // of the base; zero for kMarket by quote quantity
  Decimal quote_quantity;  // kMarket: how much of the quote to spend or to earn; else zero
  std::string client_id;   // empty: the venue makes one
  std::string api_key;     // what the order was placed with; empty for the venue's own
  std::optional<std::int64_t> strategy_id;    // repeated in answers, nothing else
  std::optional<std::int64_t> strategy_type;  // the same
};

// Approach is how the last price has to move to come to a stop price.
enum class Approach : std::uint8_t { kRising, kFalling };
inline constexpr auto kApproaches = std::to_array({Approach::kRising, Approach::kFalling});

// "Price above market price: STOP_LOSS BUY, TAKE_PROFIT SELL. Price below market price: STOP_LOSS
// SELL, TAKE_PROFIT BUY" (rest-api.md). Precondition: has_stop(order.type).
[[nodiscard]] constexpr Approach approach_of(const NewOrder& order) {
  const bool is_loss =
      order.type == OrderType::kStopLoss || order.type == OrderType::kStopLossLimit;
  return is_loss == (order.side == Side::kBuy) ? Approach::kRising : Approach::kFalling;
}

// Order is an order that was placed.
struct Order {
  OrderId id = 0;
  AccountNumber account{};
  NewOrder wish;  // quantity is filled in at the end of an order by quote quantity
  OrderStatus status = OrderStatus::kNew;
  Decimal executed;
  Decimal executed_quote;
  Decimal locked;  // what is still locked for it, of pays_with()
  Timestamp placed_at;
  Timestamp updated_at;
  std::optional<Timestamp> working_since;  // nullopt: it waits for its stop price, or ended before

  [[nodiscard]] bool is_open() const {
    return status == OrderStatus::kNew || status == OrderStatus::kPartiallyFilled;
  }
  [[nodiscard]] Decimal remaining() const { return wish.quantity - executed; }
};

// pays_with is the asset that an order gives away, receives the one it gets.
[[nodiscard]] constexpr Asset pays_with(const Instrument& instrument, Side side) {
  return side == Side::kBuy ? instrument.quote : instrument.base;
}
[[nodiscard]] constexpr Asset receives(const Instrument& instrument, Side side) {
  return side == Side::kBuy ? instrument.base : instrument.quote;
}

// Fill is one trade as one of its two orders sees it.
struct Fill {
  TradeId trade_id = 0;
  OrderId order_id = 0;
  InstrumentId instrument{};
  Decimal price;
  Decimal quantity;
  Decimal quote_quantity;
  Decimal commission;
  Asset commission_asset{};
  Timestamp at;
  bool is_buyer = false;
  bool is_maker = false;
};

}  // namespace counterfoil::venue
