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

enum class OrderType : std::uint8_t { kLimit, kMarket, kLimitMaker };
inline constexpr auto kOrderTypeNames =
    std::to_array<std::string_view>({"LIMIT", "MARKET", "LIMIT_MAKER"});

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
  TimeInForce time_in_force = TimeInForce::kGtc;  // kLimit only
  Decimal price;                                  // zero for kMarket
  Decimal quantity;                               // of the base; zero for kMarket by quote quantity
  Decimal quote_quantity;  // kMarket: how much of the quote to spend or to earn; else zero
  std::string client_id;   // empty: the venue makes one
  std::string api_key;     // what the order was placed with; empty for the venue's own
  std::optional<std::int64_t> strategy_id;    // repeated in answers, nothing else
  std::optional<std::int64_t> strategy_type;  // the same
};

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
