#include "venue/candles.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <ranges>
#include <vector>

#include "base/time.h"
#include "venue/decimal.h"
#include "venue/interval.h"
#include "venue/tape.h"

namespace counterfoil::venue {
namespace {

Candle flat_at(Timestamp open_time, Decimal price) {
  return {.open_time = open_time, .open = price, .high = price, .low = price, .close = price};
}

// merge adds a later candle to an earlier one, which may be empty.
void merge(Candle& sum, const Candle& later) {
  if (sum.trades_count == 0) {
    const Timestamp open_time = sum.open_time;
    sum = later;
    sum.open_time = open_time;
    return;
  }
  sum.high = std::max(sum.high, later.high);
  sum.low = std::min(sum.low, later.low);
  sum.close = later.close;
  sum.volume = saturating_add(sum.volume, later.volume);
  sum.quote_volume = saturating_add(sum.quote_volume, later.quote_volume);
  sum.taker_volume = saturating_add(sum.taker_volume, later.taker_volume);
  sum.taker_quote_volume = saturating_add(sum.taker_quote_volume, later.taker_quote_volume);
  sum.trades_count += later.trades_count;
  sum.last_id = later.last_id;
}

Candle candle_of(const Trade& trade, Timestamp open_time) {
  Candle candle = flat_at(open_time, trade.price);
  candle.volume = trade.quantity;
  candle.quote_volume = trade.quote_quantity;
  if (!trade.buyer_is_maker) {
    candle.taker_volume = trade.quantity;
    candle.taker_quote_volume = trade.quote_quantity;
  }
  candle.trades_count = 1;
  candle.first_id = trade.id;
  candle.last_id = trade.id;
  return candle;
}

// first_wanted goes back `limit` candles from the one that opens at `last`.
Timestamp first_wanted(Interval interval, Timestamp last, std::size_t limit, Timestamp oldest) {
  Timestamp first = last;
  for (std::size_t count = 1; count < limit && first > oldest; ++count) {
    first = open_of(interval, first - Timestamp::duration(1));
  }
  return first;
}

}  // namespace

void Candles::record(const Trade& trade) {
  for (std::size_t at = 0; at < kIntervalsCount; ++at) {
    std::deque<Candle>& series = series_[at];
    const Timestamp open_time = open_of(static_cast<Interval>(at), trade.at);
    const Candle candle = candle_of(trade, open_time);
    if (!series.empty() && open_time <= series.back().open_time) {
      merge(series.back(), candle);
      continue;
    }
    series.push_back(candle);
    if (series.size() > kKept) {
      series.pop_front();
    }
  }
}

std::vector<Candle> Candles::select(Interval interval, const Range& range, Timestamp now) const {
  const std::deque<Candle>& series = series_[static_cast<std::size_t>(interval)];
  if (series.empty() || range.limit == 0) {
    return {};
  }
  const Timestamp oldest = series.front().open_time;
  const Timestamp newest = std::max(open_of(interval, now), series.back().open_time);
  const Timestamp last = open_of(interval, std::clamp(range.end.value_or(newest), oldest, newest));
  Timestamp at = range.start ? std::max(*range.start, oldest)
                             : std::max(first_wanted(interval, last, range.limit, oldest), oldest);
  if (range.end.value_or(newest) < oldest || at > last) {
    return {};
  }
  if (open_of(interval, at) < at) {
    at = next_open(interval, open_of(interval, at));
  }
  auto next = std::ranges::lower_bound(series, at, {}, &Candle::open_time);
  std::vector<Candle> found;
  for (; at <= last && found.size() < range.limit; at = next_open(interval, at)) {
    if (next != series.end() && next->open_time == at) {
      found.push_back(*next++);
    } else {
      // `at` is behind `oldest`, so a candle stands before `next`.
      found.push_back(flat_at(at, std::prev(next)->close));
    }
  }
  return found;
}

Summary Candles::since(Timestamp from) const {
  const std::deque<Candle>& minutes = series_[static_cast<std::size_t>(Interval::k1m)];
  const bool too_short = minutes.size() == kKept && minutes.front().open_time > from;
  const std::deque<Candle>& series =
      too_short ? series_[static_cast<std::size_t>(Interval::k15m)] : minutes;
  const auto first = std::ranges::lower_bound(series, from, {}, &Candle::open_time);
  Summary summary;
  summary.all.open_time = from;
  if (first != series.begin()) {
    summary.prev = std::prev(first)->close;
  }
  for (const Candle& candle : std::ranges::subrange(first, series.end())) {
    merge(summary.all, candle);
  }
  return summary;
}

}  // namespace counterfoil::venue
