// The venue by itself: signed requests of bots, judged as the vendor judges them.
#include "venue/standalone.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/verification_key.h"
#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/identity.h"
#include "venue/order_counts.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

// The sample pair of the vendor's documents, which everybody knows.
constexpr std::string_view kApiKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view kSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kSample =
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
    "timestamp=1499827319559";
constexpr std::string_view kSampleSignature =
    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
constexpr Timestamp kSampleTime = from_unix_ms(1'499'827'319'559);

std::vector<StandaloneKey> sample_keys() {
  std::vector<StandaloneKey> keys;
  keys.push_back({.api_key = std::string(kApiKey),
                  .key = VerificationKey::from_hmac_secret(as_bytes(kSecret)).value(),
                  .account = "demo"});
  return keys;
}

std::string hmac(std::string_view payload) {
  return to_hex(HmacKey::from_secret(as_bytes(kSecret)).value().mac(as_bytes(payload)));
}
std::string signed_query(const std::string& payload) {
  return payload + "&signature=" + hmac(payload);
}

ApiError refusal(std::string_view query, Timestamp now = kSampleTime,
                 std::optional<std::string_view> api_key = kApiKey) {
  const std::vector<StandaloneKey> keys = sample_keys();
  const auto judged = check_signed_call(keys, {.query = query, .api_key = api_key}, now);
  return judged ? ApiError{.status = 200} : judged.error();
}

TEST(SignedCallCheck, AcceptsTheVendorsSample) {
  const std::vector<StandaloneKey> keys = sample_keys();
  const std::string query = std::string(kSample).append("&signature=").append(kSampleSignature);

  const auto judged = check_signed_call(keys, {.query = query, .api_key = kApiKey}, kSampleTime);

  ASSERT_TRUE(judged);
  EXPECT_EQ((*judged)->account, "demo");
}

TEST(SignedCallCheck, AcceptsTheVendorsMixedSample) {
  const std::vector<StandaloneKey> keys = sample_keys();
  const SignedCall call{
      .query = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
      .body =
          "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&"
          "signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
      .api_key = kApiKey};

  EXPECT_TRUE(check_signed_call(keys, call, kSampleTime));
}

struct FormCase {
  std::string_view name;
  std::string query;
  std::optional<std::string_view> api_key;
  int status;
  int code;
  std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const FormCase& row) { return out << row.name; }
// clang-format off
const FormCase kFormCases[] = {
    {"no_key", std::string(kSample), std::nullopt, 401, -2014, "API-key format invalid."},
    {"short_key", std::string(kSample), "abc", 401, -2014, "API-key format invalid."},
    {"no_timestamp", "a=1&signature=00", kApiKey, 400, -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."},
    {"no_signature", "timestamp=1499827319559", kApiKey, 400, -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed."},
    {"twice", "a=1&a=2&timestamp=1499827319559&signature=00", kApiKey, 400, -1101, "Duplicate values for a parameter detected."},
    {"broken_escape", "a=%Z&timestamp=1499827319559&signature=00", kApiKey, 400, -1100, "Illegal characters found in a parameter."},
    {"timestamp_letters", "timestamp=now&signature=00", kApiKey, 400, -1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'."},
    {"window_letters", "recvWindow=x&timestamp=1499827319559&signature=00", kApiKey, 400, -1130, "Data sent for parameter 'recvWindow' is not valid."},
    {"window_below_zero", "recvWindow=-1&timestamp=1499827319559&signature=00", kApiKey, 400, -1130, "Data sent for parameter 'recvWindow' is not valid."},
    {"window_without_decimals", "recvWindow=5000.&timestamp=1499827319559&signature=00", kApiKey, 400, -1130, "Data sent for parameter 'recvWindow' is not valid."},
    {"window_four_decimals", "recvWindow=5000.0001&timestamp=1499827319559&signature=00", kApiKey, 400, -1111, "Parameter 'recvWindow' has too much precision."},
    {"window_too_large", "recvWindow=60000.001&timestamp=1499827319559&signature=00", kApiKey, 400, -1131, "recvWindow must be less than 60000"},
    {"window_huge", "recvWindow=999999999999999999&timestamp=1499827319559&signature=00", kApiKey, 400, -1131, "recvWindow must be less than 60000"},
    {"unknown_key", "timestamp=1499827319559&signature=00", "TESTONLYunknown0000000000000000000000000000000000000000000000000", 401, -2015, "Invalid API-key, IP, or permissions for action."},
    {"wrong_signature", "timestamp=1499827319559&signature=00", kApiKey, 400, -1022, "Signature for this request is not valid."},
};
// clang-format on
class SignedCallRefusal : public testing::TestWithParam<FormCase> {};
TEST_P(SignedCallRefusal, IsInTheVendorsWords) {
  const ApiError error = refusal(GetParam().query, kSampleTime, GetParam().api_key);

  EXPECT_EQ(error.status, GetParam().status);
  EXPECT_EQ(error.code, GetParam().code);
  EXPECT_EQ(error.text, GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Requests, SignedCallRefusal, testing::ValuesIn(kFormCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct TimeCase {
  std::string_view name;
  std::string_view window;  // of the request; empty: none
  std::chrono::microseconds later;
  int code;
};
std::ostream& operator<<(std::ostream& out, const TimeCase& row) { return out << row.name; }
using std::chrono::microseconds;
using std::chrono::milliseconds;
const TimeCase kTimeCases[] = {
    {"at_once", "", microseconds(0), 0},
    {"five_seconds_old", "", milliseconds(5'000), 0},
    {"a_microsecond_too_old", "", milliseconds(5'000) + microseconds(1), -1021},
    {"just_under_a_second_ahead", "", milliseconds(-1'000) + microseconds(1), 0},
    {"a_second_ahead", "", milliseconds(-1'000), -1021},
    {"wide_window", "60000", milliseconds(60'000), 0},
    {"wide_window_too_old", "60000", milliseconds(60'000) + microseconds(1), -1021},
    {"window_with_decimals", "0.5", microseconds(500), 0},
    {"window_with_decimals_too_old", "0.500", microseconds(501), -1021},
    {"window_of_nothing", "0", microseconds(1), -1021},
};
class SignedCallTime : public testing::TestWithParam<TimeCase> {};
TEST_P(SignedCallTime, IsJudgedAgainstTheWindow) {
  const TimeCase& row = GetParam();
  const std::string window =
      row.window.empty() ? "" : "recvWindow=" + std::string(row.window) + "&";

  EXPECT_EQ(refusal(signed_query(window + "timestamp=1499827319559"), kSampleTime + row.later).code,
            row.code);
}
INSTANTIATE_TEST_SUITE_P(Windows, SignedCallTime, testing::ValuesIn(kTimeCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(SignedCallCheck, ReadsMicrosecondsWhenTheTimestampHas16Digits) {
  EXPECT_EQ(refusal(signed_query("timestamp=1499827319559000")).code, 0);
  EXPECT_EQ(refusal(signed_query("timestamp=1499827314558999")).code, -1021);
  EXPECT_EQ(refusal(signed_query("timestamp=14998273195590000")).code, -1100);
}

class Standalone : public testing::Test {
 public:
  [[nodiscard]] Reply send(http::Method method, const std::string& path, const std::string& payload,
                           std::string_view api_key = kApiKey) {
    const std::string stamped =
        payload + (payload.empty() ? "" : "&") + "timestamp=" + std::to_string(to_unix_ms(now));
    VenueRequest request = TestVenue::request_of(method, path + "?" + signed_query(stamped));
    request.api_key = api_key;
    const VenueReply reply = service.reply(request, now);
    return {.status = reply.status,
            .json = nlohmann::json::parse(reply.body, nullptr, false),
            .body = reply.body,
            .content_type = std::string(reply.content_type)};
  }
  Timestamp now = kTestNow;
  Exchange exchange{test_options()};
  VenueService service{exchange, RateLimits{}, Doorkeeper(sample_keys())};
};

TEST_F(Standalone, ABotPlacesAndCancelsAnOrder) {
  const Reply placed =
      send(http::Method::kPost, "/api/v3/order",
           "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000");
  ASSERT_EQ(placed.status, 200) << placed.body;

  EXPECT_EQ(send(http::Method::kDelete, "/api/v3/order",
                 "symbol=BTCUSDT&orderId=" + placed.json["orderId"].dump())
                .json["status"],
            "CANCELED");
}

TEST_F(Standalone, PublicCallsNeedNoKey) {
  EXPECT_EQ(service.reply(TestVenue::request_of(http::Method::kGet, "/api/v3/ping"), now).status,
            200);
}

TEST_F(Standalone, IdentityHeadersAreRefusedForNobodyProvesThem) {
  TestVenue gateway;
  VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/account");
  gateway.prove(request, kAnn);

  EXPECT_EQ(service.reply(request, now).status, 401);
}

TEST_F(Standalone, EventsAreNobodysToTell) {
  TestVenue gateway;
  VenueRequest request = TestVenue::request_of(http::Method::kPost, "/counterfoil/events", "{}");
  gateway.prove(request, kAnn, "");

  EXPECT_EQ(service.reply(request, now).status, 401);
}

}  // namespace
}  // namespace counterfoil::venue
