#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "venue/decimal.h"
#include "venue/order.h"

namespace counterfoil::venue {

// Trade is one trade as everybody sees it.
struct Trade {
  TradeId id = 0;
  Decimal price;
  Decimal quantity;
  Decimal quote_quantity;
  Timestamp at;
  bool buyer_is_maker = false;
};

// AggregateTrade is what one incoming order traded at one price.
struct AggregateTrade {
  std::uint64_t id = 0;
  Decimal price;
  Decimal quantity;
  TradeId first_id = 0;
  TradeId last_id = 0;
  Timestamp at;
  bool buyer_is_maker = false;
};

// Tape keeps the last trades of one symbol, kTradesKept of either kind. One thread at a time.
class Tape {
 public:
  static constexpr std::size_t kTradesKept = 10'000;

  // next_id is the id that the next trade must have.
  [[nodiscard]] TradeId next_id() const { return next_id_; }
  // record takes the trade that an incoming order (`taker`) made.
  void record(const Trade& trade, OrderId taker);

  [[nodiscard]] std::optional<Trade> last() const;
  // latest gives the last `limit` trades, from_id the first `limit` with that id or a later one.
  // Oldest first.
  [[nodiscard]] std::vector<Trade> latest(std::size_t limit) const;
  [[nodiscard]] std::vector<Trade> from_id(TradeId id, std::size_t limit) const;

  [[nodiscard]] const std::deque<AggregateTrade>& aggregates() const { return aggregates_; }

 private:
  std::deque<Trade> trades_;
  std::deque<AggregateTrade> aggregates_;
  TradeId next_id_ = 1;
  std::uint64_t next_aggregate_id_ = 1;
  OrderId last_taker_ = 0;
};

}  // namespace counterfoil::venue
