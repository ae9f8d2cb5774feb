#include "venue/match_plan.h"

#include <algorithm>
#include <utility>

#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/order.h"
#include "venue/order_book.h"

namespace counterfoil::venue {
namespace {

bool accepts(const NewOrder& order, Decimal price) {
  if (!has_price(order.type)) {
    return true;
  }
  return order.side == Side::kBuy ? price <= order.price : price >= order.price;
}

class Planner {
 public:
  Planner(const Instrument& instrument, const NewOrder& order)
      : instrument_(instrument), order_(order) {}

  // see takes what it can from one level; false: no further level is wanted.
  bool see(Decimal price, const OrderBook::Level& level) {
    if (!accepts(order_, price)) {
      return false;
    }
    for (const OrderBook::Resting& resting : level.queue) {
      const Decimal wanted = wanted_at(price);
      if (wanted.is_zero()) {
        plan_.complete = true;
        return false;
      }
      take(resting, price, std::min(wanted, resting.remaining));
    }
    plan_.complete = wanted_at(price).is_zero();
    return !plan_.complete;
  }

  [[nodiscard]] MatchPlan finish() && { return std::move(plan_); }

 private:
  // wanted_at is how much more the order would buy or sell at `price`.
  [[nodiscard]] Decimal wanted_at(Decimal price) const {
    if (order_.quote_quantity.is_zero()) {
      return order_.quantity - plan_.quantity;
    }
    const auto affordable = divide_down(order_.quote_quantity - plan_.quote, price);
    return round_down(affordable.value_or(Decimal()), instrument_.step);
  }

  void take(const OrderBook::Resting& resting, Decimal price, Decimal quantity) {
    plan_.quote += cost(price, quantity);
    plan_.quantity += quantity;
    plan_.parts.push_back({.maker = resting.id, .price = price, .quantity = quantity});
  }

  const Instrument& instrument_;
  const NewOrder& order_;
  MatchPlan plan_;
};

}  // namespace

MatchPlan plan_match(const OrderBook& book, const Instrument& instrument, const NewOrder& order) {
  Planner planner(instrument, order);
  book.visit(opposite(order.side), [&](Decimal price, const OrderBook::Level& level) {
    return planner.see(price, level);
  });
  return std::move(planner).finish();
}

}  // namespace counterfoil::venue
