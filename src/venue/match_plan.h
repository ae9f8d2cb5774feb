#pragma once

#include <vector>

#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/order.h"
#include "venue/order_book.h"

namespace counterfoil::venue {

// MatchPlan is what an incoming order would trade right now: which resting orders, in which order,
// at their prices.
//
//   complete  all of the order is filled: its quantity, or as much as its quote quantity is good
//             for (the rest is then less than one step costs).
struct MatchPlan {
  struct Part {
    OrderId maker;
    Decimal price;
    Decimal quantity;
  };
  std::vector<Part> parts;
  Decimal quantity;
  Decimal quote;
  bool complete = false;
};

// plan_match walks the opposite side of `book`, best price first and at one price oldest first.
// Changes nothing. `order` has passed the filters.
[[nodiscard]] MatchPlan plan_match(const OrderBook& book, const Instrument& instrument,
                                   const NewOrder& order);

}  // namespace counterfoil::venue
