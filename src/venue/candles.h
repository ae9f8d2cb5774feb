#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "venue/decimal.h"
#include "venue/interval.h"
#include "venue/order.h"
#include "venue/tape.h"

namespace counterfoil::venue {

// Candle sums up the trades of one interval. Volumes stay at the largest Decimal if they ever reach
// it.
struct Candle {
  Timestamp open_time;
  Decimal open;
  Decimal high;
  Decimal low;
  Decimal close;
  Decimal volume;        // of the base
  Decimal quote_volume;  // of the quote
  Decimal taker_volume;  // of `volume`, what buyers took
  Decimal taker_quote_volume;
  std::uint64_t trades_count = 0;
  TradeId first_id = 0;  // 0: nothing was traded
  TradeId last_id = 0;
};

// Summary is what was traded in a rolling window, about a minute exact at its older end.
struct Summary {
  Candle all;                   // open_time: where the window begins
  std::optional<Decimal> prev;  // the last price before the window
};

// Candles keeps the candles of one symbol in every interval, kKept each; those in which nothing was
// traded take no room. One thread at a time.
class Candles {
 public:
  static constexpr std::size_t kKept = 1'500;
  static constexpr std::size_t kLimitMax = 1'000;  // of one answer

  // record takes trades in the order in which they happened. Should the clock have gone back, a
  // trade counts for the newest candle.
  void record(const Trade& trade);

  struct Range {
    std::optional<Timestamp> start;  // candles that open at or after it
    std::optional<Timestamp> end;    // candles that open at or before it
    std::size_t limit = 500;
  };
  // select gives the candles of `range`, oldest first, and in between those without trades, flat at
  // the price before: the first ones when `range` has a start, else the last ones. None from before
  // the first trade kept, none from after `now`.
  [[nodiscard]] std::vector<Candle> select(Interval interval, const Range& range,
                                           Timestamp now) const;

  // since sums up from `from` to the last trade: exact to a minute while the minutes reach back so
  // far (a day at least), else to a quarter of an hour (two weeks at least).
  [[nodiscard]] Summary since(Timestamp from) const;

 private:
  std::array<std::deque<Candle>, kIntervalsCount> series_;
};

}  // namespace counterfoil::venue
