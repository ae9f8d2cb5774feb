// Stop orders over the REST face: what placing, cancelling, replacing and looking at them answers.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "venue/test_venue.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kStopLimit =
    "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=59000&"
    "stopPrice=59500";
constexpr std::string_view kStopMarket =
    "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=59500";

// The last price is 60000; ann has 100 BTC, ben makes the trades.
class StopCalls : public testing::Test {
 public:
  StopCalls() { trade_at("60000"); }
  void trade_at(std::string_view price) {
    const std::string order = "&type=LIMIT&timeInForce=GTC&quantity=0.001&price=";
    venue.order(std::string("symbol=BTCUSDT&side=SELL").append(order).append(price), kBen);
    venue.order(std::string("symbol=BTCUSDT&side=BUY").append(order).append(price), kBen);
  }
  nlohmann::json place(std::string_view order, std::string_view more = "newClientOrderId=mine") {
    return venue.order(std::string(order).append("&").append(more));
  }
  [[nodiscard]] std::string replace(std::string_view mode, std::string_view order) {
    return std::string(
               "/api/v3/order/cancelReplace?cancelOrigClientOrderId=mine&cancelReplaceMode=")
        .append(mode)
        .append("&")
        .append(order);
  }
  TestVenue venue;
};

TEST_F(StopCalls, TheAnswerIsShortUnlessMoreIsWanted) {
  EXPECT_EQ(venue.post("/api/v3/order?newClientOrderId=a&" + std::string(kStopLimit)).body,
            R"({"symbol":"BTCUSDT","orderId":3,"orderListId":-1,"clientOrderId":"a",)"
            R"("transactTime":1790000000000})");
  EXPECT_EQ(
      venue
          .post("/api/v3/order?newClientOrderId=b&newOrderRespType=FULL&" + std::string(kStopLimit))
          .body,
      R"({"symbol":"BTCUSDT","orderId":4,"orderListId":-1,"clientOrderId":"b","transactTime":1790000000000,)"
      R"("price":"59000.00000000","origQty":"1.00000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000",)"
      R"("cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC","type":"STOP_LOSS_LIMIT","side":"SELL",)"
      R"("stopPrice":"59500.00000000","workingTime":-1,"selfTradePreventionMode":"NONE","fills":[]})");
}

TEST_F(StopCalls, AQueryTellsSinceWhenTheOrderWorks) {
  place(kStopLimit);
  const std::string query = "/api/v3/order?symbol=BTCUSDT&origClientOrderId=mine";

  EXPECT_EQ(
      venue.get_as(query).body,
      R"({"symbol":"BTCUSDT","orderId":3,"orderListId":-1,"clientOrderId":"mine","price":"59000.00000000",)"
      R"("origQty":"1.00000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000",)"
      R"("status":"NEW","timeInForce":"GTC","type":"STOP_LOSS_LIMIT","side":"SELL","stopPrice":"59500.00000000","icebergQty":"0.00000000",)"
      R"("time":1790000000000,"updateTime":1790000000000,"isWorking":false,"workingTime":-1,)"
      R"("selfTradePreventionMode":"NONE"})");

  venue.now += std::chrono::seconds(5);
  trade_at("59500");

  const auto order = venue.get_as(query).json;
  EXPECT_EQ(order["isWorking"], true);
  EXPECT_EQ(order["workingTime"], 1'790'000'005'000);
  EXPECT_EQ(order["updateTime"], 1'790'000'005'000);
  EXPECT_EQ(order["time"], 1'790'000'000'000);
  EXPECT_EQ(order["type"], "STOP_LOSS_LIMIT");
}

TEST_F(StopCalls, TheBookShowsAnOrderOnlyWhenItWorks) {
  const std::string before = venue.get("/api/v3/depth?symbol=BTCUSDT").body;
  place(kStopLimit);
  EXPECT_EQ(venue.get("/api/v3/depth?symbol=BTCUSDT").body, before);
  EXPECT_EQ(venue.get("/api/v3/ticker/bookTicker?symbol=BTCUSDT").json["askQty"], "0.00000000");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders?symbol=BTCUSDT").json.size(), 1U);

  trade_at("59500");

  EXPECT_EQ(venue.get("/api/v3/depth?symbol=BTCUSDT").json["asks"].dump(),
            R"([["59000.00000000","1.00000000"]])");
}

TEST_F(StopCalls, TheMoneyIsLockedFromTheStart) {
  place(kStopLimit);

  EXPECT_EQ(venue.get_as("/api/v3/account?omitZeroBalances=true").json["balances"][0].dump(),
            R"({"asset":"BTC","free":"99.00000000","locked":"1.00000000"})");
}

TEST_F(StopCalls, WhatWouldTriggerAtOnceIsRefused) {
  for (const std::string_view order : {
           "side=SELL&type=STOP_LOSS&stopPrice=60000",
           "side=BUY&type=STOP_LOSS_LIMIT&timeInForce=GTC&price=60000&stopPrice=60000",
           "side=BUY&type=TAKE_PROFIT&stopPrice=60000.01",
           "side=SELL&type=TAKE_PROFIT_LIMIT&timeInForce=GTC&price=60000&stopPrice=59999.99",
       }) {
    const std::string parameters = "symbol=BTCUSDT&quantity=1&" + std::string(order);

    const Reply reply = venue.post("/api/v3/order?" + parameters);

    EXPECT_EQ(reply.status, 400) << order;
    EXPECT_EQ(reply.body, R"({"code":-2010,"msg":"Stop price would trigger immediately."})");
    EXPECT_EQ(venue.post("/api/v3/order/test?" + parameters).body, "{}")
        << "a test order does not come as far as the last price";
  }
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

TEST_F(StopCalls, ASixthStopOrderIsOneTooMany) {
  for (int count = 0; count < 5; ++count) {
    venue.order(kStopLimit);
  }

  EXPECT_EQ(venue.post("/api/v3/order?" + std::string(kStopMarket)).body,
            R"({"code":-1013,"msg":"Filter failure: MAX_NUM_ALGO_ORDERS"})");
}

TEST_F(StopCalls, CancelingAnswersWithTheStopPriceAndFreesTheMoney) {
  place(kStopMarket);

  const Reply reply = venue.remove(
      "/api/v3/order?symbol=BTCUSDT&origClientOrderId=mine&newClientOrderId=bye&"
      "cancelRestrictions=ONLY_NEW");

  EXPECT_EQ(
      reply.body,
      R"({"symbol":"BTCUSDT","origClientOrderId":"mine","orderId":3,"orderListId":-1,"clientOrderId":"bye",)"
      R"("transactTime":1790000000000,"price":"0.00000000","origQty":"1.00000000","executedQty":"0.00000000",)"
      R"("origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"CANCELED","timeInForce":"GTC",)"
      R"("type":"STOP_LOSS","side":"SELL","stopPrice":"59500.00000000","selfTradePreventionMode":"NONE"})");
  EXPECT_EQ(venue.get_as("/api/v3/account?omitZeroBalances=true").json["balances"][0].dump(),
            R"({"asset":"BTC","free":"100.00000000","locked":"0.00000000"})");
  trade_at("59500");
  EXPECT_EQ(venue.get_as("/api/v3/order?symbol=BTCUSDT&origClientOrderId=mine").json["executedQty"],
            "0.00000000");
}

TEST_F(StopCalls, AreAmongTheOpenOrdersThatOneCallCancels) {
  venue.order(kStopLimit);
  venue.order(kStopMarket);
  venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=50000");

  EXPECT_EQ(venue.remove("/api/v3/openOrders?symbol=BTCUSDT").json.size(), 3U);

  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

TEST_F(StopCalls, CanBeMovedInOneCall) {
  place(kStopLimit);

  const Reply reply = venue.post(replace(
      "STOP_ON_FAILURE",
      "newOrderRespType=RESULT&symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&"
      "quantity=100&price=58000&stopPrice=58500"));

  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json["cancelResponse"]["stopPrice"], "59500.00000000");
  EXPECT_EQ(reply.json["newOrderResponse"]["stopPrice"], "58500.00000000");
  EXPECT_EQ(reply.json["newOrderResponse"]["workingTime"], -1);
  const auto open = venue.get_as("/api/v3/openOrders").json;
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0]["stopPrice"], "58500.00000000");
}

TEST_F(StopCalls, MovedToWhereTheyWouldTriggerAreGone) {
  place(kStopLimit);

  const Reply reply = venue.post(replace(
      "STOP_ON_FAILURE", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=60000"));

  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), -2021);
  EXPECT_EQ(reply.json["data"]["cancelResult"], "SUCCESS");
  EXPECT_EQ(reply.json["data"]["newOrderResult"], "FAILURE");
  EXPECT_EQ(reply.json["data"]["newOrderResponse"].dump(),
            R"({"code":-2010,"msg":"Stop price would trigger immediately."})");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

TEST_F(StopCalls, BothHalvesOfAReplacementCanFail) {
  const Reply reply =
      venue.post(replace("ALLOW_FAILURE", kStopLimit) + "&cancelRestrictions=ONLY_NEW");
  EXPECT_EQ(reply.status, 409) << "there was nothing to cancel, but the new order is placed";

  const Reply both = venue.post(replace(
      "ALLOW_FAILURE", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=60000"));

  EXPECT_EQ(both.status, 400);
  EXPECT_EQ(
      both.body,
      R"({"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE",)"
      R"("newOrderResult":"FAILURE","cancelResponse":{"code":-2011,"msg":"Unknown order sent."},)"
      R"("newOrderResponse":{"code":-2010,"msg":"Stop price would trigger immediately."}}})");
}

TEST_F(StopCalls, ATestOrderTellsTheirCommissionToo) {
  EXPECT_EQ(venue.post("/api/v3/order/test?computeCommissionRates=true&" + std::string(kStopMarket))
                .json["standardCommissionForOrder"]["taker"],
            "0.00100000");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders").body, "[]");
}

}  // namespace
}  // namespace counterfoil::venue
