#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "venue/decimal.h"
#include "venue/order.h"

namespace counterfoil::venue {

// StopOrders keeps the orders of one symbol that wait for their stop price. Nobody sees them in the
// book, and nobody can trade with them. One thread at a time.
class StopOrders {
 public:
  void add(OrderId id, Approach approach, Decimal stop_price);
  // remove takes an order out; does nothing when it is not there.
  void remove(OrderId id, Approach approach, Decimal stop_price);
  // take_reached takes out the orders whose stop price a trade at `price` has reached, in the order
  // in which they go to work: the stop price that the market met first, and at one price the oldest
  // order. When both sides are reached, which only the first trade of a symbol can do, those that
  // wait for a rise come first.
  [[nodiscard]] std::vector<OrderId> take_reached(Decimal price);
  [[nodiscard]] std::size_t count() const { return waiting_[0].size() + waiting_[1].size(); }

 private:
  // Sorted by how far away the market is: by the price where it has to rise, by the price below
  // zero where it has to fall.
  using Waiting = std::set<std::pair<std::int64_t, OrderId>>;
  [[nodiscard]] Waiting& waiting(Approach approach) {
    return waiting_[static_cast<std::size_t>(approach)];
  }

  std::array<Waiting, kApproaches.size()> waiting_;
};

}  // namespace counterfoil::venue
