#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "venue/decimal.h"
#include "venue/order.h"

namespace counterfoil::venue {

// OrderBook keeps the open orders of one symbol in price-time priority: the best price first, and
// at one price whoever came first. It knows ids, prices and quantities; whose orders they are is
// the exchange's business. One thread at a time.
class OrderBook {
 public:
  struct Resting {
    OrderId id;
    Decimal remaining;
  };
  struct Level {
    Decimal total;  // of all orders at this price
    std::list<Resting> queue;
  };
  struct PriceAndQuantity {
    Decimal price;
    Decimal quantity;
  };

  // add puts an order behind all others of its price. Precondition: the id is not in the book.
  void add(OrderId id, Side side, Decimal price, Decimal quantity);
  // fill takes `quantity` off an order that is in the book, and the order out when nothing is left.
  // Precondition: it has so much.
  void fill(OrderId id, Decimal quantity);
  // remove takes an order out; does nothing when it is not there.
  void remove(OrderId id);

  // visit shows the levels of one side, best first, until `see` returns false.
  void visit(Side side, const std::function<bool(Decimal price, const Level&)>& see) const;
  [[nodiscard]] std::optional<PriceAndQuantity> best(Side side) const;
  // depth gives up to `levels_max` levels of one side, best first.
  [[nodiscard]] std::vector<PriceAndQuantity> depth(Side side, std::size_t levels_max) const;
  [[nodiscard]] std::size_t orders_count() const { return places_.size(); }
  // update_id grows with every change.
  [[nodiscard]] std::uint64_t update_id() const { return update_id_; }

 private:
  // Levels are sorted by price for sells and by the price below zero for buys, so that the best is
  // the first on either side.
  using Levels = std::map<std::int64_t, Level>;
  struct Place {
    Side side;
    Levels::iterator level;
    std::list<Resting>::iterator resting;
  };
  [[nodiscard]] Levels& levels(Side side) { return side == Side::kBuy ? buys_ : sells_; }
  [[nodiscard]] const Levels& levels(Side side) const {
    return side == Side::kBuy ? buys_ : sells_;
  }
  void take_out(std::unordered_map<OrderId, Place>::iterator place);

  Levels buys_;
  Levels sells_;
  std::unordered_map<OrderId, Place> places_;
  std::uint64_t update_id_ = 0;
};

}  // namespace counterfoil::venue
