#pragma once

#include "venue/candles.h"
#include "venue/order_book.h"
#include "venue/tape.h"

namespace counterfoil::venue {

// Market is all there is to see of one symbol: its open orders and what was traded.
struct Market {
  OrderBook book;
  Tape tape;
  Candles candles;
};

}  // namespace counterfoil::venue
