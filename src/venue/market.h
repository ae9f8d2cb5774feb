#pragma once

#include "venue/candles.h"
#include "venue/order_book.h"
#include "venue/stop_orders.h"
#include "venue/tape.h"

namespace counterfoil::venue {

// Market is one symbol: its open orders and what was traded.
struct Market {
  OrderBook book;
  StopOrders stops;
  Tape tape;
  Candles candles;
};

}  // namespace counterfoil::venue
