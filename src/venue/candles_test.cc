#include "venue/candles.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/decimal.h"
#include "venue/interval.h"
#include "venue/order.h"
#include "venue/tape.h"
#include "venue/test_market.h"

namespace counterfoil::venue {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp at(std::chrono::sys_days day, seconds into = seconds(0)) { return day + into; }
constexpr auto kFriday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 27);

struct GridCase {
  std::string_view name;
  std::string_view interval;
  Timestamp time;
  Timestamp open;
  Timestamp next;
};
void PrintTo(const GridCase& row, std::ostream* out) { *out << row.name; }

constexpr GridCase kGrid[] = {
    {"minute", "1m", at(kFriday, seconds(3'661)), at(kFriday, seconds(3'660)),
     at(kFriday, seconds(3'720))},
    {"minute_at_its_first_instant", "1m", at(kFriday, seconds(60)), at(kFriday, seconds(60)),
     at(kFriday, seconds(120))},
    {"four_hours", "4h", at(kFriday, seconds(14'399)), at(kFriday), at(kFriday, seconds(14'400))},
    {"week_begins_on_monday", "1w", at(kFriday), at(kFriday - std::chrono::days(4)),
     at(kFriday + std::chrono::days(3))},
    {"month_has_its_own_length", "1M", at(kFriday),
     at(std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)),
     at(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1))},
    {"december", "1M", at(std::chrono::sys_days(std::chrono::year(2026) / 12 / 31)),
     at(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1)),
     at(std::chrono::sys_days(std::chrono::year(2027) / 1 / 1))},
};

class Grid : public testing::TestWithParam<GridCase> {};

TEST_P(Grid, PutsACandleWhereItBegins) {
  const auto interval = interval_named(GetParam().interval);

  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(open_of(*interval, GetParam().time), GetParam().open);
  EXPECT_EQ(next_open(*interval, GetParam().open), GetParam().next);
}

INSTANTIATE_TEST_SUITE_P(Interval, Grid, testing::ValuesIn(kGrid),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Interval, KnowsItsNamesOnly) {
  EXPECT_TRUE(interval_named("1M").has_value());
  EXPECT_NE(interval_named("1M"), interval_named("1m"));
  EXPECT_FALSE(interval_named("7m").has_value());
  EXPECT_FALSE(interval_named("").has_value());
}

class TradeMaker {
 public:
  explicit TradeMaker(Candles& candles) : candles_(candles) {}
  void trade(Timestamp when, std::string_view price, std::string_view quantity,
             Side taker = Side::kBuy) {
    candles_.record({.id = ++id_,
                     .price = d(price),
                     .quantity = d(quantity),
                     .quote_quantity = multiply_down(d(price), d(quantity)).value(),
                     .at = when,
                     .buyer_is_maker = taker == Side::kSell});
  }

 private:
  Candles& candles_;
  TradeId id_ = 0;
};

constexpr Timestamp kStart = at(kFriday);

TEST(Candles, SumUpTheTradesOfTheirInterval) {
  Candles candles;
  TradeMaker market(candles);
  market.trade(kStart + seconds(1), "100", "2");
  market.trade(kStart + seconds(2), "120", "1", Side::kSell);
  market.trade(kStart + seconds(59), "90", "1");

  const std::vector<Candle> found =
      candles.select(Interval::k1m, {.limit = 10}, kStart + seconds(59));

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].open_time, kStart);
  EXPECT_EQ(found[0].open, d("100"));
  EXPECT_EQ(found[0].high, d("120"));
  EXPECT_EQ(found[0].low, d("90"));
  EXPECT_EQ(found[0].close, d("90"));
  EXPECT_EQ(found[0].volume, d("4"));
  EXPECT_EQ(found[0].quote_volume, d("410"));
  EXPECT_EQ(found[0].taker_volume, d("3"));
  EXPECT_EQ(found[0].taker_quote_volume, d("290"));
  EXPECT_EQ(found[0].trades_count, 3U);
}

TEST(Candles, AreFlatWhereNothingWasTraded) {
  Candles candles;
  TradeMaker market(candles);
  market.trade(kStart, "100", "1");
  market.trade(kStart + minutes(3), "110", "1");

  const std::vector<Candle> found =
      candles.select(Interval::k1m, {.limit = 10}, kStart + minutes(4));

  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[1].open_time, kStart + minutes(1));
  EXPECT_EQ(found[1].open, d("100"));
  EXPECT_EQ(found[1].close, d("100"));
  EXPECT_EQ(found[1].trades_count, 0U);
  EXPECT_EQ(found[3].close, d("110"));
  EXPECT_EQ(found[4].close, d("110"));
}

TEST(Candles, AreChosenByLimitStartAndEnd) {
  Candles candles;
  TradeMaker market(candles);
  for (int minute = 0; minute < 10; ++minute) {
    market.trade(kStart + minutes(minute), "100", "1");
  }
  const Timestamp now = kStart + minutes(9);
  struct Choice {
    Candles::Range range;
    std::vector<int> minutes;  // where the candles that it gives begin
  };
  const std::vector<Choice> choices{
      {{.limit = 3}, {7, 8, 9}},
      {{.start = kStart + minutes(2), .limit = 3}, {2, 3, 4}},
      {{.start = kStart + seconds(61), .limit = 2}, {2, 3}},
      {{.end = kStart + minutes(5), .limit = 2}, {4, 5}},
      {{.start = kStart + minutes(8), .end = kStart + minutes(20), .limit = 500}, {8, 9}},
      {{.start = kStart - minutes(5), .limit = 1}, {0}},
      {{.start = kStart + minutes(10), .limit = 1}, {}},
      {{.end = kStart - minutes(1), .limit = 5}, {}},
      {{.start = kStart + minutes(5), .end = kStart + minutes(4), .limit = 5}, {}},
      {{.limit = 0}, {}},
  };

  for (std::size_t at = 0; at < choices.size(); ++at) {
    std::vector<int> found;
    for (const Candle& candle : candles.select(Interval::k1m, choices[at].range, now)) {
      found.push_back(static_cast<int>((candle.open_time - kStart) / minutes(1)));
    }
    EXPECT_EQ(found, choices[at].minutes) << "choice " << at;
  }
}

TEST(Candles, ForgetTheOldest) {
  Candles candles;
  TradeMaker market(candles);
  for (std::size_t second = 0; second <= Candles::kKept; ++second) {
    market.trade(kStart + seconds(second), "100", "1");
  }

  const auto first = candles.select(Interval::k1s, {.start = kStart, .limit = 1},
                                    kStart + seconds(Candles::kKept));

  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].open_time, kStart + seconds(1));
}

TEST(Candles, CountATradeOfAClockThatWentBackForTheNewest) {
  Candles candles;
  TradeMaker market(candles);
  market.trade(kStart + minutes(5), "100", "1");
  market.trade(kStart, "130", "1");

  const auto found = candles.select(Interval::k1m, {.limit = 10}, kStart + minutes(5));

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].high, d("130"));
  EXPECT_EQ(found[0].trades_count, 2U);
}

TEST(Candles, SumUpARollingWindowAndKnowThePriceBefore) {
  Candles candles;
  TradeMaker market(candles);
  market.trade(kStart, "80", "1");
  market.trade(kStart + minutes(10), "100", "1");
  market.trade(kStart + minutes(11), "110", "2");

  const Summary summary = candles.since(kStart + minutes(1));

  EXPECT_EQ(summary.prev, d("80"));
  EXPECT_EQ(summary.all.open, d("100"));
  EXPECT_EQ(summary.all.close, d("110"));
  EXPECT_EQ(summary.all.volume, d("3"));
  EXPECT_EQ(summary.all.first_id, 2U);
  EXPECT_EQ(summary.all.last_id, 3U);
  EXPECT_FALSE(candles.since(kStart).prev.has_value());
}

TEST(Tape, JoinsWhatOneOrderTradesAtOnePrice) {
  Tape tape;
  const auto trade = [&](std::string_view price, OrderId taker) {
    tape.record({.id = tape.next_id(), .price = d(price), .quantity = d("1"), .at = kStart}, taker);
  };

  trade("100", 1);
  trade("100", 1);
  trade("101", 1);
  trade("101", 2);

  ASSERT_EQ(tape.aggregates().size(), 3U);
  EXPECT_EQ(tape.aggregates()[0].quantity, d("2"));
  EXPECT_EQ(tape.aggregates()[0].first_id, 1U);
  EXPECT_EQ(tape.aggregates()[0].last_id, 2U);
  EXPECT_EQ(tape.aggregates()[2].first_id, 4U);
}

TEST(Tape, KeepsTheLastTrades) {
  Tape tape;
  for (std::size_t count = 0; count <= Tape::kTradesKept; ++count) {
    tape.record({.id = tape.next_id(), .price = d("100"), .quantity = d("1"), .at = kStart},
                count + 1);
  }

  EXPECT_EQ(tape.from_id(1, 1).at(0).id, 2U);
  EXPECT_EQ(tape.latest(3).front().id, Tape::kTradesKept - 1);
  EXPECT_EQ(tape.latest(Tape::kTradesKept + 5).size(), Tape::kTradesKept);
  EXPECT_TRUE(tape.from_id(Tape::kTradesKept + 2, 5).empty());
}

}  // namespace
}  // namespace counterfoil::venue
