#include "venue/order_book.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <vector>

#include "venue/decimal.h"
#include "venue/order.h"

namespace counterfoil::venue {
namespace {

std::int64_t sort_key(Side side, Decimal price) {
  return side == Side::kBuy ? -price.units() : price.units();
}
Decimal price_of(Side side, std::int64_t key) {
  return Decimal::from_units(side == Side::kBuy ? -key : key);
}

}  // namespace

void OrderBook::add(OrderId id, Side side, Decimal price, Decimal quantity) {
  if (places_.contains(id)) {
    std::abort();
  }
  const auto level = levels(side).try_emplace(sort_key(side, price)).first;
  level->second.total += quantity;
  level->second.queue.push_back({.id = id, .remaining = quantity});
  places_.emplace(
      id, Place{.side = side, .level = level, .resting = std::prev(level->second.queue.end())});
  ++update_id_;
}

void OrderBook::fill(OrderId id, Decimal quantity) {
  const auto found = places_.find(id);
  if (found == places_.end() || quantity > found->second.resting->remaining) {
    std::abort();
  }
  found->second.resting->remaining -= quantity;
  found->second.level->second.total -= quantity;
  if (found->second.resting->remaining.is_zero()) {
    take_out(found);
  }
  ++update_id_;
}

void OrderBook::remove(OrderId id) {
  const auto found = places_.find(id);
  if (found == places_.end()) {
    return;
  }
  found->second.level->second.total -= found->second.resting->remaining;
  take_out(found);
  ++update_id_;
}

void OrderBook::visit(Side side,
                      const std::function<bool(Decimal price, const Level&)>& see) const {
  for (const auto& [key, level] : levels(side)) {
    if (!see(price_of(side, key), level)) {
      return;
    }
  }
}

std::optional<OrderBook::PriceAndQuantity> OrderBook::best(Side side) const {
  const Levels& all = levels(side);
  if (all.empty()) {
    return std::nullopt;
  }
  const auto& [key, level] = *all.begin();
  return PriceAndQuantity{.price = price_of(side, key), .quantity = level.total};
}

std::vector<OrderBook::PriceAndQuantity> OrderBook::depth(Side side, std::size_t levels_max) const {
  std::vector<PriceAndQuantity> found;
  visit(side, [&](Decimal price, const Level& level) {
    if (found.size() == levels_max) {
      return false;
    }
    found.push_back({.price = price, .quantity = level.total});
    return true;
  });
  return found;
}

void OrderBook::take_out(std::unordered_map<OrderId, Place>::iterator place) {
  const Place where = place->second;
  places_.erase(place);
  where.level->second.queue.erase(where.resting);
  if (where.level->second.queue.empty()) {
    levels(where.side).erase(where.level);
  }
}

}  // namespace counterfoil::venue
