// Market data, as anybody may ask for it.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/instrument.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

using Names = std::vector<std::string>;

// A little market: three trades of BTCUSDT, an order on either side.
class MarketCalls : public testing::Test {
 public:
  MarketCalls() {
    venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=64000");
    venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=64010");
    venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=3&price=63990");
    venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5", kBen);
    venue.now += std::chrono::minutes(2);
    venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.5", kBen);
  }

  TestVenue venue;
};

TEST_F(MarketCalls, PingAnswersAnEmptyObject) { EXPECT_EQ(venue.get("/api/v3/ping").body, "{}"); }

TEST_F(MarketCalls, TimeIsTheVenuesClock) {
  venue.now = from_unix_ms(1'499'827'319'559);

  EXPECT_EQ(venue.get("/api/v3/time").body, R"({"serverTime":1499827319559})");
}

TEST_F(MarketCalls, AnswersAreJsonInTheVendorsContentType) {
  EXPECT_EQ(venue.get("/api/v3/ping").content_type, "application/json;charset=UTF-8");
}

TEST_F(MarketCalls, ExchangeInfoHasTheVendorsMembers) {
  const Reply reply = venue.get("/api/v3/exchangeInfo");

  EXPECT_EQ(member_names(reply.body),
            (Names{"timezone", "serverTime", "rateLimits", "exchangeFilters", "symbols"}));
  EXPECT_EQ(reply.json["symbols"].size(), kInstrumentsCount);
  EXPECT_EQ(
      reply.json["rateLimits"].dump(),
      R"([{"interval":"MINUTE","intervalNum":1,"limit":6000,"rateLimitType":"REQUEST_WEIGHT"},)"
      R"({"interval":"SECOND","intervalNum":10,"limit":50,"rateLimitType":"ORDERS"},)"
      R"({"interval":"DAY","intervalNum":1,"limit":160000,"rateLimitType":"ORDERS"},)"
      R"({"interval":"MINUTE","intervalNum":5,"limit":300000,"rateLimitType":"RAW_REQUESTS"}])");
}

TEST_F(MarketCalls, ExchangeInfoDescribesASymbolAndItsFilters) {
  const Reply reply = venue.get("/api/v3/exchangeInfo?symbol=BTCUSDT");

  ASSERT_EQ(reply.json["symbols"].size(), 1U);
  const auto& symbol = reply.json["symbols"][0];
  EXPECT_EQ(
      member_names(reply.body.substr(reply.body.find(R"({"symbol")"),
                                     reply.body.size() - reply.body.find(R"({"symbol")") - 2)),
      (Names{"symbol",
             "status",
             "baseAsset",
             "baseAssetPrecision",
             "quoteAsset",
             "quotePrecision",
             "quoteAssetPrecision",
             "baseCommissionPrecision",
             "quoteCommissionPrecision",
             "orderTypes",
             "icebergAllowed",
             "ocoAllowed",
             "otoAllowed",
             "opoAllowed",
             "quoteOrderQtyMarketAllowed",
             "allowTrailingStop",
             "cancelReplaceAllowed",
             "amendAllowed",
             "pegInstructionsAllowed",
             "isSpotTradingAllowed",
             "isMarginTradingAllowed",
             "filters",
             "permissions",
             "permissionSets",
             "defaultSelfTradePreventionMode",
             "allowedSelfTradePreventionModes"}));
  EXPECT_EQ(symbol["symbol"], "BTCUSDT");
  EXPECT_EQ(symbol["status"], "TRADING");
  EXPECT_EQ(
      symbol["orderTypes"].dump(),
      R"(["LIMIT","LIMIT_MAKER","MARKET","STOP_LOSS","STOP_LOSS_LIMIT","TAKE_PROFIT","TAKE_PROFIT_LIMIT"])");
  EXPECT_EQ(symbol["permissionSets"].dump(), R"([["SPOT"]])");
  EXPECT_EQ(
      symbol["filters"].dump(),
      R"([{"filterType":"PRICE_FILTER","maxPrice":"1000000.00000000","minPrice":"0.01000000","tickSize":"0.01000000"},)"
      R"({"filterType":"LOT_SIZE","maxQty":"9000.00000000","minQty":"0.00001000","stepSize":"0.00001000"},)"
      R"({"filterType":"MARKET_LOT_SIZE","maxQty":"120.00000000","minQty":"0.00000000","stepSize":"0.00000000"},)"
      R"({"applyMaxToMarket":true,"applyMinToMarket":true,"avgPriceMins":5,"filterType":"NOTIONAL","maxNotional":"9000000.00000000","minNotional":"5.00000000"},)"
      R"({"filterType":"MAX_NUM_ORDERS","maxNumOrders":200},)"
      R"({"filterType":"MAX_NUM_ALGO_ORDERS","maxNumAlgoOrders":5}])");
}

struct InfoCase {
  std::string_view name;
  std::string_view query;
  std::size_t symbols;
};
std::ostream& operator<<(std::ostream& out, const InfoCase& row) { return out << row.name; }
constexpr InfoCase kInfoCases[] = {
    {"several", "symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D", 2},
    {"raw_brackets", R"(symbols=["LTCBTC"])", 1},
    {"empty_list_is_all", "symbols=[]", kInstrumentsCount},
    {"permission_spot", "permissions=SPOT", kInstrumentsCount},
    {"permission_list", R"(permissions=["MARGIN","SPOT"])", kInstrumentsCount},
    {"permission_margin", "permissions=MARGIN", 0},
    {"status_trading", "symbolStatus=TRADING", kInstrumentsCount},
    {"status_halt", "symbolStatus=HALT", 0},
};
class ExchangeInfo : public testing::TestWithParam<InfoCase> {};
TEST_P(ExchangeInfo, ShowsWhatWasAskedFor) {
  TestVenue venue;

  const Reply reply = venue.get("/api/v3/exchangeInfo?" + std::string(GetParam().query));

  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json["symbols"].size(), GetParam().symbols);
}
INSTANTIATE_TEST_SUITE_P(Queries, ExchangeInfo, testing::ValuesIn(kInfoCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(MarketCalls, PermissionSetsCanBeLeftOut) {
  const Reply reply = venue.get("/api/v3/exchangeInfo?symbol=BTCUSDT&showPermissionSets=false");

  EXPECT_EQ(reply.json["symbols"][0]["permissionSets"].dump(), "[]");
}

TEST_F(MarketCalls, DepthShowsBothSidesBestFirst) {
  const Reply reply = venue.get("/api/v3/depth?symbol=BTCUSDT");

  EXPECT_EQ(member_names(reply.body), (Names{"lastUpdateId", "bids", "asks"}));
  EXPECT_EQ(reply.json["bids"].dump(), R"([["63990.00000000","3.00000000"]])");
  EXPECT_EQ(reply.json["asks"].dump(), R"([["64010.00000000","1.00000000"]])");
  EXPECT_GT(reply.json["lastUpdateId"], 0);
}

TEST_F(MarketCalls, DepthTakesALimitAndClampsALargeOne) {
  venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=63980");

  EXPECT_EQ(venue.get("/api/v3/depth?symbol=BTCUSDT&limit=1").json["bids"].size(), 1U);
  EXPECT_EQ(venue.get("/api/v3/depth?symbol=BTCUSDT&limit=99999").json["bids"].size(), 2U);
}

TEST_F(MarketCalls, TradesShowTheLastOnesOldestFirst) {
  const Reply reply = venue.get("/api/v3/trades?symbol=BTCUSDT&limit=2");

  const std::string at = std::to_string(to_unix_ms(venue.now));
  EXPECT_EQ(
      reply.body,
      R"([{"id":2,"price":"64000.00000000","qty":"0.50000000","quoteQty":"32000.00000000","time":)" +
          at + R"(,"isBuyerMaker":false,"isBestMatch":true},)" +
          R"({"id":3,"price":"64010.00000000","qty":"1.00000000","quoteQty":"64010.00000000","time":)" +
          at + R"(,"isBuyerMaker":false,"isBestMatch":true}])");
}

TEST_F(MarketCalls, HistoricalTradesBeginAtAnId) {
  const Reply reply = venue.get("/api/v3/historicalTrades?symbol=BTCUSDT&fromId=2&limit=1");

  ASSERT_EQ(reply.json.size(), 1U);
  EXPECT_EQ(reply.json[0]["id"], 2);
  EXPECT_EQ(venue.get("/api/v3/historicalTrades?symbol=BTCUSDT").json.size(), 3U);
}

TEST_F(MarketCalls, AggregateTradesSumUpOneOrderAtOnePrice) {
  venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=63995");
  venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2&price=63995");
  venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.3", kBen);

  const Reply reply = venue.get("/api/v3/aggTrades?symbol=BTCUSDT&limit=1");

  EXPECT_EQ(reply.body, R"([{"a":4,"p":"63995.00000000","q":"0.30000000","f":4,"l":5,"T":)" +
                            std::to_string(to_unix_ms(venue.now)) + R"(,"m":false,"M":true}])");
}

TEST_F(MarketCalls, AggregateTradesAreChosenByIdAndTime) {
  const std::string first = std::to_string(to_unix_ms(kTestNow));

  EXPECT_EQ(venue.get("/api/v3/aggTrades?symbol=BTCUSDT&fromId=2").json[0]["a"], 2);
  EXPECT_EQ(venue.get("/api/v3/aggTrades?symbol=BTCUSDT&endTime=" + first).json.size(), 1U);
  EXPECT_EQ(venue
                .get("/api/v3/aggTrades?symbol=BTCUSDT&startTime=" +
                     std::to_string(to_unix_ms(kTestNow) + 1))
                .json.size(),
            2U);
}

TEST_F(MarketCalls, KlinesAreArraysOfTwelve) {
  const Reply reply = venue.get("/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1");

  const auto day = std::chrono::floor<std::chrono::days>(venue.now);
  EXPECT_EQ(
      reply.body,
      "[[" + std::to_string(to_unix_ms(day)) +
          R"(,"64000.00000000","64010.00000000","64000.00000000","64010.00000000","2.00000000",)" +
          std::to_string(to_unix_ms(day + std::chrono::days(1)) - 1) +
          R"(,"128010.00000000",3,"2.00000000","128010.00000000","0"]])");
}

TEST_F(MarketCalls, KlinesFillTheMinuteWithoutTrades) {
  for (const std::string_view path : {"/api/v3/klines", "/api/v3/uiKlines"}) {
    const Reply reply = venue.get(std::string(path) + "?symbol=BTCUSDT&interval=1m&timeZone=0");

    ASSERT_EQ(reply.json.size(), 3U);
    EXPECT_EQ(reply.json[1][1], "64000.00000000");
    EXPECT_EQ(reply.json[1][5], "0.00000000");
    EXPECT_EQ(reply.json[1][8], 0);
  }
}

TEST_F(MarketCalls, AveragePriceIsWeightedByQuantity) {
  const Reply reply = venue.get("/api/v3/avgPrice?symbol=BTCUSDT");

  EXPECT_EQ(reply.body, R"({"mins":5,"price":"64005.00000000","closeTime":)" +
                            std::to_string(to_unix_ms(venue.now)) + "}");
}

TEST_F(MarketCalls, PriceTickerIsAnObjectOfOneAndAnArrayOfMany) {
  EXPECT_EQ(venue.get("/api/v3/ticker/price?symbol=BTCUSDT").body,
            R"({"symbol":"BTCUSDT","price":"64010.00000000"})");
  EXPECT_EQ(venue.get(R"(/api/v3/ticker/price?symbols=["BTCUSDT"])").body,
            R"([{"symbol":"BTCUSDT","price":"64010.00000000"}])");
  EXPECT_EQ(venue.get("/api/v3/ticker/price").json.size(), kInstrumentsCount);
  EXPECT_EQ(venue.get("/api/v3/ticker/price?symbolStatus=HALT").body, "[]");
}

TEST_F(MarketCalls, BookTickerShowsTheBestOrders) {
  EXPECT_EQ(
      venue.get("/api/v3/ticker/bookTicker?symbol=BTCUSDT").body,
      R"({"symbol":"BTCUSDT","bidPrice":"63990.00000000","bidQty":"3.00000000","askPrice":"64010.00000000","askQty":"1.00000000"})");
  EXPECT_EQ(
      venue.get("/api/v3/ticker/bookTicker?symbol=LTCBTC").body,
      R"({"symbol":"LTCBTC","bidPrice":"0.00000000","bidQty":"0.00000000","askPrice":"0.00000000","askQty":"0.00000000"})");
}

TEST_F(MarketCalls, DayTickerHasTheVendorsMembers) {
  const Reply full = venue.get("/api/v3/ticker/24hr?symbol=BTCUSDT");

  EXPECT_EQ(member_names(full.body),
            (Names{"symbol",           "priceChange",    "priceChangePercent",
                   "weightedAvgPrice", "prevClosePrice", "lastQty",
                   "bidPrice",         "bidQty",         "askPrice",
                   "askQty",           "lastPrice",      "openPrice",
                   "highPrice",        "lowPrice",       "volume",
                   "quoteVolume",      "openTime",       "closeTime",
                   "firstId",          "lastId",         "count"}));
  EXPECT_EQ(full.json["priceChange"], "10.00000000");
  EXPECT_EQ(full.json["priceChangePercent"], "0.015");
  EXPECT_EQ(full.json["weightedAvgPrice"], "64005.00000000");
  EXPECT_EQ(full.json["count"], 3);
  EXPECT_EQ(full.json["closeTime"], to_unix_ms(venue.now));

  const Reply mini = venue.get("/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI");
  EXPECT_EQ(member_names(mini.body),
            (Names{"symbol", "lastPrice", "openPrice", "highPrice", "lowPrice", "volume",
                   "quoteVolume", "openTime", "closeTime", "firstId", "lastId", "count"}));
}

TEST_F(MarketCalls, TickerOfASymbolWithoutTradesIsAllZero) {
  const Reply reply = venue.get("/api/v3/ticker/24hr?symbol=LTCBTC");

  EXPECT_EQ(reply.json["priceChangePercent"], "0.000");
  EXPECT_EQ(reply.json["lastPrice"], "0.00000000");
  EXPECT_EQ(reply.json["firstId"], -1);
  EXPECT_EQ(reply.json["lastId"], -1);
}

TEST_F(MarketCalls, AFallingPriceHasANegativeChange) {
  venue.order("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1", kBen);

  const Reply reply = venue.get("/api/v3/ticker/24hr?symbol=BTCUSDT");

  EXPECT_EQ(reply.json["priceChange"], "-10.00000000");
  EXPECT_EQ(reply.json["priceChangePercent"], "-0.015");
}

TEST_F(MarketCalls, WindowTickerCountsItsWindowAlone) {
  const Reply minute = venue.get("/api/v3/ticker?symbol=BTCUSDT&windowSize=1m");
  const Reply hour = venue.get("/api/v3/ticker?symbol=BTCUSDT&windowSize=1h");

  EXPECT_EQ(minute.json["count"], 2);
  EXPECT_EQ(hour.json["count"], 3);
  EXPECT_EQ(member_names(hour.body),
            (Names{"symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "lastPrice",
                   "openPrice", "highPrice", "lowPrice", "volume", "quoteVolume", "openTime",
                   "closeTime", "firstId", "lastId", "count"}));
  EXPECT_EQ(hour.json["openTime"].get<std::int64_t>() % 60'000, 0);
}

TEST_F(MarketCalls, TradingDayTickerBeginsAtMidnight) {
  const Reply reply = venue.get(R"(/api/v3/ticker/tradingDay?symbols=["BTCUSDT","ETHBTC"])");

  ASSERT_EQ(reply.json.size(), 2U) << reply.body;
  EXPECT_EQ(reply.json[0]["openTime"],
            to_unix_ms(std::chrono::floor<std::chrono::days>(venue.now)));
  EXPECT_EQ(reply.json[0]["count"], 3);
}

TEST_F(MarketCalls, TimesComeInMicrosecondsWhenAskedFor) {
  venue.now = from_unix_us(1'790'000'000'123'456);
  VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/time");

  for (const std::string_view unit : {"MICROSECOND", "microsecond"}) {
    request.time_unit = unit;
    EXPECT_EQ(venue.send(request).body, R"({"serverTime":1790000000123456})");
  }
  for (const std::string_view unit : {"MILLISECOND", "millisecond"}) {
    request.time_unit = unit;
    EXPECT_EQ(venue.send(request).body, R"({"serverTime":1790000000123})");
  }
  request.time_unit = "SECOND";
  EXPECT_EQ(
      venue.send(request).body,
      R"({"code":-1194,"msg":"Invalid value for time unit; expected either MICROSECOND or MILLISECOND."})");
}

struct RefusalCase {
  std::string_view name;
  std::string_view target;
  int code;
  std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const RefusalCase& row) { return out << row.name; }
// clang-format off
constexpr RefusalCase kRefusalCases[] = {
    {"no_symbol", "/api/v3/depth", -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."},
    {"empty_symbol", "/api/v3/depth?symbol=", -1105, "Parameter 'symbol' was empty."},
    {"unknown_symbol", "/api/v3/depth?symbol=NOSUCH", -1121, "Invalid symbol."},
    {"small_letters", "/api/v3/depth?symbol=btcusdt", -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."},
    {"twenty_letters", "/api/v3/depth?symbol=ABCDEFGHIJKLMNOPQRST", -1121, "Invalid symbol."},
    {"twenty_one_letters", "/api/v3/depth?symbol=ABCDEFGHIJKLMNOPQRSTU", -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."},
    {"limit_letters", "/api/v3/depth?symbol=BTCUSDT&limit=ten", -1100, "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'."},
    {"limit_zero", "/api/v3/trades?symbol=BTCUSDT&limit=0", -1130, "Data sent for parameter 'limit' is not valid."},
    {"limit_past_its_end", "/api/v3/trades?symbol=BTCUSDT&limit=1001", -1130, "Data sent for parameter 'limit' is not valid."},
    {"limit_overflow", "/api/v3/trades?symbol=BTCUSDT&limit=9223372036854775808", -1108, "Parameter 'limit' overflowed."},
    {"unknown_parameter", "/api/v3/depth?symbol=BTCUSDT&depth=5", -1104, "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."},
    {"parameter_of_ping", "/api/v3/ping?a=1", -1101, "Too many parameters; expected '0' and received '1'."},
    {"twice", "/api/v3/depth?symbol=BTCUSDT&symbol=BTCUSDT", -1101, "Duplicate values for a parameter detected."},
    {"broken_escape", "/api/v3/depth?symbol=BTC%ZZ", -1100, "Illegal characters found in a parameter."},
    {"interval_missing", "/api/v3/klines?symbol=BTCUSDT", -1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed."},
    {"interval_unknown", "/api/v3/klines?symbol=BTCUSDT&interval=7m", -1120, "Invalid interval."},
    {"time_zone", "/api/v3/klines?symbol=BTCUSDT&interval=1m&timeZone=1", -1130, "Data sent for parameter 'timeZone' is not valid."},
    {"id_and_time", "/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", -1128, "Combination of optional parameters invalid."},
    {"symbol_and_symbols", R"(/api/v3/ticker/price?symbol=BTCUSDT&symbols=["BTCUSDT"])", -1128, "Combination of optional parameters invalid."},
    {"symbols_repeated", R"(/api/v3/ticker/price?symbols=["BTCUSDT","BTCUSDT"])", -1151, "Symbol is present multiple times in the list."},
    {"symbols_not_a_list", "/api/v3/ticker/price?symbols=BTCUSDT", -1100, R"(Illegal characters found in parameter 'symbols'; legal range is '^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$'.)"},
    {"symbols_with_a_comma_too_many", R"(/api/v3/ticker/price?symbols=["BTCUSDT",])", -1100, R"(Illegal characters found in parameter 'symbols'; legal range is '^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$'.)"},
    {"ticker_type", "/api/v3/ticker/24hr?symbol=BTCUSDT&type=HUGE", -1139, "Invalid ticker type."},
    {"info_permissions_and_symbol", "/api/v3/exchangeInfo?symbol=BTCUSDT&permissions=SPOT", -1128, "Combination of optional parameters invalid."},
    {"info_status", "/api/v3/exchangeInfo?symbolStatus=SLEEPING", -1122, "Invalid symbolStatus."},
    {"info_symbol_of_another_status", "/api/v3/exchangeInfo?symbol=BTCUSDT&symbolStatus=HALT", -1220, "The symbol's status does not match the requested symbolStatus."},
    {"ticker_of_another_status", "/api/v3/ticker/price?symbol=BTCUSDT&symbolStatus=HALT", -1220, "The symbol's status does not match the requested symbolStatus."},
    {"window_without_symbol", "/api/v3/ticker", -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"},
    {"window_zero", "/api/v3/ticker?symbol=BTCUSDT&windowSize=0m", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_of_60_minutes", "/api/v3/ticker?symbol=BTCUSDT&windowSize=60m", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_of_24_hours", "/api/v3/ticker?symbol=BTCUSDT&windowSize=24h", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_of_8_days", "/api/v3/ticker?symbol=BTCUSDT&windowSize=8d", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_padded", "/api/v3/ticker?symbol=BTCUSDT&windowSize=01d", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_unit", "/api/v3/ticker?symbol=BTCUSDT&windowSize=5w", -1130, "Data sent for parameter 'windowSize' is not valid."},
    {"window_no_number", "/api/v3/ticker?symbol=BTCUSDT&windowSize=m", -1130, "Data sent for parameter 'windowSize' is not valid."},
};
// clang-format on
class MarketRefusal : public testing::TestWithParam<RefusalCase> {};
TEST_P(MarketRefusal, IsInTheVendorsWords) {
  TestVenue venue;

  const Reply reply = venue.get(GetParam().target);

  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.code(), GetParam().code);
  EXPECT_EQ(reply.message(), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Requests, MarketRefusal, testing::ValuesIn(kRefusalCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(MarketLimits, WindowSizesAtTheirEndsAreTaken) {
  TestVenue venue;
  for (const std::string_view size : {"1m", "59m", "1h", "23h", "1d", "7d"}) {
    EXPECT_EQ(venue.get("/api/v3/ticker?symbol=BTCUSDT&windowSize=" + std::string(size)).status,
              200)
        << size;
  }
}

TEST(MarketLimits, AHundredParametersAreReadAndOneMoreIsNot) {
  TestVenue venue;
  std::string query = "/api/v3/depth?symbol=BTCUSDT";
  for (int count = 1; count < 100; ++count) {
    query += "&p" + std::to_string(count) + "=1";
  }

  EXPECT_EQ(venue.get(query).code(), -1104);
  EXPECT_EQ(venue.get(query + "&p100=1").message(), "Too many parameters sent for this endpoint.");
}

}  // namespace
}  // namespace counterfoil::venue
