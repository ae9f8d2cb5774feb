// The tickers: of one symbol an object, of several or all an array.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/candles.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/json_writer.h"
#include "venue/market.h"
#include "venue/order.h"
#include "venue/order_book.h"
#include "venue/parameters.h"
#include "venue/rest_call.h"
#include "venue/tape.h"

namespace counterfoil::venue {
namespace {

constexpr std::chrono::hours kDay{24};

// TickerChoice is whose tickers were asked for.
struct TickerChoice {
  std::vector<InstrumentId> instruments;
  bool as_array = true;
};

TickerChoice read_choice(ParameterReader& reader) {
  const auto one = reader.optional_symbol();
  const auto several = reader.optional_symbols();
  if (one && several) {
    reader.fail(bad_combination());
  }
  const auto status = reader.text("symbolStatus");
  if (status && *status != "TRADING") {
    // All symbols trade here: of another status there are none.
    if (one || several) {
      reader.fail({.code = -1220,
                   .text = "The symbol's status does not match the requested symbolStatus."});
    }
    return {};
  }
  if (one) {
    return {.instruments = {*one}, .as_array = false};
  }
  if (several && !several->empty()) {
    return {.instruments = *several};
  }
  TickerChoice all;
  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    all.instruments.push_back(static_cast<InstrumentId>(at));
  }
  return all;
}

template <typename Write>
ApiResult write_tickers(ParameterReader& reader, JsonWriter& out, const Write& write) {
  const TickerChoice choice = read_choice(reader);
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  if (choice.as_array) {
    out.begin_array();
  }
  for (const InstrumentId id : choice.instruments) {
    out.begin_object();
    out.text("symbol", describe(id).symbol);
    write(id);
    out.end_object();
  }
  if (choice.as_array) {
    out.end_array();
  }
  return {};
}

// last_price is zero while nothing was traded.
Decimal last_price(const Market& market) {
  const auto last = market.tape.last();
  return last ? last->price : Decimal();
}

void write_best(JsonWriter& out, const OrderBook& book) {
  const auto write = [&](std::string_view price, std::string_view quantity, Side side) {
    const auto best = book.best(side).value_or(OrderBook::PriceAndQuantity{});
    out.amount(price, best.price);
    out.amount(quantity, best.quantity);
  };
  write("bidPrice", "bidQty", Side::kBuy);
  write("askPrice", "askQty", Side::kSell);
}

// percent_text writes `change` in percent of `base` with three decimals, cut off.
std::string percent_text(Decimal change, Decimal base) {
  constexpr std::int64_t kThousandthsOfPercent = 100'000;
  const auto ratio = divide_down(change, base).value_or(Decimal());
  const std::int64_t whole = ratio.units() / (Decimal::kUnitsPerOne / kThousandthsOfPercent);
  const std::string digits = std::to_string(whole < 0 ? -whole : whole);
  const std::string padded = std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
  const std::string sign = whole < 0 ? "-" : "";
  return sign + padded.substr(0, padded.size() - 3) + "." + padded.substr(padded.size() - 3);
}

void write_window(JsonWriter& out, const Candle& all, Timestamp now) {
  out.amount("openPrice", all.open);
  out.amount("highPrice", all.high);
  out.amount("lowPrice", all.low);
  out.amount("volume", all.volume);
  out.amount("quoteVolume", all.quote_volume);
  out.time("openTime", all.open_time);
  out.time("closeTime", now);
  // The vendor writes -1 where there is no trade.
  out.number("firstId", all.trades_count == 0 ? -1 : static_cast<std::int64_t>(all.first_id));
  out.number("lastId", all.trades_count == 0 ? -1 : static_cast<std::int64_t>(all.last_id));
  out.number("count", all.trades_count);
}

void write_change(JsonWriter& out, const Candle& all) {
  const Decimal change = all.close - all.open;
  out.amount("priceChange", change);
  out.text("priceChangePercent", percent_text(change, all.open));
  out.amount("weightedAvgPrice", divide_down(all.quote_volume, all.volume).value_or(Decimal()));
}

// write_day writes what only the 24-hour ticker has.
void write_day(JsonWriter& out, const Market& market, const Summary& day) {
  out.amount("prevClosePrice", day.prev.value_or(day.all.open));
  const auto last = market.tape.last();
  out.amount("lastQty", last ? last->quantity : Decimal());
  write_best(out, market.book);
}

enum class TickerType : std::uint8_t { kFull, kMini };

TickerType read_ticker_type(ParameterReader& reader) {
  const std::string_view type = reader.text("type").value_or("FULL");
  if (type != "FULL" && type != "MINI") {
    reader.fail({.code = -1139, .text = "Invalid ticker type."});
  }
  return type == "MINI" ? TickerType::kMini : TickerType::kFull;
}

// require_symbols: these two tickers have no "all symbols".
void require_symbols(ParameterReader& reader) {
  if (!reader.has("symbol") && !reader.has("symbols")) {
    reader.fail(both_missing("symbol", "symbols"));
  }
}

// read_window_size reads "1m" to "59m", "1h" to "23h", "1d" to "7d".
std::chrono::minutes read_window_size(ParameterReader& reader) {
  struct Unit {
    char letter;
    int count_max;
    std::chrono::minutes length;
  };
  constexpr auto kUnits = std::to_array<Unit>({{'m', 59, std::chrono::minutes(1)},
                                               {'h', 23, std::chrono::hours(1)},
                                               {'d', 7, std::chrono::days(1)}});
  const std::string_view text = reader.text("windowSize").value_or("1d");
  const auto* const unit =
      std::ranges::find(kUnits, text.empty() ? '\0' : text.back(), &Unit::letter);
  int count = 0;
  const std::string_view digits = text.substr(0, text.empty() ? 0 : text.size() - 1);
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const bool number =
      fault == std::errc{} && end == digits.data() + digits.size() && digits.front() != '0';
  if (unit == kUnits.end() || !number || count < 1 || count > unit->count_max) {
    reader.fail(invalid_data("windowSize"));
    return kDay;
  }
  return unit->length * count;
}

// write_rolling_tickers writes the tickers of what was traded since `from`.
ApiResult write_rolling_tickers(RestCall& call, ParameterReader& reader, JsonWriter& out,
                                Timestamp from) {
  const TickerType type = read_ticker_type(reader);
  return write_tickers(reader, out, [&](InstrumentId id) {
    const Market& market = call.exchange.market(id);
    const Summary window = market.candles.since(from);
    if (type == TickerType::kFull) {
      write_change(out, window.all);
    }
    out.amount("lastPrice", last_price(market));
    write_window(out, window.all, call.now);
  });
}

}  // namespace

ApiResult answer_price_ticker(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  return write_tickers(reader, out, [&](InstrumentId id) {
    out.amount("price", last_price(call.exchange.market(id)));
  });
}

ApiResult answer_book_ticker(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  return write_tickers(reader, out,
                       [&](InstrumentId id) { write_best(out, call.exchange.market(id).book); });
}

ApiResult answer_day_ticker(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const TickerType type = read_ticker_type(reader);
  return write_tickers(reader, out, [&](InstrumentId id) {
    const Market& market = call.exchange.market(id);
    const Summary day = market.candles.since(call.now - kDay);
    if (type == TickerType::kFull) {
      write_change(out, day.all);
      write_day(out, market, day);
    }
    out.amount("lastPrice", last_price(market));
    write_window(out, day.all, call.now);
  });
}

ApiResult answer_trading_day_ticker(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  require_symbols(reader);
  if (reader.text("timeZone").value_or("0") != "0") {
    reader.fail(invalid_data("timeZone"));  // Days begin at midnight in UTC.
  }
  return write_rolling_tickers(call, reader, out, std::chrono::floor<std::chrono::days>(call.now));
}

ApiResult answer_window_ticker(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  require_symbols(reader);
  const auto window = read_window_size(reader);
  // "openTime always starts on a minute, while the closeTime is the current time of the request."
  // (rest-api.md)
  return write_rolling_tickers(call, reader, out,
                               std::chrono::floor<std::chrono::minutes>(call.now - window));
}

}  // namespace counterfoil::venue
