// What an account learns of itself, and what SDKs ask for when they start.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/exchange.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

using Names = std::vector<std::string>;

TEST(AccountCall, HasTheVendorsMembers) {
  TestVenue venue;

  const Reply reply = venue.get_as("/api/v3/account");

  EXPECT_EQ(member_names(reply.body),
            (Names{"makerCommission", "takerCommission", "buyerCommission", "sellerCommission",
                   "commissionRates", "canTrade", "canWithdraw", "canDeposit", "brokered",
                   "requireSelfTradePrevention", "preventSor", "updateTime", "accountType",
                   "balances", "permissions", "uid"}));
  EXPECT_EQ(reply.json["makerCommission"], 10);
  EXPECT_EQ(
      reply.json["commissionRates"].dump(),
      R"({"buyer":"0.00000000","maker":"0.00100000","seller":"0.00000000","taker":"0.00100000"})");
  EXPECT_EQ(reply.json["balances"].size(), 6U);
}

TEST(AccountCall, LeavesZeroBalancesOutWhenAsked) {
  TestVenue venue;

  EXPECT_EQ(venue.get_as("/api/v3/account?omitZeroBalances=true").json["balances"].dump(),
            R"([{"asset":"BTC","free":"100.00000000","locked":"0.00000000"},)"
            R"({"asset":"USDT","free":"1000000.00000000","locked":"0.00000000"}])");
  EXPECT_EQ(venue.get_as("/api/v3/account?omitZeroBalances=maybe").message(),
            "Data sent for parameter 'omitZeroBalances' is not valid.");
}

TEST(AccountCall, UpdateTimeIsThatOfTheLastOrderOrTrade) {
  TestVenue venue;
  EXPECT_EQ(venue.get_as("/api/v3/account").json["updateTime"], 0);
  venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000");

  EXPECT_EQ(venue.get_as("/api/v3/account").json["updateTime"], to_unix_ms(venue.now));
}

TEST(AccountCall, IsRefusedWhenTheVenueIsFullOfAccounts) {
  ExchangeOptions options = test_options();
  options.accounts_max = 1;
  TestVenue venue(options);

  EXPECT_EQ(venue.get_as("/api/v3/account", kAnn).status, 200);
  const Reply reply = venue.get_as("/api/v3/account", kBen);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), -1008);
}

class MyTrades : public testing::Test {
 public:
  MyTrades() {
    constexpr std::string_view kSell =
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=64000";
    venue.order(kSell, kBen);
    venue.order(kSell, kBen);
    venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.25");
    venue.now += std::chrono::seconds(1);
    venue.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1");
  }
  TestVenue venue;
};

TEST_F(MyTrades, ShowsATradeFromTheAccountsSide) {
  const Reply reply = venue.get_as("/api/v3/myTrades?symbol=BTCUSDT&orderId=3");

  EXPECT_EQ(
      reply.body,
      R"([{"symbol":"BTCUSDT","id":1,"orderId":3,"orderListId":-1,"price":"64000.00000000","qty":"0.25000000",)"
      R"("quoteQty":"16000.00000000","commission":"0.00025000","commissionAsset":"BTC","time":1790000000000,)"
      R"("isBuyer":true,"isMaker":false,"isBestMatch":true}])");
}

TEST_F(MyTrades, AreChosenByIdTimeAndLimit) {
  const std::string all = "/api/v3/myTrades?symbol=BTCUSDT";
  const std::string later = std::to_string(to_unix_ms(venue.now));

  EXPECT_EQ(venue.get_as(all).json.size(), 3U);
  EXPECT_EQ(venue.get_as(all, kBen).json[0]["isMaker"], true);
  EXPECT_EQ(venue.get_as(all + "&fromId=2").json.size(), 2U);
  EXPECT_EQ(venue.get_as(all + "&limit=1").json[0]["id"], 3);
  EXPECT_EQ(venue.get_as(all + "&startTime=" + later).json.size(), 2U);
  EXPECT_EQ(venue.get_as(all + "&startTime=1&endTime=86400001").status, 200);
  EXPECT_EQ(venue.get_as(all + "&startTime=1&endTime=86400002").message(),
            "More than 24 hours between startTime and endTime.");
  EXPECT_EQ(venue.get_as(all + "&fromId=1&startTime=1").code(), -1128);
  EXPECT_EQ(venue.get_as("/api/v3/myTrades?symbol=ETHUSDT").body, "[]");
  EXPECT_EQ(venue.get_as("/api/v3/myTrades").code(), -1102);
}

TEST(OrderRateLimit, CountsOrdersInCalendarWindows) {
  TestVenue venue;
  venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000");

  EXPECT_EQ(
      venue.get_as("/api/v3/rateLimit/order").body,
      R"([{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":1},)"
      R"({"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000,"count":1}])");
  venue.now += std::chrono::seconds(10);
  EXPECT_EQ(venue.get_as("/api/v3/rateLimit/order").json[0]["count"], 0);
  EXPECT_EQ(venue.get_as("/api/v3/rateLimit/order").json[1]["count"], 1);
}

TEST(Commission, TellsTheRatesOfASymbol) {
  TestVenue venue;

  const Reply reply = venue.get_as("/api/v3/account/commission?symbol=BTCUSDT");

  EXPECT_EQ(member_names(reply.body), (Names{"symbol", "standardCommission", "specialCommission",
                                             "taxCommission", "discount"}));
  EXPECT_EQ(reply.json["standardCommission"]["taker"], "0.00100000");
  EXPECT_EQ(venue.get_as("/api/v3/account/commission").code(), -1102);
}

TEST(StartUpCalls, HaveFixedAnswers) {
  TestVenue venue;

  EXPECT_EQ(venue.get("/sapi/v1/system/status").body, R"({"status":0,"msg":"normal"})");
  EXPECT_EQ(venue.get_as("/sapi/v1/account/status").body, R"({"data":"Normal"})");
  EXPECT_EQ(venue.get_as("/sapi/v1/capital/config/getall").body, "[]");
  EXPECT_EQ(venue.get("/sapi/v1/margin/allPairs").body, "[]");
  EXPECT_EQ(venue.get("/sapi/v1/margin/isolated/allPairs").body, "[]");
}

TEST(ListenKeys, AreGone) {
  TestVenue venue;
  for (const http::Method method :
       {http::Method::kPost, http::Method::kPut, http::Method::kDelete}) {
    const Reply reply =
        venue.send(TestVenue::request_of(method, "/api/v3/userDataStream?listenKey=x"));

    EXPECT_EQ(reply.status, 410);
    EXPECT_EQ(reply.content_type, "text/html;charset=UTF-8");
    EXPECT_TRUE(reply.body.starts_with("<html>\r\n<head><title>410 Gone</title></head>"))
        << reply.body;
  }
}

TEST(UnknownPaths, AreToldInJsonUnlessAPageIsWanted) {
  TestVenue venue;
  VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/no\"where\x80");

  const Reply json = venue.send(request);
  request.wants_html = true;
  const Reply page = venue.send(request);

  EXPECT_EQ(json.status, 404);
  EXPECT_EQ(json.code(), -5000);
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(page.body, "<html><body><h2>404 Not found</h2></body></html>");
}

TEST(UnknownPaths, AMethodThatARouteDoesNotHaveIsOneOfThem) {
  TestVenue venue;

  EXPECT_EQ(venue.post("/api/v3/account").message(),
            "Path /api/v3/account, Method POST is invalid");
}

}  // namespace
}  // namespace counterfoil::venue
