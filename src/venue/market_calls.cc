// Market data other than tickers: what anybody may ask.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/asset.h"
#include "venue/candles.h"
#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/interval.h"
#include "venue/json_writer.h"
#include "venue/market.h"
#include "venue/order.h"
#include "venue/order_book.h"
#include "venue/parameters.h"
#include "venue/rest_call.h"
#include "venue/tape.h"

namespace counterfoil::venue {
namespace {

constexpr std::size_t kDepthDefault = 100;
constexpr std::size_t kDepthMax = 5'000;
constexpr std::size_t kTradesDefault = 500;
constexpr std::size_t kTradesMax = 1'000;
constexpr std::size_t kCandlesDefault = 500;
constexpr int kAveragePriceMinutes = 5;

// Words of the vendor that parameters of exchangeInfo may hold.
constexpr auto kStatusNames =
    std::to_array<std::string_view>({"TRADING", "HALT", "BREAK", "CANCEL_ONLY"});

void write_limit(JsonWriter& out, std::string_view type, std::string_view interval, int count,
                 std::uint32_t limit) {
  out.begin_object();
  out.text("rateLimitType", type);
  out.text("interval", interval);
  out.number("intervalNum", count);
  out.number("limit", limit);
  out.end_object();
}

void write_filters(JsonWriter& out, const Instrument& instrument) {
  const auto begin = [&](Filter filter) {
    out.begin_object();
    out.text("filterType", name_of(filter));
  };
  out.begin_array();
  begin(Filter::kPrice);
  out.amount("minPrice", instrument.tick);
  out.amount("maxPrice", instrument.price_max);
  out.amount("tickSize", instrument.tick);
  out.end_object();
  begin(Filter::kLotSize);
  out.amount("minQty", instrument.step);
  out.amount("maxQty", instrument.quantity_max);
  out.amount("stepSize", instrument.step);
  out.end_object();
  begin(Filter::kMarketLotSize);
  out.amount("minQty", Decimal());
  out.amount("maxQty", instrument.market_quantity_max);
  out.amount("stepSize", Decimal());
  out.end_object();
  begin(Filter::kNotional);
  out.amount("minNotional", instrument.notional_min);
  out.flag("applyMinToMarket", true);
  out.amount("maxNotional", instrument.notional_max);
  out.flag("applyMaxToMarket", true);
  out.number("avgPriceMins", kAveragePriceMinutes);
  out.end_object();
  begin(Filter::kMaxNumOrders);
  out.number("maxNumOrders", kOrdersOpenMax);
  out.end_object();
  begin(Filter::kMaxNumAlgoOrders);
  out.number("maxNumAlgoOrders", kStopOrdersOpenMax);
  out.end_object();
  out.end_array();
}

struct Flag {
  std::string_view name;
  bool value;
};
constexpr auto kSymbolFlags = std::to_array<Flag>({
    {"icebergAllowed", false},
    {"ocoAllowed", false},
    {"otoAllowed", false},
    {"opoAllowed", false},
    {"quoteOrderQtyMarketAllowed", true},
    {"allowTrailingStop", false},
    {"cancelReplaceAllowed", true},
    {"amendAllowed", false},
    {"pegInstructionsAllowed", false},
    {"isSpotTradingAllowed", true},
    {"isMarginTradingAllowed", false},
});

enum class PermissionSets : std::uint8_t { kShown, kHidden };

void write_symbol(JsonWriter& out, const Instrument& instrument, PermissionSets permission_sets) {
  out.begin_object();
  out.text("symbol", instrument.symbol);
  out.text("status", "TRADING");
  out.text("baseAsset", name_of(instrument.base));
  out.number("baseAssetPrecision", Decimal::kDecimals);
  out.text("quoteAsset", name_of(instrument.quote));
  for (const std::string_view name : {"quotePrecision", "quoteAssetPrecision",
                                      "baseCommissionPrecision", "quoteCommissionPrecision"}) {
    out.number(name, Decimal::kDecimals);
  }
  out.key("orderTypes");
  out.begin_array();
  for (const OrderType type :
       {OrderType::kLimit, OrderType::kLimitMaker, OrderType::kMarket, OrderType::kStopLoss,
        OrderType::kStopLossLimit, OrderType::kTakeProfit, OrderType::kTakeProfitLimit}) {
    out.text(name_of(type));
  }
  out.end_array();
  for (const Flag& flag : kSymbolFlags) {
    out.flag(flag.name, flag.value);
  }
  out.key("filters");
  write_filters(out, instrument);
  out.key("permissions");
  out.begin_array();
  out.end_array();
  out.key("permissionSets");
  out.begin_array();
  if (permission_sets == PermissionSets::kShown) {
    out.begin_array();
    out.text("SPOT");
    out.end_array();
  }
  out.end_array();
  out.text("defaultSelfTradePreventionMode", "NONE");
  out.key("allowedSelfTradePreventionModes");
  out.begin_array();
  out.text("NONE");
  out.end_array();
  out.end_object();
}

std::vector<InstrumentId> every_instrument() {
  std::vector<InstrumentId> all;
  all.reserve(kInstrumentsCount);
  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    all.push_back(static_cast<InstrumentId>(at));
  }
  return all;
}

// chosen_instruments reads which symbols exchangeInfo shall describe. Every symbol trades, has the
// permission SPOT and no other, so the two further choices take all or nothing.
std::vector<InstrumentId> chosen_instruments(ParameterReader& reader) {
  const auto one = reader.optional_symbol();
  const auto several = reader.optional_symbols();
  const auto permissions = reader.text("permissions");
  const auto status = reader.text("symbolStatus");
  const int named = (one ? 1 : 0) + (several ? 1 : 0) + (permissions ? 1 : 0);
  if (named > 1) {
    reader.fail(bad_combination());
  }
  if (status && std::ranges::find(kStatusNames, *status) == kStatusNames.end()) {
    reader.fail({.code = -1122, .text = "Invalid symbolStatus."});
  }
  const bool trading = status.value_or("TRADING") == "TRADING";
  if (!trading && (one || several)) {
    reader.fail(
        {.code = -1220, .text = "The symbol's status does not match the requested symbolStatus."});
  }
  const bool spot = !permissions || *permissions == "SPOT" || permissions->contains("\"SPOT\"");
  if (one) {
    return {*one};
  }
  if (several && !several->empty()) {
    return *several;
  }
  return trading && spot ? every_instrument() : std::vector<InstrumentId>{};
}

void write_trade(JsonWriter& out, const Trade& trade) {
  out.begin_object();
  out.number("id", trade.id);
  out.amount("price", trade.price);
  out.amount("qty", trade.quantity);
  out.amount("quoteQty", trade.quote_quantity);
  out.time("time", trade.at);
  out.flag("isBuyerMaker", trade.buyer_is_maker);
  out.flag("isBestMatch", true);
  out.end_object();
}

void write_aggregate(JsonWriter& out, const AggregateTrade& trade) {
  out.begin_object();
  out.number("a", trade.id);
  out.amount("p", trade.price);
  out.amount("q", trade.quantity);
  out.number("f", trade.first_id);
  out.number("l", trade.last_id);
  out.time("T", trade.at);
  out.flag("m", trade.buyer_is_maker);
  out.flag("M", true);
  out.end_object();
}

void write_levels(JsonWriter& out, std::string_view name,
                  const std::vector<OrderBook::PriceAndQuantity>& levels) {
  out.key(name);
  out.begin_array();
  for (const auto& level : levels) {
    out.begin_array();
    out.amount(level.price);
    out.amount(level.quantity);
    out.end_array();
  }
  out.end_array();
}

void write_candle(JsonWriter& out, Interval interval, const Candle& candle) {
  // A candle ends one unit before the next begins, in the unit that the caller reads.
  const Timestamp::duration unit = out.unit() == TimeUnit::kMicrosecond
                                       ? Timestamp::duration(1)
                                       : Timestamp::duration(std::chrono::milliseconds(1));
  out.begin_array();
  out.time(candle.open_time);
  for (const Decimal price : {candle.open, candle.high, candle.low, candle.close, candle.volume}) {
    out.amount(price);
  }
  out.time(next_open(interval, candle.open_time) - unit);
  out.amount(candle.quote_volume);
  out.number(candle.trades_count);
  out.amount(candle.taker_volume);
  out.amount(candle.taker_quote_volume);
  out.text("0");
  out.end_array();
}

// AggregateChoice is which aggregate trades were asked for.
struct AggregateChoice {
  std::optional<std::int64_t> from_id;
  std::optional<Timestamp> start;
  std::optional<Timestamp> end;
  std::size_t limit;

  [[nodiscard]] bool wants(const AggregateTrade& trade) const {
    return (!from_id || trade.id >= static_cast<std::uint64_t>(*from_id)) &&
           (!start || trade.at >= *start) && (!end || trade.at <= *end);
  }
  [[nodiscard]] bool from_the_front() const { return from_id || start; }
};

Interval read_interval(ParameterReader& reader) {
  const auto interval = interval_named(reader.required("interval"));
  if (!interval) {
    reader.fail({.code = -1120, .text = "Invalid interval."});
  }
  return interval.value_or(Interval{});
}

}  // namespace

ApiResult answer_ping(RestCall& /*call*/, JsonWriter& out) {
  out.begin_object();
  out.end_object();
  return {};
}

ApiResult answer_time(RestCall& call, JsonWriter& out) {
  out.begin_object();
  out.time("serverTime", call.now);
  out.end_object();
  return {};
}

ApiResult answer_exchange_info(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const std::vector<InstrumentId> chosen = chosen_instruments(reader);
  const bool hide_sets = reader.has("showPermissionSets") && !reader.flag("showPermissionSets");
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  out.begin_object();
  out.text("timezone", "UTC");
  out.time("serverTime", call.now);
  out.key("rateLimits");
  out.begin_array();
  write_limit(out, "REQUEST_WEIGHT", "MINUTE", 1, call.limits.request_weight_per_minute);
  write_limit(out, "ORDERS", "SECOND", 10, call.limits.orders_per_10_seconds);
  write_limit(out, "ORDERS", "DAY", 1, call.limits.orders_per_day);
  write_limit(out, "RAW_REQUESTS", "MINUTE", 5, call.limits.raw_requests_per_5_minutes);
  out.end_array();
  out.key("exchangeFilters");
  out.begin_array();
  out.end_array();
  out.key("symbols");
  out.begin_array();
  for (const InstrumentId id : chosen) {
    write_symbol(out, describe(id), hide_sets ? PermissionSets::kHidden : PermissionSets::kShown);
  }
  out.end_array();
  out.end_object();
  return {};
}

ApiResult answer_depth(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  const std::size_t limit = reader.clamped_count("limit", kDepthDefault, kDepthMax);
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const OrderBook& book = call.exchange.market(id).book;
  out.begin_object();
  out.number("lastUpdateId", book.update_id());
  write_levels(out, "bids", book.depth(Side::kBuy, limit));
  write_levels(out, "asks", book.depth(Side::kSell, limit));
  out.end_object();
  return {};
}

ApiResult answer_trades(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  const std::size_t limit = reader.count("limit", kTradesDefault, kTradesMax);
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  out.begin_array();
  for (const Trade& trade : call.exchange.market(id).tape.latest(limit)) {
    write_trade(out, trade);
  }
  out.end_array();
  return {};
}

ApiResult answer_historical_trades(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  const std::size_t limit = reader.count("limit", kTradesDefault, kTradesMax);
  const auto from_id = reader.integer("fromId");
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const Tape& tape = call.exchange.market(id).tape;
  const std::vector<Trade> trades =
      from_id ? tape.from_id(static_cast<TradeId>(*from_id), limit) : tape.latest(limit);
  out.begin_array();
  for (const Trade& trade : trades) {
    write_trade(out, trade);
  }
  out.end_array();
  return {};
}

ApiResult answer_aggregate_trades(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  const AggregateChoice choice{.from_id = reader.integer("fromId"),
                               .start = reader.time("startTime"),
                               .end = reader.time("endTime"),
                               .limit = reader.count("limit", kTradesDefault, kTradesMax)};
  if (choice.from_id && (choice.start || choice.end)) {
    reader.fail(bad_combination());
  }
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  std::vector<AggregateTrade> found;
  std::ranges::copy_if(call.exchange.market(id).tape.aggregates(), std::back_inserter(found),
                       [&](const AggregateTrade& trade) { return choice.wants(trade); });
  const std::size_t count = std::min(found.size(), choice.limit);
  const std::size_t first = choice.from_the_front() ? 0 : found.size() - count;
  out.begin_array();
  for (std::size_t at = first; at < first + count; ++at) {
    write_aggregate(out, found[at]);
  }
  out.end_array();
  return {};
}

ApiResult answer_klines(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  const Interval interval = read_interval(reader);
  const Candles::Range range{
      .start = reader.time("startTime"),
      .end = reader.time("endTime"),
      .limit = reader.clamped_count("limit", kCandlesDefault, Candles::kLimitMax)};
  if (reader.text("timeZone").value_or("0") != "0") {
    reader.fail(invalid_data("timeZone"));  // The candles are kept on the grid of UTC.
  }
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  out.begin_array();
  for (const Candle& candle : call.exchange.market(id).candles.select(interval, range, call.now)) {
    write_candle(out, interval, candle);
  }
  out.end_array();
  return {};
}

ApiResult answer_average_price(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId id = reader.symbol();
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const auto last = call.exchange.market(id).tape.last();
  out.begin_object();
  out.number("mins", kAveragePriceMinutes);
  out.amount("price", call.exchange.average_price(id, call.now).value_or(Decimal()));
  out.time("closeTime", last ? last->at : Timestamp{});
  out.end_object();
  return {};
}

}  // namespace counterfoil::venue
