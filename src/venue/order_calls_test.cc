// Orders over the REST face: placing, cancelling, replacing, looking at them.
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kLimitBuy =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000";
constexpr std::string_view kLimitSell =
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=64000";
constexpr std::string_view kMarketBuy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5";

std::string with(std::string_view order, std::string_view more) {
  return std::string(order).append("&").append(more);
}
std::string id_of(const nlohmann::json& order) { return order["orderId"].dump(); }

TEST(NewOrder, AckSaysOnlyThatItCameIn) {
  TestVenue venue;

  const Reply reply =
      venue.post("/api/v3/order?" + with(kLimitBuy, "newOrderRespType=ACK&newClientOrderId=mine"));

  EXPECT_EQ(reply.body,
            R"({"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine",)"
            R"("transactTime":1790000000000})");
}

TEST(NewOrder, ResultTellsHowItStands) {
  TestVenue venue;

  const Reply reply = venue.post("/api/v3/order?" +
                                 with(kLimitBuy, "newOrderRespType=RESULT&newClientOrderId=mine"));

  EXPECT_EQ(
      reply.body,
      R"({"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine","transactTime":1790000000000,)"
      R"("price":"64000.00000000","origQty":"1.00000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000",)"
      R"("cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY",)"
      R"("workingTime":1790000000000,"selfTradePreventionMode":"NONE"})");
}

TEST(NewOrder, FullTellsTheFillsAndTheirCommission) {
  TestVenue venue;
  venue.order(kLimitSell, kBen);

  const auto order = venue.order(with(kLimitBuy, "newOrderRespType=FULL"));

  EXPECT_EQ(order["status"], "FILLED");
  EXPECT_EQ(order["executedQty"], "1.00000000");
  EXPECT_EQ(order["cummulativeQuoteQty"], "64000.00000000");
  EXPECT_EQ(order["fills"].dump(),
            R"([{"commission":"0.00100000","commissionAsset":"BTC","price":"64000.00000000",)"
            R"("qty":"1.00000000","tradeId":1}])");
}

TEST(NewOrder, TheAnswerIsFullForLimitAndMarketAndAckForLimitMaker) {
  TestVenue venue;
  const auto maker =
      venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT_MAKER&quantity=1&price=64000", kBen);

  EXPECT_FALSE(maker.contains("status"));
  EXPECT_TRUE(venue.order(kMarketBuy).contains("fills"));
  EXPECT_TRUE(venue.order(kLimitBuy).contains("fills"));
}

TEST(NewOrder, ParametersMayComeInTheBodyOrInBoth) {
  TestVenue venue;

  const Reply in_body = venue.call(http::Method::kPost, "/api/v3/order", kAnn, kLimitBuy);
  const Reply mixed =
      venue.call(http::Method::kPost, "/api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT", kAnn,
                 "timeInForce=GTC&quantity=1&price=63000&side=SELL");

  EXPECT_EQ(in_body.json["status"], "NEW") << in_body.body;
  EXPECT_EQ(mixed.json["side"], "BUY") << "the query's value is used";
}

TEST(NewOrder, TimestampWindowAndSignatureAreTakenAndNotRead) {
  TestVenue venue;

  const Reply reply = venue.post(
      "/api/v3/order?" + with(kLimitBuy, "recvWindow=5000&timestamp=1499827319559&signature=00"));

  EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST(NewOrder, MarketByQuoteSpendsNoMoreThanItMay) {
  TestVenue venue;
  venue.order(kLimitSell, kBen);

  const auto order = venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=1000");

  EXPECT_EQ(order["status"], "FILLED");
  EXPECT_EQ(order["origQuoteOrderQty"], "1000.00000000");
  EXPECT_EQ(order["executedQty"], "0.01562000");
  EXPECT_EQ(order["cummulativeQuoteQty"], "999.68000000");
}

TEST(NewOrder, WhatFindsNoLiquidityExpires) {
  TestVenue venue;
  venue.order(with(kLimitSell, "newClientOrderId=small"), kBen);

  const auto ioc =
      venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=2&price=64000");
  const auto fok =
      venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=2&price=64000");
  const auto market = venue.order(kMarketBuy);

  EXPECT_EQ(ioc["status"], "EXPIRED");
  EXPECT_EQ(ioc["executedQty"], "1.00000000");
  EXPECT_EQ(fok["status"], "EXPIRED");
  EXPECT_EQ(fok["executedQty"], "0.00000000");
  EXPECT_EQ(market["status"], "EXPIRED");
}

TEST(NewOrder, AStrategyIsRepeatedInAnswers) {
  TestVenue venue;

  const auto order = venue.order(with(kLimitBuy, "strategyId=7&strategyType=1000000"));

  EXPECT_EQ(order["strategyId"], 7);
  EXPECT_EQ(order["strategyType"], 1'000'000);
}

TEST(NewOrder, AClientOrderIdOf36CharactersIsTaken) {
  TestVenue venue;
  const std::string name(36, 'x');

  EXPECT_EQ(venue.order(with(kLimitBuy, "newClientOrderId=" + name))["clientOrderId"], name);
}

TEST(NewOrder, SpendsWhatItLocksAndNothingElse) {
  TestVenue venue;
  venue.order(kLimitBuy);

  const Reply account = venue.get_as("/api/v3/account");

  EXPECT_EQ(account.json["balances"][5].dump(),
            R"({"asset":"USDT","free":"936000.00000000","locked":"64000.00000000"})");
}

struct RefusalCase {
  std::string_view name;
  std::string_view parameters;
  int code;
  std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const RefusalCase& row) { return out << row.name; }
// clang-format off
constexpr RefusalCase kRefusalCases[] = {
    {"nothing", "", -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."},
    {"no_side", "symbol=BTCUSDT&type=MARKET&quantity=1", -1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed."},
    {"side", "symbol=BTCUSDT&side=LONG&type=MARKET&quantity=1", -1117, "Invalid side."},
    {"no_type", "symbol=BTCUSDT&side=BUY&quantity=1", -1102, "Mandatory parameter 'type' was not sent, was empty/null, or malformed."},
    {"type", "symbol=BTCUSDT&side=BUY&type=BEST&quantity=1", -1116, "Invalid orderType."},
    {"stop_loss_without_stop", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1", -1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"},
    {"stop_loss_without_quantity", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&stopPrice=1", -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."},
    {"stop_loss_by_quote", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quoteOrderQty=100&stopPrice=1", -1106, "Parameter 'quoteOrderQty' sent when not required."},
    {"stop_loss_with_price", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=1&price=1", -1106, "Parameter 'price' sent when not required."},
    {"take_profit_with_time_in_force", "symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT&quantity=1&stopPrice=1&timeInForce=GTC", -1106, "Parameter 'timeInForce' sent when not required."},
    {"take_profit_limit_without_time_in_force", "symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_LIMIT&quantity=1&price=1&stopPrice=1", -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."},
    {"stop_loss_limit_without_price", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&stopPrice=1", -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."},
    {"stop_price_zero", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=0", -1013, "Invalid stopPrice."},
    {"stop_price_nine_decimals", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=1.000000001", -1111, "Parameter 'stopPrice' has too much precision."},
    {"stop_price_off_the_grid", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=60000.001", -1013, "Filter failure: PRICE_FILTER"},
    {"stop_market_lot_size", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=120.00001&stopPrice=60000", -1013, "Filter failure: MARKET_LOT_SIZE"},
    {"trailing", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=100", -2010, "Trailing stop orders are not supported for this symbol."},
    {"trailing_of_a_limit", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=1&trailingDelta=100", -1106, "Parameter 'trailingDelta' sent when not required."},
    {"stop_iceberg", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=1&stopPrice=1&icebergQty=0.1", -2010, "Iceberg orders are not supported for this symbol."},
    {"no_time_in_force", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=64000", -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."},
    {"time_in_force", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=1&price=64000", -1115, "Invalid timeInForce."},
    {"no_quantity", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=64000", -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."},
    {"no_price", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1", -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."},
    {"quantity_zero", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000", -1013, "Invalid quantity."},
    {"price_zero", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0", -1013, "Invalid price."},
    {"quantity_below_zero", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=-1", -1100, R"(Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.)"},
    {"quantity_exponent", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e3", -1100, R"(Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.)"},
    {"quantity_nine_decimals", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.000000001", -1111, "Parameter 'quantity' has too much precision."},
    {"quantity_overflow", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=92233720369", -1108, "Parameter 'quantity' overflowed."},
    {"market_without_quantity", "symbol=BTCUSDT&side=BUY&type=MARKET", -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"},
    {"market_with_both", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quoteOrderQty=10", -1128, "Combination of optional parameters invalid."},
    {"market_with_time_in_force", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC", -1106, "Parameter 'timeInForce' sent when not required."},
    {"market_with_price", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=1", -1106, "Parameter 'price' sent when not required."},
    {"limit_with_quote_quantity", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000&quoteOrderQty=1", -1106, "Parameter 'quoteOrderQty' sent when not required."},
    {"maker_with_time_in_force", "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=1&price=64000&timeInForce=GTC", -1106, "Parameter 'timeInForce' sent when not required."},
    {"stop_price", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000&stopPrice=1", -1106, "Parameter 'stopPrice' sent when not required."},
    {"iceberg", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000&icebergQty=0.1", -2010, "Iceberg orders are not supported for this symbol."},
    {"pegged", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000&pegPriceType=PRIMARY_PEG", -2010, "Pegged orders are not supported for this symbol."},
    {"client_id_letters", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a+b", -1100, "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."},
    {"client_id_of_37", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=1234567890123456789012345678901234567", -1100, "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."},
    {"client_id_empty", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=", -1105, "Parameter 'newClientOrderId' was empty."},
    {"strategy_type", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&strategyType=999999", -1134, "strategyType was less than 1000000."},
    {"response_type", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=ALL", -1130, "Data sent for parameter 'newOrderRespType' is not valid."},
    {"prevention_mode", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&selfTradePreventionMode=EXPIRE_MAKER", -2010, "This symbol does not allow the specified self-trade prevention mode."},
    {"prevention_word", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&selfTradePreventionMode=MAYBE", -1130, "Data sent for parameter 'selfTradePreventionMode' is not valid."},
    {"misspelt", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderID=x", -1104, "Not all sent parameters were read; read '4' parameter(s) but was sent '5'."},
    {"price_filter_tick", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000.001", -1013, "Filter failure: PRICE_FILTER"},
    {"price_filter_max", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=1000000.01", -1013, "Filter failure: PRICE_FILTER"},
    {"lot_size_step", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.000001&price=64000", -1013, "Filter failure: LOT_SIZE"},
    {"lot_size_max", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=9000.00001&price=64000", -1013, "Filter failure: LOT_SIZE"},
    {"market_lot_size", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=120.00001", -1013, "Filter failure: MARKET_LOT_SIZE"},
    {"notional_min", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.00007&price=64000", -1013, "Filter failure: NOTIONAL"},
    {"notional_max", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=9.00001&price=1000000", -1013, "Filter failure: NOTIONAL"},
};
// clang-format on
class OrderRefusal : public testing::TestWithParam<RefusalCase> {};
TEST_P(OrderRefusal, IsInTheVendorsWordsAndChangesNothing) {
  TestVenue venue;
  const std::string parameters(GetParam().parameters);

  for (const char* path : {"/api/v3/order?", "/api/v3/order/test?"}) {
    const Reply reply = venue.post(path + parameters);

    EXPECT_EQ(reply.status, 400) << path;
    EXPECT_EQ(reply.code(), GetParam().code) << path;
    EXPECT_EQ(reply.message(), GetParam().text) << path;
  }
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
  EXPECT_EQ(venue.get_as("/api/v3/rateLimit/order").json[0]["count"], 0);
}
INSTANTIATE_TEST_SUITE_P(Requests, OrderRefusal, testing::ValuesIn(kRefusalCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(OrderRefusals, TheLastValuesThatPassDoPass) {
  TestVenue venue;
  for (const std::string_view parameters : {
           "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=9&price=1000000",
           "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=9000&price=0.01",
           "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.00008&price=62500",
       }) {
    EXPECT_EQ(venue.post("/api/v3/order?" + std::string(parameters)).status, 200) << parameters;
  }
}

TEST(OrderRefusals, WhatTheAccountCannotPayForIsRefused) {
  TestVenue venue;

  const Reply reply = venue.post(
      "/api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=16&price=64000");

  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body,
            R"({"code":-2010,"msg":"Account has insufficient balance for requested action."})");
}

TEST(OrderRefusals, ALimitMakerThatWouldTradeIsRefused) {
  TestVenue venue;
  venue.order(kLimitSell, kBen);

  const Reply reply =
      venue.post("/api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=1&price=64000");

  EXPECT_EQ(reply.body, R"({"code":-2010,"msg":"Order would immediately match and take."})");
}

TEST(OrderRefusals, AnOpenOrdersNameCannotBeUsedAgain) {
  TestVenue venue;
  venue.order(with(kLimitBuy, "newClientOrderId=one"));

  EXPECT_EQ(venue.post("/api/v3/order?" + with(kLimitBuy, "newClientOrderId=one")).body,
            R"({"code":-2010,"msg":"Duplicate order sent."})");
  EXPECT_EQ(venue.post("/api/v3/order?" + with(kLimitBuy, "newClientOrderId=one"), kBen).status,
            200);
}

TEST(OrderRefusals, TheTwoHundredthOpenOrderIsTheLast) {
  TestVenue venue;
  constexpr std::string_view kSmall =
      "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=10000";
  for (int count = 0; count < 200; ++count) {
    venue.order(kSmall);
  }

  EXPECT_EQ(venue.post("/api/v3/order?" + std::string(kSmall)).body,
            R"({"code":-1013,"msg":"Filter failure: MAX_NUM_ORDERS"})");
}

TEST(TestOrder, AnswersAnEmptyObjectAndPlacesNothing) {
  TestVenue venue;

  EXPECT_EQ(venue.post("/api/v3/order/test?" + std::string(kLimitBuy)).body, "{}");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

TEST(TestOrder, TellsTheCommissionRatesWhenAsked) {
  TestVenue venue;

  const Reply reply =
      venue.post("/api/v3/order/test?" + with(kLimitBuy, "computeCommissionRates=true"));

  EXPECT_EQ(
      reply.body,
      R"({"standardCommissionForOrder":{"maker":"0.00100000","taker":"0.00100000"},)"
      R"("specialCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},)"
      R"("taxCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},)"
      R"("discount":{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB","discount":"0.00000000"}})");
}

TEST(CancelOrder, AnswersAsTheVendorDoesAndFreesTheMoney) {
  TestVenue venue;
  const auto order = venue.order(with(kLimitBuy, "newClientOrderId=mine"));
  venue.now += std::chrono::seconds(1);

  const Reply reply =
      venue.remove("/api/v3/order?symbol=BTCUSDT&newClientOrderId=bye&orderId=" + id_of(order));

  EXPECT_EQ(
      reply.body,
      R"({"symbol":"BTCUSDT","origClientOrderId":"mine","orderId":1,"orderListId":-1,"clientOrderId":"bye",)"
      R"("transactTime":1790000001000,"price":"64000.00000000","origQty":"1.00000000","executedQty":"0.00000000",)"
      R"("origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"CANCELED","timeInForce":"GTC",)"
      R"("type":"LIMIT","side":"BUY","selfTradePreventionMode":"NONE"})");
  EXPECT_EQ(venue.get_as("/api/v3/account?omitZeroBalances=true").json["balances"][1].dump(),
            R"({"asset":"USDT","free":"1000000.00000000","locked":"0.00000000"})");
}

TEST(CancelOrder, WorksByTheCallersName) {
  TestVenue venue;
  venue.order(with(kLimitBuy, "newClientOrderId=mine"));

  EXPECT_EQ(venue.remove("/api/v3/order?symbol=BTCUSDT&origClientOrderId=mine").json["status"],
            "CANCELED");
}

TEST(CancelOrder, OfSomebodyElseIsUnknown) {
  TestVenue venue;
  const auto order = venue.order(kLimitBuy);

  const Reply reply = venue.remove("/api/v3/order?symbol=BTCUSDT&orderId=" + id_of(order), kBen);

  EXPECT_EQ(reply.body, R"({"code":-2011,"msg":"Unknown order sent."})");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 1U);
}

TEST(CancelOrder, RefusesWhatDoesNotFit) {
  TestVenue venue;
  const std::string id = id_of(venue.order(with(kLimitBuy, "newClientOrderId=mine")));

  EXPECT_EQ(venue.remove("/api/v3/order?symbol=ETHUSDT&orderId=" + id).code(), -2011);
  EXPECT_EQ(venue.remove("/api/v3/order?symbol=BTCUSDT").message(),
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  EXPECT_EQ(venue.remove("/api/v3/order?symbol=BTCUSDT&origClientOrderId=other&orderId=" + id).body,
            R"({"code":-2039,"msg":"Client order ID is not correct for this order ID."})");
  EXPECT_EQ(
      venue.remove("/api/v3/order?symbol=BTCUSDT&cancelRestrictions=NEVER&orderId=" + id).body,
      R"({"code":-1145,"msg":"Invalid cancelRestrictions"})");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 1U);
}

TEST(CancelOrder, KeepsToItsRestrictions) {
  TestVenue venue;
  const std::string id = id_of(venue.order(kLimitBuy));
  const std::string target = "/api/v3/order?symbol=BTCUSDT&orderId=" + id + "&cancelRestrictions=";

  EXPECT_EQ(venue.remove(target + "ONLY_PARTIALLY_FILLED").message(),
            "Order was not canceled due to cancel restrictions.");
  venue.order("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.5", kBen);
  EXPECT_EQ(venue.remove(target + "ONLY_NEW").message(),
            "Order was not canceled due to cancel restrictions.");
  EXPECT_EQ(venue.remove(target + "ONLY_PARTIALLY_FILLED").json["status"], "CANCELED");
  EXPECT_EQ(venue.remove(target + "ONLY_NEW").message(), "Unknown order sent.");
}

TEST(CancelOpenOrders, EndsThoseOfOneSymbol) {
  TestVenue venue;
  venue.order(kLimitBuy);
  venue.order(kLimitBuy);
  venue.order("symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=3000");

  const Reply reply = venue.remove("/api/v3/openOrders?symbol=BTCUSDT");

  EXPECT_EQ(reply.json.size(), 2U);
  EXPECT_EQ(reply.json[0]["status"], "CANCELED");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 1U);
  EXPECT_EQ(venue.remove("/api/v3/openOrders?symbol=BTCUSDT").code(), -2011);
  EXPECT_EQ(venue.remove("/api/v3/openOrders").code(), -1102);
}

class CancelReplace : public testing::Test {
 public:
  [[nodiscard]] Reply replace(std::string_view mode, std::string_view id,
                              std::string_view order = kLimitBuy) {
    return venue.post("/api/v3/order/cancelReplace?" + std::string(order) + "&cancelReplaceMode=" +
                      std::string(mode) + "&cancelOrderId=" + std::string(id));
  }
  TestVenue venue;
};

TEST_F(CancelReplace, DoesBoth) {
  const std::string id = id_of(venue.order(kLimitBuy));

  const Reply reply = replace("STOP_ON_FAILURE", id);

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(member_names(reply.body),
            (Names{"cancelResult", "newOrderResult", "cancelResponse", "newOrderResponse"}));
  EXPECT_EQ(reply.json["cancelResponse"]["status"], "CANCELED");
  EXPECT_EQ(reply.json["newOrderResponse"]["status"], "NEW");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 1U);
}

TEST_F(CancelReplace, StopsWhenTheCancelFails) {
  const Reply reply = replace("STOP_ON_FAILURE", "77");

  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(
      reply.body,
      R"({"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE",)"
      R"("newOrderResult":"NOT_ATTEMPTED","cancelResponse":{"code":-2011,"msg":"Unknown order sent."},)"
      R"("newOrderResponse":null}})");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

TEST_F(CancelReplace, GoesOnWhenItMay) {
  const Reply reply = replace("ALLOW_FAILURE", "77");

  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), -2021);
  EXPECT_EQ(reply.json["data"]["cancelResult"], "FAILURE");
  EXPECT_EQ(reply.json["data"]["newOrderResult"], "SUCCESS");
}

TEST_F(CancelReplace, TellsWhenOnlyTheCancelWorked) {
  const std::string id = id_of(venue.order(kLimitBuy));

  const Reply reply =
      replace("STOP_ON_FAILURE", id,
              "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=16&price=64000");

  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(), "Order cancel-replace partially failed.");
  EXPECT_EQ(reply.json["data"]["cancelResult"], "SUCCESS");
  EXPECT_EQ(reply.json["data"]["newOrderResponse"]["code"], -2010);
}

TEST_F(CancelReplace, KeepsToTheRestrictionsOfTheCancel) {
  const std::string id = id_of(venue.order(kLimitBuy));
  const std::string restricted = id + "&cancelRestrictions=ONLY_PARTIALLY_FILLED";

  const Reply stopped = replace("STOP_ON_FAILURE", restricted);
  EXPECT_EQ(stopped.status, 400);
  EXPECT_EQ(
      stopped.body,
      R"({"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE",)"
      R"("newOrderResult":"NOT_ATTEMPTED","cancelResponse":{"code":-2011,"msg":"Order was not canceled due to cancel restrictions."},)"
      R"("newOrderResponse":null}})");
  const Reply went_on = replace("ALLOW_FAILURE", restricted);
  EXPECT_EQ(went_on.status, 409);
  EXPECT_EQ(went_on.code(), -2021);
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 2U);

  EXPECT_EQ(replace("STOP_ON_FAILURE", id + "&cancelRestrictions=ONLY_NEW").status, 200);
  EXPECT_EQ(replace("STOP_ON_FAILURE", id + "&cancelRestrictions=NEVER").code(), -1145);
}

TEST_F(CancelReplace, ChecksFiltersBeforeItCancels) {
  const std::string id = id_of(venue.order(kLimitBuy));

  const Reply reply =
      replace("ALLOW_FAILURE", id,
              "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.001");

  EXPECT_EQ(reply.message(), "Filter failure: PRICE_FILTER");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 1U);
}

TEST_F(CancelReplace, WantsToKnowTheModeAndTheOrder) {
  EXPECT_EQ(replace("SOMETIMES", "1").message(),
            "Data sent for parameter 'cancelReplaceMode' is not valid.");
  EXPECT_EQ(venue
                .post("/api/v3/order/cancelReplace?cancelReplaceMode=ALLOW_FAILURE&" +
                      std::string(kLimitBuy))
                .message(),
            "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were "
            "empty/null!");
}

TEST(QueryOrder, ShowsItsWholeState) {
  TestVenue venue;
  venue.order(with(kLimitBuy, "newClientOrderId=mine"));

  const Reply reply = venue.get_as("/api/v3/order?symbol=BTCUSDT&origClientOrderId=mine");

  EXPECT_EQ(
      reply.body,
      R"({"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine","price":"64000.00000000",)"
      R"("origQty":"1.00000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000",)"
      R"("status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY","stopPrice":"0.00000000","icebergQty":"0.00000000",)"
      R"("time":1790000000000,"updateTime":1790000000000,"isWorking":true,"workingTime":1790000000000,)"
      R"("selfTradePreventionMode":"NONE"})");
}

TEST(QueryOrder, OfSomebodyElseDoesNotExist) {
  TestVenue venue;
  const auto order = venue.order(kLimitBuy);

  const Reply reply = venue.get_as("/api/v3/order?symbol=BTCUSDT&orderId=" + id_of(order), kBen);

  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"({"code":-2013,"msg":"Order does not exist."})");
}

// Three orders, a second apart, of which the second was cancelled.
struct AllOrders : testing::Test {
  AllOrders() {
    for (int count = 0; count < 3; ++count) {
      venue.order(kLimitBuy);
      venue.now += std::chrono::seconds(1);
    }
    (void)venue.remove("/api/v3/order?symbol=BTCUSDT&orderId=2");
  }
  TestVenue venue;
  const std::string all = "/api/v3/allOrders?symbol=BTCUSDT";
};

TEST_F(AllOrders, AreChosenByIdTimeAndLimit) {
  const std::string second = std::to_string(to_unix_ms(kTestNow) + 1'000);

  EXPECT_EQ(venue.get_as(all).json.size(), 3U);
  EXPECT_EQ(venue.get_as(all).json[1]["status"], "CANCELED");
  EXPECT_EQ(venue.get_as(all + "&orderId=2").json.size(), 2U);
  EXPECT_EQ(venue.get_as(all + "&limit=1").json[0]["orderId"], 3) << "the last one";
  EXPECT_EQ(venue.get_as(all + "&limit=1&orderId=1").json[0]["orderId"], 1) << "the first one";
  EXPECT_EQ(venue.get_as(all + "&startTime=" + second).json.size(), 2U);
  EXPECT_EQ(venue.get_as(all + "&endTime=" + second).json.size(), 2U);
}

TEST_F(AllOrders, RefuseWhatDoesNotFit) {
  EXPECT_EQ(venue.get_as(all + "&orderId=1&endTime=1").code(), -1128);
  EXPECT_EQ(venue.get_as(all + "&limit=1001").code(), -1130);
  EXPECT_EQ(venue.get_as("/api/v3/allOrders").code(), -1102);
}

TEST(QueryOrder, OpenOrdersAreOfOneSymbolOrOfAll) {
  TestVenue venue;
  venue.order(kLimitBuy);
  venue.order("symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=3000");

  EXPECT_EQ(venue.get_as("/api/v3/openOrders").json.size(), 2U);
  EXPECT_EQ(venue.get_as("/api/v3/openOrders?symbol=ETHUSDT").json.size(), 1U);
  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kBen).body, "[]");
}

}  // namespace
}  // namespace counterfoil::venue
