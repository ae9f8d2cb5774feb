#include "policy/shipped_profile.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "policy/small_profile.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

Profile shipped(std::string_view name) {
  return small_profile::parse(shipped_profile(name).value());
}

TEST(ShippedProfiles, AreTheTwoThatTheManualNames) {
  ASSERT_EQ(shipped_profiles().size(), 2U);
  EXPECT_EQ(shipped_profiles()[0].name, "binance-spot");
  EXPECT_EQ(shipped_profiles()[1].name, "weather");
  EXPECT_FALSE(shipped_profile("binance").has_value());
}

TEST(ShippedProfiles, ParseAndCarryTheirFilesNames) {
  for (const ShippedProfile& shipped : shipped_profiles()) {
    EXPECT_EQ(small_profile::error_of(shipped.text), "") << shipped.name;
    EXPECT_EQ(small_profile::parse(shipped.text).name(), shipped.name);
  }
}

// Round trip: what `policy check` shows is a profile, and the same one.
TEST(ProfileText, IsReadAsAnEqualProfile) {
  std::vector<std::string> texts{std::string(small_profile::kText)};
  for (const ShippedProfile& shipped : shipped_profiles()) {
    texts.emplace_back(shipped.text);
  }
  for (const std::string& text : texts) {
    const Profile profile = small_profile::parse(text);
    const std::string written = profile.to_toml();

    EXPECT_EQ(small_profile::error_of(written), "");
    const Profile again = small_profile::parse(written);
    EXPECT_TRUE(again == profile);
    EXPECT_EQ(again.to_toml(), written);
  }
}

TEST(ProfileText, EveryChangeOfAProfileShows) {
  const Profile profile = small_profile::parse(small_profile::kText);
  struct Change {
    std::string_view from;
    std::string_view to;
  };
  constexpr Change kChanges[] = {
      {"\"small\"", "\"other\""},
      {"A small API", "Another"},
      {"\"X-Key\"", "\"X-Other\""},
      {"\"Read\"", "\"Reading\""},
      {"default = true", "default = false"},
      {"needs_allow_list = true", "needs_allow_list = false"},
      {"\"canWrite\"", "\"mayWrite\""},
      {"table_max = 1000", "table_max = 1001"},
      {"after_refused = 3", "after_refused = 4"},
      {"limit = 10", "limit = 11"},
      {"\"X-Used\"", "\"X-Usage\""},
      {"status = 500", "status = 501"},
      {"-1001", "-1002"},
      {"Broken.", "Broken!"},
      {"/v1/status", "/v1/state"},
      {"weight = 2", "weight = 3"},
      {"above = 100", "above = 101"},
      {"orders = 1", "orders = 2"},
      {"\"item\"", "\"symbol\""},
      {"\"tag\"", "\"label\""},
      {"= 4096", "= 4097"},
      {"max_body_bytes", "on_success_weight = 0\nmax_body_bytes"},
      {"max_body_bytes", "timeout_ms = 10\nmax_body_bytes"},
      {"max_body_bytes", "effect = \"order\"\nmax_body_bytes"},
      {"max_body_bytes", "body = \"any\"\nmax_body_bytes"},
      {"max_body_bytes", "handler = \"authority.self_revoke\"\nmax_body_bytes"},
      {"max_body_bytes", "account_weight = 7\nmax_body_bytes"},
      {"needs_allow_list = true", "needs_allow_list = \"always\""},
      {"needs_allow_list = true", "needs_allow_list = true\nsub_account = \"always\""},
      {"needs_allow_list = true", "needs_allow_list = \"always\"\nmanages_keys = true"},
      {"needs_allow_list = true", "needs_allow_list = true\nsub_account_field = \"canWrite\""},
  };
  for (const Change& change : kChanges) {
    const Profile other = small_profile::parse(small_profile::changed(change.from, change.to));

    EXPECT_FALSE(other == profile) << change.to;
    EXPECT_NE(other.to_toml(), profile.to_toml()) << change.to;
    EXPECT_TRUE(small_profile::parse(other.to_toml()) == other) << change.to;
  }
}

// ---- binance-spot against the vendor's documents

struct RouteCase {
  std::string_view name;
  std::string_view permission;  // empty: public
  std::string_view query;
  std::uint32_t weight;
};

std::string permission_of(const Profile& profile, const Route& route) {
  return route.security == Security::kPublic ? ""
                                             : profile.permissions().to_text(route.permissions);
}

// The vendor's REST documents: security type and weight of each endpoint, with the parameters that
// change it.
constexpr RouteCase kBinanceRoutes[] = {
    {"GET /api/v3/ping", "", "", 1},
    {"GET /api/v3/time", "", "", 1},
    {"GET /api/v3/exchangeInfo", "", "symbol=BTCUSDT", 20},
    {"GET /api/v3/depth", "", "symbol=BTCUSDT", 5},
    {"GET /api/v3/depth", "", "limit=100", 5},
    {"GET /api/v3/depth", "", "limit=101", 25},
    {"GET /api/v3/depth", "", "limit=500", 25},
    {"GET /api/v3/depth", "", "limit=501", 50},
    {"GET /api/v3/depth", "", "limit=1000", 50},
    {"GET /api/v3/depth", "", "limit=1001", 250},
    {"GET /api/v3/depth", "", "limit=5000", 250},
    {"GET /api/v3/trades", "", "", 25},
    {"GET /api/v3/historicalTrades", "", "", 25},
    {"GET /api/v3/aggTrades", "", "", 4},
    {"GET /api/v3/klines", "", "", 2},
    {"GET /api/v3/uiKlines", "", "", 2},
    {"GET /api/v3/avgPrice", "", "", 2},
    {"GET /api/v3/ticker/price", "", "symbol=BTCUSDT", 2},
    {"GET /api/v3/ticker/price", "", "", 4},
    {"GET /api/v3/ticker/price", "", "symbols=%5B%22BTCUSDT%22%5D", 4},
    {"GET /api/v3/ticker/bookTicker", "", "symbol=BTCUSDT", 2},
    {"GET /api/v3/ticker/bookTicker", "", "", 4},
    {"GET /api/v3/ticker/24hr", "", "symbol=BTCUSDT", 2},
    {"GET /api/v3/ticker/24hr", "", "symbols=%5B%22BTCUSDT%22,%22BNBUSDT%22%5D", 2},
    {"GET /api/v3/ticker/24hr", "", "", 80},
    {"POST /api/v3/order", "TRADE", "", 1},
    {"POST /api/v3/order/test", "TRADE", "", 1},
    {"POST /api/v3/order/test", "TRADE", "computeCommissionRates=true", 20},
    {"DELETE /api/v3/order", "TRADE", "", 1},
    {"DELETE /api/v3/openOrders", "TRADE", "", 1},
    {"GET /api/v3/order", "USER_DATA", "", 4},
    {"GET /api/v3/openOrders", "USER_DATA", "symbol=BTCUSDT", 6},
    {"GET /api/v3/openOrders", "USER_DATA", "", 80},
    {"GET /api/v3/allOrders", "USER_DATA", "", 20},
    {"GET /api/v3/myTrades", "USER_DATA", "", 20},
    {"GET /api/v3/myTrades", "USER_DATA", "orderId=1", 5},
    {"GET /api/v3/account", "USER_DATA", "", 20},
    {"GET /api/v3/rateLimit/order", "USER_DATA", "", 40},
    {"GET /api/v3/account/commission", "USER_DATA", "", 20},
    {"POST /api/v3/userDataStream", "", "", 2},
    {"PUT /api/v3/userDataStream", "", "", 2},
    {"DELETE /api/v3/userDataStream", "", "", 2},
    {"GET /sapi/v1/account/apiRestrictions", "USER_DATA", "", 1},
    {"GET /sapi/v1/system/status", "", "", 1},
    {"GET /sapi/v1/account/status", "USER_DATA", "", 1},
    {"GET /sapi/v1/capital/config/getall", "USER_DATA", "", 10},
    {"GET /sapi/v1/margin/allPairs", "", "", 1},
    {"GET /sapi/v1/margin/isolated/allPairs", "", "", 10},
};

TEST(BinanceSpot, HasTheVendorsRoutesPermissionsAndWeights) {
  const Profile profile = shipped("binance-spot");

  for (const RouteCase& row : kBinanceRoutes) {
    const std::size_t blank = row.name.find(' ');
    const Route* route = profile.find(row.name.substr(0, blank), row.name.substr(blank + 1));
    ASSERT_NE(route, nullptr) << row.name;
    EXPECT_EQ(permission_of(profile, *route), row.permission) << row.name;
    EXPECT_EQ(weight_of(*route, row.query, ""), row.weight) << row.name << "?" << row.query;
  }
}

std::string list_of(std::size_t symbols) {
  std::string list = "symbols=A";
  for (std::size_t i = 1; i < symbols; ++i) {
    list += "%2CA";
  }
  return list;
}

TEST(BinanceSpot, TheTickersWeightGrowsWithTheSymbolsListed) {
  const Profile profile = shipped("binance-spot");
  const Route& route = *profile.find(Method::kGet, "/api/v3/ticker/24hr");

  EXPECT_EQ(weight_of(route, list_of(20), ""), 2U);
  EXPECT_EQ(weight_of(route, list_of(21), ""), 40U);
  EXPECT_EQ(weight_of(route, list_of(100), ""), 40U);
  EXPECT_EQ(weight_of(route, list_of(101), ""), 80U);
}

// "Since 2026-04-02 order placing, cancelling and cancel-replace weigh 0 when they succeed".
TEST(BinanceSpot, OrderCallsWeighNothingWhenTheySucceedAndMayNotBeReplayed) {
  const Profile profile = shipped("binance-spot");
  std::set<std::string> free_of_weight;
  std::set<std::string> counted;

  for (const Route& route : profile.routes()) {
    if (route.on_success_weight) {
      EXPECT_EQ(*route.on_success_weight, 0U);
      const bool is_cancel = route.name.starts_with("DELETE");
      EXPECT_EQ(route.effect, is_cancel ? Effect::kCancel : Effect::kOrder) << route.name;
      EXPECT_EQ(route.symbol_parameter, "symbol") << route.name;
      free_of_weight.insert(route.name);
    }
    if (route.orders > 0) {
      counted.insert(route.name);
    }
  }

  EXPECT_EQ(free_of_weight, (std::set<std::string>{"POST /api/v3/order", "DELETE /api/v3/order",
                                                   "DELETE /api/v3/openOrders",
                                                   "POST /api/v3/order/cancelReplace"}));
  EXPECT_EQ(counted,
            (std::set<std::string>{"POST /api/v3/order", "POST /api/v3/order/cancelReplace"}));
}

TEST(BinanceSpot, HasThePermissionsOfTheVendorInItsThreeVocabularies) {
  struct Row {
    std::string_view name;
    std::string_view restriction;
    std::string_view sub_account_field;
  };
  constexpr Row kRows[] = {
      {"USER_DATA", "enableReading", ""},
      {"USER_STREAM", "enableReading", ""},
      {"TRADE", "enableSpotAndMarginTrading", "canTrade"},
      {"MARGIN", "enableMargin", "canMarginLoanRepay"},
      {"FUTURES", "enableFutures", "canFuturesTrade"},
      {"OPTIONS", "enableVanillaOptions", "canVanillaOptions"},
      {"PORTFOLIO_MARGIN", "enablePortfolioMarginTrading", ""},
      {"UNIVERSAL_TRANSFER", "permitsUniversalTransfer", "canUniversalTransfer"},
      {"INTERNAL_TRANSFER", "enableInternalTransfer", ""},
      {"WITHDRAW", "enableWithdrawals", ""},
      {"FIX_API", "enableFixApiTrade", "canFixApiTrading"},
      {"FIX_API_READ_ONLY", "enableFixReadOnly", "canFixApiReading"},
  };
  const Profile profile = shipped("binance-spot");
  ASSERT_EQ(profile.permission_rules().size(), std::size(kRows) + 5);

  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const PermissionRule& rule = profile.permission_rules()[i];
    EXPECT_EQ(rule.name, kRows[i].name);
    EXPECT_EQ(rule.api_restrictions, (std::vector<std::string>{std::string(kRows[i].restriction)}));
    EXPECT_EQ(rule.sub_account_field, kRows[i].sub_account_field);
  }
}

// Ours alone: no SDK knows a word for it, so none is sent.
TEST(BinanceSpot, ManagingKeysIsAPermissionOfItsOwn) {
  const Profile profile = shipped("binance-spot");
  const PermissionRule& rule = profile.permission_rules()[12];

  EXPECT_EQ(rule.name, "MANAGE_KEYS");
  EXPECT_TRUE(rule.api_restrictions.empty());
  EXPECT_EQ(profile.permissions().to_text(profile.permissions_managing_keys()), "MANAGE_KEYS");
  EXPECT_EQ(profile.permissions().to_text(profile.permissions_always_needing_allow_list()),
            "WITHDRAW,MANAGE_KEYS,MANAGEMENT_AUDITOR,MANAGEMENT_OPERATOR");
  for (const char* const name :
       {"POST /sapi/v1/sub-account/subAccountApi", "POST /sapi/v2/sub-account/subAccountApi",
        "GET /sapi/v1/sub-account/subAccountApi", "DELETE /sapi/v1/sub-account/subAccountApi",
        "POST /sapi/v1/sub-account/subAccountApiPermission",
        "POST /sapi/v2/sub-account/subAccountApi/ipRestriction",
        "GET /sapi/v1/sub-account/subAccountApi/ipRestriction",
        "DELETE /sapi/v1/sub-account/subAccountApi/ipRestriction/ipList"}) {
    const std::string_view row(name);
    const std::size_t blank = row.find(' ');
    const Route* const route = profile.find(row.substr(0, blank), row.substr(blank + 1));
    ASSERT_NE(route, nullptr) << name;
    EXPECT_EQ(route->account_weight, 3000U) << name;
    EXPECT_EQ(permission_of(profile, *route), "MANAGE_KEYS") << name;
  }
}

// No route takes one of them: a key for automation alone cannot trade.
TEST(BinanceSpot, FourPermissionsOpenTheManagementApiAndNoRoute) {
  const Profile profile = shipped("binance-spot");
  const PermissionSet opening = profile.management_permissions().opening;

  EXPECT_EQ(profile.permissions().to_text(opening),
            "MANAGEMENT_READ,MANAGEMENT,MANAGEMENT_AUDITOR,MANAGEMENT_OPERATOR");
  EXPECT_EQ(profile.management_scope(opening), ManagementScope::kManageAll);
  EXPECT_EQ(profile.management_scope(profile.permissions().parse("TRADE,MANAGEMENT").value()),
            ManagementScope::kManageOwn);
  EXPECT_EQ(profile.management_scope(profile.default_permissions()), ManagementScope::kNone);
  for (const Route& route : profile.routes()) {
    EXPECT_FALSE(route.permissions.intersects(opening)) << route.name;
  }
}

// The answer of GET /sapi/v1/account/apiRestrictions, less ipRestrict and createTime.
TEST(BinanceSpot, TellsEveryFieldOfApiRestrictions) {
  const Profile profile = shipped("binance-spot");
  std::set<std::string> fields;
  for (const ApiRestrictionField& field : profile.api_restriction_fields()) {
    fields.insert(field.name);
  }

  EXPECT_EQ(fields,
            (std::set<std::string>{"enableReading", "enableWithdrawals", "enableInternalTransfer",
                                   "enableMargin", "enableFutures", "permitsUniversalTransfer",
                                   "enableVanillaOptions", "enableFixApiTrade", "enableFixReadOnly",
                                   "enableSpotAndMarginTrading", "enablePortfolioMarginTrading"}));
}

// New keys read and nothing else; whatever moves money needs an allow-list.
TEST(BinanceSpot, ANewKeyReadsAndMoneyIsBoundToAddresses) {
  const Profile profile = shipped("binance-spot");

  EXPECT_EQ(profile.permissions().to_text(profile.default_permissions()), "USER_DATA");
  EXPECT_EQ(profile.permissions().to_text(profile.permissions_needing_allow_list()),
            "TRADE,MARGIN,FUTURES,OPTIONS,PORTFOLIO_MARGIN,UNIVERSAL_TRANSFER,INTERNAL_TRANSFER,"
            "WITHDRAW,FIX_API,MANAGE_KEYS,MANAGEMENT,MANAGEMENT_AUDITOR,MANAGEMENT_OPERATOR");
}

struct AnswerCase {
  Reason reason;
  int status;
  int code;
  std::string_view text;
};

// Codes and texts are the vendor's own, to the letter: SDKs compare them.
constexpr AnswerCase kBinanceAnswers[] = {
    {Reason::kApiKeyMissing, 401, -2014, "API-key format invalid."},
    {Reason::kApiKeyMalformed, 401, -2014, "API-key format invalid."},
    {Reason::kApiKeyRepeated, 400, -2014, "API-key format invalid."},
    {Reason::kApiKeyChecksum, 401, -2014, "API-key format invalid."},
    {Reason::kSignatureMissing, 400, -1102,
     "Mandatory parameter 'signature' was not sent, was empty/null, or malformed."},
    {Reason::kTimestampMissing, 400, -1102,
     "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."},
    {Reason::kReservedParameterRepeated, 400, -1101, "Duplicate values for a parameter detected."},
    {Reason::kParameterRepeated, 400, -1101, "Duplicate values for a parameter detected."},
    {Reason::kTooManyParameters, 400, -1101, "Too many parameters sent for this endpoint."},
    {Reason::kParameterMalformed, 400, -1100, "Illegal characters found in a parameter."},
    {Reason::kTimestampMalformed, 400, -1100,
     "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'."},
    {Reason::kRecvWindowTooLarge, 400, -1131, "recvWindow must be less than 60000"},
    {Reason::kRecvWindowPrecision, 400, -1111, "Parameter 'recvWindow' has too much precision."},
    {Reason::kRecvWindowMalformed, 400, -1130,
     "Data sent for parameter 'recvWindow' is not valid."},
    {Reason::kTimestampAhead, 400, -1021,
     "Timestamp for this request was 1000ms ahead of the server's time."},
    {Reason::kTimestampLate, 400, -1021,
     "Timestamp for this request is outside of the recvWindow."},
    {Reason::kTimestampImplausible, 400, -1021,
     "Timestamp for this request is outside of the recvWindow."},
    {Reason::kSignatureWrong, 400, -1022, "Signature for this request is not valid."},
    {Reason::kSignatureMalformed, 400, -1022, "Signature for this request is not valid."},
    {Reason::kPayloadNotAscii, 400, -1022, "Signature for this request is not valid."},
    {Reason::kReplayed, 400, -1021,
     "This signed request was already received; sign each attempt anew."},
    {Reason::kUpstreamTimeout, 504, -1007,
     "Timeout waiting for response from backend server. Send status unknown; execution status "
     "unknown."},
    {Reason::kUpstreamUnreachable, 502, -1001,
     "Internal error; unable to process your request. Please try again."},
    {Reason::kUpstreamOut, 503, -1001,
     "Internal error; unable to process your request. Please try again."},
    {Reason::kParameterMissing, 400, -1102,
     "Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed."},
    {Reason::kParameterInvalid, 400, -1130, "Data sent for parameter '{parameter}' is not valid."},
    {Reason::kParameterNotExpected, 400, -1106, "Parameter '{parameter}' sent when not required."},
    {Reason::kSubAccountKeyUnknown, 400, -2008, "Invalid Api-Key ID."},
    {Reason::kOperationUnsupported, 400, -9000, "Unsupported operation"},
    {Reason::kCallNotNamed, 400, -1102,
     "Mandatory parameter 'call' was not sent, was empty/null, or malformed."},
    {Reason::kRoleNotHeld, 401, -2015, "Invalid API-key, IP, or permissions for action."},
    {Reason::kPublicKeyInvalid, 400, -4057, "Invalid api public key"},
    {Reason::kAddressNotListed, 400, -1005, "No such IP has been white listed"},
    {Reason::kOverloaded, 503, -1008,
     "Server is currently overloaded with other requests. Please try again in a few minutes."},
};

TEST(BinanceSpot, AnswersWithTheVendorsCodesAndTexts) {
  const Profile profile = shipped("binance-spot");

  for (const AnswerCase& row : kBinanceAnswers) {
    const Answer& answer = profile.answer(row.reason);
    EXPECT_EQ(answer.status, row.status) << describe(row.reason).name;
    EXPECT_EQ(answer.code, row.code) << describe(row.reason).name;
    EXPECT_EQ(answer.text, row.text) << describe(row.reason).name;
  }
}

// "-2015 has one text for four causes": a caller must not learn which.
TEST(BinanceSpot, UnknownRevokedSuspendedExpiredAndForbiddenLookAlike) {
  const Profile profile = shipped("binance-spot");
  const Answer& unknown = profile.answer(Reason::kApiKeyUnknown);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.body,
            R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})");

  for (const Reason reason :
       {Reason::kApiKeyRevoked, Reason::kApiKeySuspended, Reason::kApiKeyExpired,
        Reason::kAccountSuspended, Reason::kAddressNotAllowed, Reason::kPermissionMissing,
        Reason::kSymbolNotAllowed, Reason::kPermissionBeyondMaker}) {
    const Answer& answer = profile.answer(reason);
    EXPECT_EQ(answer.status, unknown.status) << describe(reason).name;
    EXPECT_EQ(answer.body, unknown.body) << describe(reason).name;
  }
}

TEST(BinanceSpot, NoReasonIsLeftToItsDefaultAnswer) {
  const Profile profile = shipped("binance-spot");
  const Answers defaults = Answers::with_defaults(AnswerFormat::kBinance);

  for (const ReasonRow& row : kReasons) {
    EXPECT_FALSE(profile.answer(row.reason) == defaults.answer(row.reason)) << row.name;
  }
}

TEST(BinanceSpot, FillsInTheTextsOfLimits) {
  const Profile profile = shipped("binance-spot");
  const AnswerContext context{.retry_after = std::chrono::seconds(7),
                              .limit = 6000,
                              .interval = "1 MINUTE",
                              .banned_until = from_unix_ms(1'700'000'000'123)};

  EXPECT_EQ(profile.answers().render_text(Reason::kAddressOverBudget, context),
            "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
            "Please use WebSocket Streams for live updates to avoid polling the API.");
  EXPECT_EQ(profile.answers().render_text(Reason::kAddressBanned, context),
            "Way too much request weight used; IP banned until 1700000000123. Please use WebSocket "
            "Streams for live updates to avoid bans.");
  EXPECT_EQ(profile.answers().render_text(Reason::kAccountOverOrders, context),
            "Too many new orders; current limit is 6000 orders per 1 MINUTE.");
  EXPECT_EQ(profile.answer(Reason::kAddressOverBudget).status, 429);
  EXPECT_EQ(profile.answer(Reason::kAddressBanned).status, 418);
  EXPECT_EQ(profile.answer(Reason::kAccountOverOrders).code, -1015);
}

TEST(BinanceSpot, CountsWhatTheVendorCounts) {
  const Profile profile = shipped("binance-spot");
  struct Row {
    LimitType type;
    LimitOwner owner;
    std::string_view interval;
    std::uint32_t limit;
  };
  constexpr Row kRows[] = {
      {LimitType::kRequestWeight, LimitOwner::kAddress, "1 MINUTE", 6000},
      {LimitType::kRawRequests, LimitOwner::kAddress, "5 MINUTE", 300'000},
      {LimitType::kOrders, LimitOwner::kAccount, "10 SECOND", 50},
      {LimitType::kOrders, LimitOwner::kAccount, "1 DAY", 160'000},
      {LimitType::kAccountWeight, LimitOwner::kAccount, "1 MINUTE", 180'000},
  };
  ASSERT_EQ(profile.limits().rules.size(), std::size(kRows));

  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const LimitRule& rule = profile.limits().rules[i];
    EXPECT_EQ(rule.type, kRows[i].type);
    EXPECT_EQ(rule.owner, kRows[i].owner);
    EXPECT_EQ(rule.interval_text(), kRows[i].interval);
    EXPECT_EQ(rule.limit, kRows[i].limit);
  }
  EXPECT_EQ(profile.limits().ban.first, std::chrono::minutes(2));
  EXPECT_EQ(profile.limits().ban.longest, std::chrono::hours(72));
}

std::vector<std::string> headers_of(const Profile& profile, std::string_view path, Method method) {
  std::vector<std::string> names;
  for (const UsageHeader& header : profile.find(method, path)->usage_headers) {
    names.push_back(header.name);
  }
  return names;
}

TEST(BinanceSpot, SendsTheVendorsUsageHeaders) {
  const Profile profile = shipped("binance-spot");

  EXPECT_EQ(headers_of(profile, "/api/v3/time", Method::kGet),
            (std::vector<std::string>{"X-MBX-USED-WEIGHT-1M", "X-MBX-USED-WEIGHT"}));
  EXPECT_EQ(headers_of(profile, "/api/v3/order", Method::kPost),
            (std::vector<std::string>{"X-MBX-USED-WEIGHT-1M", "X-MBX-USED-WEIGHT",
                                      "X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1D"}));
  EXPECT_EQ(headers_of(profile, "/sapi/v1/system/status", Method::kGet),
            (std::vector<std::string>{"X-SAPI-USED-IP-WEIGHT-1M"}));
  EXPECT_EQ(headers_of(profile, "/sapi/v1/sub-account/subAccountApi", Method::kGet),
            (std::vector<std::string>{"X-SAPI-USED-IP-WEIGHT-1M", "X-SAPI-USED-UID-WEIGHT-1M"}));
}

}  // namespace
}  // namespace counterfoil
