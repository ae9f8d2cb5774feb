#include "venue/tape.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <optional>
#include <vector>

#include "venue/order.h"

namespace counterfoil::venue {
namespace {

template <typename Item>
void append_bounded(std::deque<Item>& items, const Item& item) {
  items.push_back(item);
  if (items.size() > Tape::kTradesKept) {
    items.pop_front();
  }
}

std::ptrdiff_t signed_size(std::size_t size) { return static_cast<std::ptrdiff_t>(size); }

}  // namespace

void Tape::record(const Trade& trade, OrderId taker) {
  if (trade.id != next_id_) {
    std::abort();
  }
  ++next_id_;
  append_bounded(trades_, trade);
  if (!aggregates_.empty() && last_taker_ == taker && aggregates_.back().price == trade.price) {
    aggregates_.back().quantity += trade.quantity;
    aggregates_.back().last_id = trade.id;
    return;
  }
  last_taker_ = taker;
  append_bounded(aggregates_, AggregateTrade{.id = next_aggregate_id_++,
                                             .price = trade.price,
                                             .quantity = trade.quantity,
                                             .first_id = trade.id,
                                             .last_id = trade.id,
                                             .at = trade.at,
                                             .buyer_is_maker = trade.buyer_is_maker});
}

std::optional<Trade> Tape::last() const {
  return trades_.empty() ? std::nullopt : std::optional(trades_.back());
}

std::vector<Trade> Tape::latest(std::size_t limit) const {
  const std::size_t count = std::min(limit, trades_.size());
  return {std::prev(trades_.end(), signed_size(count)), trades_.end()};
}

std::vector<Trade> Tape::from_id(TradeId id, std::size_t limit) const {
  const auto first = std::ranges::lower_bound(trades_, id, {}, &Trade::id);
  const std::size_t there = static_cast<std::size_t>(std::distance(first, trades_.end()));
  return {first, std::next(first, signed_size(std::min(limit, there)))};
}

}  // namespace counterfoil::venue
