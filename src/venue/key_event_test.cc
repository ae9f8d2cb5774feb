// What a gateway tells of a key's death, and what the venue does about it.
#include "venue/key_event.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/dead_keys.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

constexpr Trader kAnnsOtherKey{
    .account = "ann", .api_key = "TESTONLYann1111111111111111111111111111111111111111111111111111"};
constexpr std::string_view kRest =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000";

enum class Orders : std::uint8_t { kCancel, kKeep };

std::string event(std::string_view id, const Trader& trader, std::string_view type = "key.revoked",
                  Orders orders = Orders::kCancel) {
  return std::string(R"({"id":")")
      .append(id)
      .append(R"(","type":")")
      .append(type)
      .append(R"(","api_key":")")
      .append(trader.api_key)
      .append(R"(","account":")")
      .append(trader.account)
      .append(R"(","reason":"leaked","cancel_open_orders":)")
      .append(orders == Orders::kCancel ? "true}" : "false}");
}

class KeyEventCall : public testing::Test {
 public:
  KeyEventCall() {
    venue.order(kRest, kAnn);
    venue.order(kRest, kAnn);
    venue.order(kRest, kAnnsOtherKey);
    venue.order(kRest, kBen);
  }
  [[nodiscard]] VenueRequest told(std::string_view body, const Trader& trader = kAnn,
                                  std::string_view permissions = "") {
    VenueRequest request = TestVenue::request_of(http::Method::kPost, "/counterfoil/events", body);
    venue.prove(request, trader, permissions);
    return request;
  }
  [[nodiscard]] Reply tell(std::string_view body, const Trader& trader = kAnn) {
    return venue.send(told(body, trader));
  }
  [[nodiscard]] std::size_t open_orders(const Trader& trader) {
    return venue.exchange
        .open_orders(venue.exchange.find_account(trader.account).value(), std::nullopt)
        .size();
  }
  TestVenue venue;
};

TEST_F(KeyEventCall, CancelsTheKeysOwnOrdersAndNoOthers) {
  const Reply reply = tell(event("e1", kAnn));

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"canceled":2})");
  EXPECT_EQ(open_orders(kAnn), 1U) << "that of the other key";
  EXPECT_EQ(open_orders(kBen), 1U);
}

TEST_F(KeyEventCall, CancelsStopOrdersThatWaitAndThoseThatWork) {
  constexpr std::string_view kWaits =
      "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=64001&"
      "stopPrice=";
  venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=64000", kBen);
  venue.order(std::string(kWaits) + "63000", kAnn);
  venue.order(std::string(kWaits) + "63500", kAnn);
  venue.order(std::string(kWaits) + "63500", kAnnsOtherKey);
  // Through all that rests at 64000, down to the 63500 that sets off two of the three.
  venue.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=63500", kBen);
  venue.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=4&price=63500", kBen);
  ASSERT_EQ(open_orders(kAnn), 3U);

  EXPECT_EQ(tell(event("e1", kAnn)).body, R"({"canceled":2})");

  EXPECT_EQ(open_orders(kAnn), 1U) << "that of the other key";
  EXPECT_EQ(venue.get("/api/v3/depth?symbol=BTCUSDT").json["asks"].dump(),
            R"([["64001.00000000","1.00000000"]])");
}

TEST_F(KeyEventCall, WorksForEveryKindOfEnd) {
  EXPECT_EQ(tell(event("e1", kAnn, "key.suspended")).body, R"({"canceled":2})");
  EXPECT_EQ(tell(event("e2", kAnnsOtherKey, "key.expired"), kAnnsOtherKey).body,
            R"({"canceled":1})");
}

TEST_F(KeyEventCall, LeavesOrdersAloneWhenToldTo) {
  EXPECT_EQ(tell(event("e1", kAnn, "key.revoked", Orders::kKeep)).body, R"({"canceled":0})");
  EXPECT_EQ(open_orders(kAnn), 3U);
}

TEST_F(KeyEventCall, ToldAgainItDoesNothingAndAnswersTheSame) {
  (void)tell(event("e1", kAnn, "key.suspended"));
  venue.now += std::chrono::seconds(20);
  venue.order(kRest, kAnn);

  EXPECT_EQ(tell(event("e1", kAnn, "key.suspended")).body, R"({"canceled":2})");
  EXPECT_EQ(open_orders(kAnn), 2U) << "the new order of the key that came back stays";
}

TEST_F(KeyEventCall, OfAnAccountThatNeverTradedIsNoFault) {
  const Trader stranger{.account = "stranger", .api_key = kAnn.api_key};

  EXPECT_EQ(tell(event("e1", stranger), stranger).body, R"({"canceled":0})");
}

TEST_F(KeyEventCall, IsBelievedFromTheGatewayAlone) {
  const VenueRequest unproven =
      TestVenue::request_of(http::Method::kPost, "/counterfoil/events", event("e1", kAnn));
  EXPECT_EQ(venue.send(unproven).status, 401);

  VenueRequest tampered = told(event("e1", kAnn));
  tampered.body = event("e2", kAnn);
  EXPECT_EQ(venue.send(tampered).status, 401);

  EXPECT_EQ(venue.send(told(event("e1", kAnn), kAnn, "USER_DATA,TRADE")).status, 401)
      << "a request that the gateway forwarded for a client has permissions";
  EXPECT_EQ(open_orders(kAnn), 3U);
}

TEST_F(KeyEventCall, MustBeAboutTheKeyThatTheHeadersName) {
  EXPECT_EQ(tell(event("e1", kBen), kAnn).status, 401);
  EXPECT_EQ(tell(event("e1", kAnn), kAnnsOtherKey).status, 401);
  EXPECT_EQ(open_orders(kBen), 1U);
}

TEST_F(KeyEventCall, AReplayedOneIsRefused) {
  const VenueRequest request = told(event("e1", kAnn));

  EXPECT_EQ(venue.send(request).status, 200);
  EXPECT_EQ(venue.send(request).status, 401);
}

TEST_F(KeyEventCall, WhatARevokedKeyHadOnItsWayIsRefused) {
  VenueRequest overtaken =
      TestVenue::request_of(http::Method::kPost, "/api/v3/order?" + std::string(kRest));
  venue.prove(overtaken, kAnn);
  (void)tell(event("e1", kAnn));

  const Reply reply = venue.send(overtaken);

  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body,
            R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})");
  EXPECT_EQ(open_orders(kAnn), 1U);
}

TEST_F(KeyEventCall, ARevokedKeyIsRefusedEvenFromAGatewayWhoseClockIsAhead) {
  (void)tell(event("e1", kAnn));
  venue.now += std::chrono::seconds(3);
  VenueRequest ahead =
      TestVenue::request_of(http::Method::kPost, "/api/v3/order?" + std::string(kRest));
  venue.prove(ahead, kAnn);
  venue.now -= std::chrono::seconds(2);

  EXPECT_EQ(venue.send(ahead).code(), -2015);
}

TEST_F(KeyEventCall, ASuspendedKeyThatCameBackIsServed) {
  (void)tell(event("e1", kAnn, "key.suspended"));
  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kAnn).code(), -2015) << "proved no later";
  venue.now += std::chrono::milliseconds(1);

  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kAnn).status, 200);
}

TEST_F(KeyEventCall, OtherKeysOfTheAccountAreServed) {
  (void)tell(event("e1", kAnn));

  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kAnnsOtherKey).status, 200);
}

TEST_F(KeyEventCall, TenThousandIdsAreRemembered) {
  (void)tell(event("first", kBen, "key.suspended"), kBen);
  for (std::size_t count = 1; count < KeyEvents::kRememberedMax; ++count) {
    ASSERT_EQ(tell(event("e" + std::to_string(count), kAnn, "key.suspended")).status, 200);
  }
  EXPECT_EQ(tell(event("first", kBen, "key.suspended"), kBen).body, R"({"canceled":1})");

  (void)tell(event("one more", kAnn, "key.suspended"));
  EXPECT_EQ(tell(event("first", kBen, "key.suspended"), kBen).body, R"({"canceled":0})")
      << "forgotten, and carried out anew";
}

struct FormCase {
  std::string_view name;
  std::string json;
  int code;
  std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const FormCase& row) { return out << row.name; }
// clang-format off
const FormCase kFormCases[] = {
    {"empty", "", -1135, "Invalid JSON Request"},
    {"no_json", "{", -1135, "Invalid JSON Request"},
    {"array", "[]", -1135, "Invalid JSON Request"},
    {"member_twice", R"({"id":"a","id":"b"})", -1135, "Invalid JSON Request"},
    {"too_long", std::string(kKeyEventBytesMax + 1, ' '), -1135, "Invalid JSON Request"},
    {"no_id", R"({"api_key":"k","account":"a","type":"key.revoked","cancel_open_orders":true})", -1130, "Data sent for parameter 'id' is not valid."},
    {"id_number", R"({"id":1,"api_key":"k","account":"a","type":"key.revoked","cancel_open_orders":true})", -1130, "Data sent for parameter 'id' is not valid."},
    {"id_of_257", R"({"id":")" + std::string(257, 'i') + R"(","api_key":"k","account":"a","type":"key.revoked","cancel_open_orders":true})", -1130, "Data sent for parameter 'id' is not valid."},
    {"no_api_key", R"({"id":"e","account":"a","type":"key.revoked","cancel_open_orders":true})", -1130, "Data sent for parameter 'api_key' is not valid."},
    {"account_empty", R"({"id":"e","api_key":"k","account":"","type":"key.revoked","cancel_open_orders":true})", -1130, "Data sent for parameter 'account' is not valid."},
    {"type_unknown", R"({"id":"e","api_key":"k","account":"a","type":"key.lost","cancel_open_orders":true})", -1130, "Data sent for parameter 'type' is not valid."},
    {"cancel_missing", R"({"id":"e","api_key":"k","account":"a","type":"key.revoked"})", -1130, "Data sent for parameter 'cancel_open_orders' is not valid."},
    {"reason_number", R"({"id":"e","api_key":"k","account":"a","type":"key.revoked","reason":7,"cancel_open_orders":true})", -1130, "Data sent for parameter 'reason' is not valid."},
    {"reason_of_257", R"({"id":"e","api_key":"k","account":"a","type":"key.revoked","cancel_open_orders":true,"reason":")" + std::string(257, 'r') + R"("})", -1130, "Data sent for parameter 'reason' is not valid."},
    {"cancel_text", R"({"id":"e","api_key":"k","account":"a","type":"key.revoked","cancel_open_orders":"true"})", -1130, "Data sent for parameter 'cancel_open_orders' is not valid."},
};
// clang-format on
class KeyEventForm : public testing::TestWithParam<FormCase> {};
TEST_P(KeyEventForm, IsRefused) {
  const auto read = read_key_event(GetParam().json);

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, GetParam().code);
  EXPECT_EQ(read.error().text, GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Bodies, KeyEventForm, testing::ValuesIn(kFormCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(KeyEventForms, MembersThatItDoesNotKnowArePassedOver) {
  const auto read = read_key_event(
      R"({"id":"e","api_key":"k","account":"a","type":"key.expired","cancel_open_orders":false,"at":{"id":1}})");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->type, KeyEventType::kExpired);
  EXPECT_EQ(read->reason, "");
}

TEST(DeadKeysMemory, ForgetsAfterTenSeconds) {
  DeadKeys dead;
  dead.refuse("k", Timestamp::max(), kTestNow);

  EXPECT_TRUE(dead.refuses("k", kTestNow, kTestNow + DeadKeys::kRemembered));
  EXPECT_FALSE(
      dead.refuses("k", kTestNow, kTestNow + DeadKeys::kRemembered + std::chrono::microseconds(1)));
  EXPECT_FALSE(dead.refuses("other", kTestNow, kTestNow));
}

TEST(DeadKeysMemory, ASecondEventKeepsAKeyLonger) {
  DeadKeys dead;
  dead.refuse("k", kTestNow, kTestNow);
  const Timestamp later = kTestNow + std::chrono::seconds(8);
  dead.refuse("k", later, later);
  const Timestamp last = kTestNow + std::chrono::seconds(12);
  dead.refuse("other", last, last);

  EXPECT_TRUE(dead.refuses("k", later, last));
  EXPECT_FALSE(dead.refuses("k", later + std::chrono::milliseconds(1), last));
}

TEST(DeadKeysMemory, IsBounded) {
  DeadKeys dead;
  for (std::size_t count = 0; count <= DeadKeys::kRememberedMax; ++count) {
    dead.refuse("k" + std::to_string(count), kTestNow, kTestNow);
  }

  EXPECT_FALSE(dead.refuses("k0", kTestNow, kTestNow));
  EXPECT_TRUE(dead.refuses("k2", kTestNow, kTestNow));
}

}  // namespace
}  // namespace counterfoil::venue
