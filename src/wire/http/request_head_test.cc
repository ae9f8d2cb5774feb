#include "wire/http/request_head.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http/body_framing.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/test_connection.h"

namespace counterfoil::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// accepted reads one request that has to pass, in every way of cutting it.
ReceivedRequest accepted(std::string_view stream) {
  const Reception reception = receive(stream);
  if (reception.refusal || reception.requests.size() != 1) {
    ADD_FAILURE() << "not one request: "
                  << (reception.refusal ? describe(reception.refusal->kind).name : "no refusal");
    return {};
  }
  EXPECT_EQ(reception.consumed, stream.size());
  expect_same_however_cut(stream);
  return reception.requests.front();
}

TEST(RequestHead, TellsAllOfASignedOrder) {
  const ReceivedRequest request = accepted(
      "POST /api/v3/order?symbol=BTCUSDT&side=BUY&timestamp=1700000000000&signature=ab%2Bc "
      "HTTP/1.1\r\n"
      "Host: gw.test:8080\r\n"
      "User-Agent:binance-connector/1.0\r\n"
      "X-MBX-APIKEY: \tkey\t \r\n"
      "X-Empty:\r\n"
      "X-Latin: caf\xe9\tau lait\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 10\r\n\r\n"
      "quantity=1");

  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.target_form, TargetForm::kOrigin);
  EXPECT_EQ(request.path, "/api/v3/order");
  EXPECT_EQ(request.query, "symbol=BTCUSDT&side=BUY&timestamp=1700000000000&signature=ab%2Bc");
  EXPECT_EQ(request.target, request.path + "?" + request.query);
  EXPECT_EQ(request.host, "gw.test:8080");
  EXPECT_EQ(request.minor_version, 1);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_FALSE(request.expect_continue);
  EXPECT_FALSE(request.query_has_high_bytes);
  EXPECT_EQ(request.body, "quantity=1");
  EXPECT_EQ(request.fields, (Fields{{"Host", "gw.test:8080"},
                                    {"User-Agent", "binance-connector/1.0"},
                                    {"X-MBX-APIKEY", "key"},
                                    {"X-Empty", ""},
                                    {"X-Latin", "caf\xe9\tau lait"},
                                    {"Content-Type", "application/x-www-form-urlencoded"},
                                    {"Content-Length", "10"}}));
}

TEST(RequestHead, ServesTheseMethodsAndNoOthers) {
  for (const std::string_view name : kMethodNames) {
    const ReceivedRequest request =
        accepted(std::string(name) + " / HTTP/1.1\r\nHost: gw.test\r\n\r\n");

    EXPECT_EQ(method_name(request.method), name);
  }
  EXPECT_EQ(method_from("get"), std::nullopt);
  EXPECT_EQ(method_from(""), std::nullopt);
  EXPECT_EQ(method_from("GETGET"), std::nullopt);
}

struct TargetCase {
  std::string_view written;
  TargetForm form;
  std::string_view target;
  std::string_view path;
  std::string_view query;
};

TEST(RequestHead, SplitsTheTargetAndChangesNothingInIt) {
  // clang-format off
  constexpr TargetCase kCases[] = {
      {"/",                         TargetForm::kOrigin,   "/", "/", ""},
      {"/a/",                       TargetForm::kOrigin,   "/a/", "/a/", ""},
      {"/a?",                       TargetForm::kOrigin,   "/a?", "/a", ""},
      {"/a?b?c=/d",                 TargetForm::kOrigin,   "/a?b?c=/d", "/a", "b?c=/d"},
      {"/a.b/...c/.d/e..",          TargetForm::kOrigin,   "/a.b/...c/.d/e..", "/a.b/...c/.d/e..", ""},
      {"/%C3%A9/%41%25",            TargetForm::kOrigin,   "/%C3%A9/%41%25", "/%C3%A9/%41%25", ""},
      {"/a:@!$&'()*+,=-_~",         TargetForm::kOrigin,   "/a:@!$&'()*+,=-_~", "/a:@!$&'()*+,=-_~", ""},
      {"/a?x=%zz&y=%2f..//;&z=%",   TargetForm::kOrigin,   "/a?x=%zz&y=%2f..//;&z=%", "/a", "x=%zz&y=%2f..//;&z=%"},
      {"/a?s=[\"B\"]{}|^`<>",       TargetForm::kOrigin,   "/a?s=[\"B\"]{}|^`<>", "/a", "s=[\"B\"]{}|^`<>"},
      {"http://gw.test/a?b",        TargetForm::kAbsolute, "/a?b", "/a", "b"},
      {"HTTP://GW.test",            TargetForm::kAbsolute, "/", "/", ""},
      {"https://gw.test/",          TargetForm::kAbsolute, "/", "/", ""},
  };
  // clang-format on
  for (const TargetCase& row : kCases) {
    SCOPED_TRACE(row.written);
    const ReceivedRequest request =
        accepted("GET " + std::string(row.written) + " HTTP/1.1\r\nHost: gw.test\r\n\r\n");

    EXPECT_EQ(request.target_form, row.form);
    EXPECT_EQ(request.target, row.target);
    EXPECT_EQ(request.path, row.path);
    EXPECT_EQ(request.query, row.query);
  }
}

TEST(RequestHead, TellsAnEmptyQueryFromNone) {
  RequestHead head;

  ASSERT_TRUE(parse_request_head("GET /a? HTTP/1.1\r\nHost: a\r\n\r\n", {}, head));
  EXPECT_TRUE(head.has_query());
  EXPECT_EQ(head.query(), "");

  ASSERT_TRUE(parse_request_head("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", {}, head));
  EXPECT_FALSE(head.has_query());
}

TEST(RequestHead, TakesTheAsteriskFormOfOptions) {
  const ReceivedRequest request = accepted("OPTIONS * HTTP/1.1\r\nHost: gw.test\r\n\r\n");

  EXPECT_EQ(request.target_form, TargetForm::kAsterisk);
  EXPECT_EQ(request.target, "*");
  EXPECT_EQ(request.path, "*");
}

TEST(RequestHead, ReportsBrokenEscapesInAQuery) {
  const auto is_broken = [](const std::string& query) {
    return accepted("GET /a?" + query + " HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        .query_has_broken_escapes;
  };
  for (const std::string broken : {"%", "a=%", "%4", "a=%4", "%zz", "a=%4g", "a=%41%", "%%41"}) {
    EXPECT_TRUE(is_broken(broken)) << broken;
  }
  for (const std::string whole : {"", "a=1", "%41", "a=%aF", "a=%25", "%00%ff"}) {
    EXPECT_FALSE(is_broken(whole)) << whole;
  }
}

TEST(RequestHead, ReportsHighBytesInAQueryAtAnyPlace) {
  constexpr std::size_t kQueryBytes = 40;
  EXPECT_FALSE(
      accepted("GET /a?" + std::string(kQueryBytes, 'q') + " HTTP/1.1\r\nHost: gw.test\r\n\r\n")
          .query_has_high_bytes);
  for (std::size_t i = 0; i < kQueryBytes; ++i) {
    std::string query(kQueryBytes, 'q');
    query[i] = '\x80';

    const Reception reception = receive("GET /a?" + query + " HTTP/1.1\r\nHost: gw.test\r\n\r\n");

    ASSERT_EQ(reception.requests.size(), 1U);
    EXPECT_TRUE(reception.requests.front().query_has_high_bytes) << i;
    EXPECT_EQ(reception.requests.front().query, query);
  }
}

TEST(RequestHead, SkipsUpToTwoEmptyLinesBeforeTheRequest) {
  EXPECT_EQ(accepted("\r\nGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n").path, "/a");
  EXPECT_EQ(accepted("\r\n\r\nGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n").path, "/a");
}

// Controls S-31 and the row "header name with _" of the bad-input table.
TEST(RequestHead, DropsIdentityHeadersAndNamesWithUnderscores) {
  const ReceivedRequest request = accepted(
      "GET / HTTP/1.1\r\nHost: gw.test\r\n"
      "X-Counterfoil-Account: 1\r\n"
      "x-counterfoil-key: admin\r\n"
      "X-COUNTERFOIL-: x\r\n"
      "X-Counterfoil: kept\r\n"
      "X-Counterfoi-l: kept\r\n"
      "my_header: a\r\n"
      "_: a\r\n"
      "X-Note: kept\r\n\r\n");

  EXPECT_EQ(request.fields, (Fields{{"Host", "gw.test"},
                                    {"X-Counterfoil", "kept"},
                                    {"X-Counterfoi-l", "kept"},
                                    {"X-Note", "kept"}}));
}

TEST(RequestHead, RefusesUnderscoreSpellingsOfTheListenersOwnApiKeyNames) {
  static constexpr auto kNames = std::to_array<std::string_view>({"x-api-key", "x-weather-key"});
  RequestHead head(FieldRules{.api_key_names = kNames});

  const auto refused =
      parse_request_head("GET / HTTP/1.1\r\nHost: a\r\nX_Weather-Key: k\r\n\r\n", {}, head);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, RefusalKind::kFieldNameUnderscore);

  // Another listener's name is just a name.
  ASSERT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\nX_MBX_APIKEY: k\r\n\r\n", {}, head));
  EXPECT_EQ(head.fields().size(), 1U);
}

TEST(RequestHead, LeavesARepeatedApiKeyForTheDoorToCount) {
  RequestHead head;

  ASSERT_TRUE(parse_request_head(
      "GET / HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: one\r\nx-mbx-apikey: two\r\n\r\n", {}, head));

  EXPECT_EQ(head.count("X-MBX-ApiKey"), 2U);
  EXPECT_EQ(head.find("x-mbx-APIKEY"), "one");
  EXPECT_EQ(head.count("x-mbx-apike"), 0U);
  EXPECT_EQ(head.find("x-mbx-apike"), std::nullopt);
}

struct KeepAliveCase {
  std::string_view version;
  std::string_view lines;
  bool keep_alive;
};

TEST(RequestHead, KnowsWhetherTheConnectionGoesOn) {
  constexpr KeepAliveCase kCases[] = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: CLOSE\r\n", false},
      {"1.1", "Connection: keep-alive\r\n", true},
      {"1.1", "Connection: keep-alive, x-note ,\tclose\r\n", false},
      {"1.1", "Connection: upgrade\r\nConnection: close\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection:\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: keep-alive\r\n", true},
      {"1.0", "Connection: Keep-Alive\r\nConnection: close\r\n", false},
  };
  for (const KeepAliveCase& row : kCases) {
    SCOPED_TRACE(std::string(row.version) + " " + std::string(row.lines));
    const ReceivedRequest request =
        accepted("GET / HTTP/" + std::string(row.version) + "\r\nHost: gw.test\r\n" +
                 std::string(row.lines) + "\r\n");

    EXPECT_EQ(request.keep_alive, row.keep_alive);
  }
}

TEST(RequestHead, FindsConnectionOptionsInAllLines) {
  RequestHead head;

  ASSERT_TRUE(parse_request_head(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Note\r\nconnection: te\r\n"
      "Upgrade: websocket\r\n\r\n",
      {}, head));

  EXPECT_TRUE(head.has_connection_option("upgrade"));
  EXPECT_TRUE(head.has_connection_option("x-note"));
  EXPECT_TRUE(head.has_connection_option("TE"));
  EXPECT_FALSE(head.has_connection_option("close"));
  EXPECT_FALSE(head.has_connection_option("x-not"));
}

// RFC 9110 section 10.1.1
TEST(RequestHead, ExpectsContinueInHttp11Only) {
  EXPECT_TRUE(
      accepted("POST / HTTP/1.1\r\nHost: gw.test\r\nExpect: 100-Continue\r\n\r\n").expect_continue);
  EXPECT_FALSE(
      accepted("POST / HTTP/1.0\r\nHost: gw.test\r\nExpect: 100-continue\r\n\r\n").expect_continue);
}

TEST(RequestHead, FramesTheBody) {
  RequestHead head;
  constexpr std::string_view kStart = "POST / HTTP/1.1\r\nHost: a\r\n";
  const auto framing = [&head, kStart](std::string_view line) {
    const auto parsed =
        parse_request_head(std::string(kStart) + std::string(line) + "\r\n", {}, head);
    EXPECT_TRUE(parsed && *parsed);
    return head.body_framing();
  };

  EXPECT_EQ(framing(""), BodyFraming{});
  EXPECT_EQ(framing("Content-Length: 0\r\n"), (BodyFraming{BodyMode::kLength, 0}));
  EXPECT_EQ(framing("Content-Length:\t007 \r\n"), (BodyFraming{BodyMode::kLength, 7}));
  EXPECT_EQ(framing("Content-Length: 9223372036854775807\r\n"),
            (BodyFraming{BodyMode::kLength, 9223372036854775807ULL}));
  EXPECT_EQ(framing("Transfer-Encoding: chunked\r\n"), (BodyFraming{BodyMode::kChunked, 0}));
  EXPECT_EQ(framing("transfer-encoding: \t ChunkeD\t \r\n"), (BodyFraming{BodyMode::kChunked, 0}));
}

TEST(RequestHead, ConsumesNothingBehindItsEmptyLine) {
  RequestHead head;
  constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  const auto parsed =
      parse_request_head(std::string(kHead) + std::string("\r\n\0rest", 7), {}, head);

  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(**parsed, kHead.size());
}

TEST(RequestHead, ReadsPipelinedRequestsOneByOne) {
  constexpr std::string_view kStream =
      "GET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
      "POST /c HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 2\r\n\r\nhi"
      "\r\nHEAD /d HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\n\r\n";

  const Reception reception = receive(kStream);

  ASSERT_FALSE(reception.refusal.has_value());
  ASSERT_EQ(reception.requests.size(), 4U);
  EXPECT_EQ(reception.requests[0].path, "/a");
  EXPECT_EQ(reception.requests[1].body, "hello");
  EXPECT_EQ(reception.requests[2].body, "hi");
  EXPECT_EQ(reception.requests[3].method, Method::kHead);
  EXPECT_EQ(reception.consumed, kStream.size());
  expect_same_however_cut(kStream);
}

TEST(RequestHead, BadRequestBehindGoodOnesDoesNotUndoThem) {
  constexpr std::string_view kStream =
      "GET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n"
      "GET /b HTTP/1.1\nHost: gw.test\n\n";

  const Reception reception = receive(kStream);

  ASSERT_EQ(reception.requests.size(), 1U);
  ASSERT_TRUE(reception.refusal.has_value());
  EXPECT_EQ(reception.refusal->kind, RefusalKind::kBareLineFeed);
  expect_same_however_cut(kStream);
}

TEST(RequestHead, ForgetsAHalfReadHead) {
  RequestHead head;
  const auto half = parse_request_head("GET /a HTTP/1.1\r\nHost: a\r\nX-", {}, head);
  ASSERT_TRUE(half && !*half);

  head.clear();

  const auto parsed =
      parse_request_head("GET /longer/than/before HTTP/1.1\r\nHost: b\r\n\r\n", {}, head);
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(head.host(), "b");
}

// A caller that breaks the contract must not make the parser read what is not there.
TEST(RequestHead, StartsAnewWhenTheBufferShrank) {
  RequestHead head;
  const auto half =
      parse_request_head("GET /a HTTP/1.1\r\nHost: a\r\nX-Note: aaaaaaaaaaaaaaaaaaaaaa", {}, head);
  ASSERT_TRUE(half && !*half);

  const auto parsed = parse_request_head("GET /b HTTP/1.1\r\nHost: b\r\n\r\n", {}, head);

  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(head.path(), "/b");
}

TEST(RequestHead, KeepsIdentityHeadersOnlyWhereTheRulesSaySo) {
  constexpr std::string_view kText =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Counterfoil-CSRF: token\r\n\r\n";
  RequestHead dropping;
  ASSERT_TRUE(parse_request_head(kText, Limits{}, dropping).value().has_value());
  EXPECT_FALSE(dropping.find("x-counterfoil-csrf").has_value());
  RequestHead keeping({.identity = IdentityFields::kKept});
  ASSERT_TRUE(parse_request_head(kText, Limits{}, keeping).value().has_value());
  EXPECT_EQ(keeping.find("x-counterfoil-csrf"), "token");
}

}  // namespace
}  // namespace counterfoil::http
