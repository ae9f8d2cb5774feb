#include "wire/pasted/pasted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace counterfoil::pasted {
namespace {

// The only request of a text; a request without form and with the fault as its body when there is
// none or several.
Request only(std::string_view text) {
  const auto requests = read_pasted(text);
  Request none;
  if (!requests) {
    none.body = requests.error();
    return none;
  }
  EXPECT_EQ(requests->size(), 1);
  return requests->front();
}

std::string header(const Request& request, std::string_view name) {
  const auto found = std::ranges::find(request.headers, name,
                                       [](const auto& one) { return std::string_view(one.first); });
  return found == request.headers.end() ? "(none)" : found->second;
}

struct CurlCase {
  std::string_view text;
  std::string_view method;
  std::string_view target;
  std::string_view body;
  std::size_t doubts = 0;
};

class PastedCurl : public testing::TestWithParam<CurlCase> {};

TEST_P(PastedCurl, IsReadAsCurlSendsIt) {
  const Request request = only(GetParam().text);
  EXPECT_EQ(request.form, Form::kCurl);
  EXPECT_EQ(request.method, GetParam().method);
  EXPECT_EQ(request.path + (request.query.empty() ? "" : "?" + request.query), GetParam().target);
  EXPECT_EQ(request.body, GetParam().body);
  EXPECT_EQ(request.doubts.size(), GetParam().doubts);
}

INSTANTIATE_TEST_SUITE_P(
    All, PastedCurl,
    testing::Values(CurlCase{"curl 'https://h/api?a=1&b=2'", "GET", "/api?a=1&b=2", ""},
                    CurlCase{"$ curl -sS -H 'X-MBX-APIKEY: k' \"https://h/api?a=1\" | jq .", "GET",
                             "/api?a=1", ""},
                    CurlCase{"curl -X POST h:80/o -d 'a=1' -d b=2", "POST", "/o", "a=1&b=2"},
                    CurlCase{"curl -XPOST -da=1 h/o", "POST", "/o", "a=1"},
                    CurlCase{"curl --data-raw '@a' https://h", "POST", "/", "@a"},
                    CurlCase{"curl -G -d a=1 --data-urlencode 'b=x y+&' 'h/o?c=3'", "GET",
                             "/o?c=3&a=1&b=x+y%2B%26", ""},
                    CurlCase{"curl --data-urlencode =v --data-urlencode 'w w' h/o", "POST", "/o",
                             "v&w+w"},
                    CurlCase{"curl -d '' -d c=1 h/o", "POST", "/o", "&c=1"},
                    CurlCase{"curl --json '{\"a\":1}' h/o", "POST", "/o", "{\"a\":1}"},
                    CurlCase{"curl --data-bin a=1 h/o", "POST", "/o", "a=1"},
                    CurlCase{"curl -I h/o", "HEAD", "/o", ""},
                    CurlCase{"curl --request DELETE --url 'https://u:p@h/o?x=1#f' -o out.txt -m 5",
                             "DELETE", "/o?x=1", ""},
                    CurlCase{"TS=1 curl -sSX PUT h/o", "PUT", "/o", ""},
                    CurlCase{"curl -d @file h/o", "GET", "/o", "", 1},
                    CurlCase{"curl -d a=$TS h/o", "POST", "/o", "a=$TS", 1},
                    CurlCase{"curl h/o?a=1&b=2", "GET", "/o?a=1", "", 1},
                    CurlCase{"curl 'h/o?a=[1]'", "GET", "/o?a=[1]", "", 1},
                    CurlCase{"curl -g 'h/o?a=[1]'", "GET", "/o?a=[1]", ""},
                    CurlCase{"curl -F a=1 h/o", "POST", "/o", "a=1", 1},
                    CurlCase{"/usr/bin/curl -- h/o", "GET", "/o", ""},
                    CurlCase{"curl.exe ^\r\n  \"https://h/o?a=1^&b=2\"", "GET", "/o?a=1&b=2", ""}));

TEST(Pasted, CurlHeadersAreThoseThatCurlSends) {
  const Request request = only(
      "curl -H 'X-MBX-APIKEY:  abc ' -H 'Accept:' -H 'X-Empty;' -A agent -d a=1 "
      "https://host:8443/o");
  EXPECT_EQ(header(request, "X-MBX-APIKEY"), "abc");
  EXPECT_EQ(header(request, "Accept"), "(none)");
  EXPECT_EQ(header(request, "X-Empty"), "");
  EXPECT_EQ(header(request, "User-Agent"), "agent");
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.host, "host:8443");
  EXPECT_EQ(header(only("curl -H 'content-type: text/plain' -d a h/o"), "Content-Type"), "(none)");
}

TEST(Pasted, ManyCurlCommandsAreRequestsOfTheirLines) {
  const auto requests = read_pasted("export X=1\ncurl h/a h/b\n\ncurl -d x=1 \\\n  h/c\n");
  ASSERT_TRUE(requests);
  ASSERT_EQ(requests->size(), 3);
  EXPECT_EQ((*requests)[0].path, "/a");
  EXPECT_EQ((*requests)[1].path, "/b");
  EXPECT_EQ((*requests)[1].line, 2);
  EXPECT_EQ((*requests)[2].line, 4);
}

TEST(Pasted, HttpWithItsAnswer) {
  const Request request = only(
      "POST /api/v3/order?a=1 HTTP/1.1\r\nHost: h\r\nX-MBX-APIKEY: k\r\nContent-Length: 4\r\n\r\n"
      "b=2\n\r\nHTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Content-Length: 63\r\n\r\n"
      "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}\n");
  EXPECT_EQ(request.form, Form::kHttp);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.host, "h");
  EXPECT_EQ(request.path, "/api/v3/order");
  EXPECT_EQ(request.query, "a=1");
  EXPECT_EQ(request.body, "b=2\n");  // its Content-Length says so
  EXPECT_TRUE(request.doubts.empty());
  ASSERT_TRUE(request.answer);
  EXPECT_EQ(request.answer->status, 400);
  EXPECT_EQ(request.answer->code, -1022);
  EXPECT_EQ(request.answer->text, "Signature for this request is not valid.");
  ASSERT_TRUE(request.answered_at);
  EXPECT_EQ(to_unix_ms(*request.answered_at), 784'111'777'000);
  EXPECT_FALSE(request.sent_at);
}

TEST(Pasted, HttpWithoutLengthEndsWithTheText) {
  const Request request = only("POST /o HTTP/1.1\nHost: h\n\na=1&b=2\n");
  EXPECT_EQ(request.body, "a=1&b=2");
  EXPECT_EQ(request.doubts.size(), 1);
}

TEST(Pasted, HttpWithMoreLengthThanTextKeepsWhatThereIs) {
  const Request request = only("POST /o HTTP/1.1\nContent-Length: 99\n\na=1");
  EXPECT_EQ(request.body, "a=1");
  EXPECT_EQ(header(request, "Content-Length"), "99");
}

TEST(Pasted, SeveralHttpMessages) {
  const auto requests = read_pasted(
      "GET /a?x=1 HTTP/1.1\nHost: h\n\nHTTP/1.1 200 OK\n\n{}\nDELETE /b HTTP/1.1\nHost: h\n\n");
  ASSERT_TRUE(requests);
  ASSERT_EQ(requests->size(), 2);
  EXPECT_EQ((*requests)[0].answer->status, 200);
  EXPECT_EQ((*requests)[1].method, "DELETE");
  EXPECT_EQ((*requests)[1].line, 7);
  EXPECT_FALSE((*requests)[1].answer);
}

TEST(Pasted, TraceOfCurl) {
  const Request request = only(
      "*   Trying 127.0.0.1:80...\n> GET /api/v3/account?timestamp=1&signature=2 HTTP/1.1\n"
      "> Host: h\n> X-MBX-APIKEY: k\n> \n* remark\n< HTTP/1.1 401 Unauthorized\n"
      "< Content-Length: 10\n< \n{\"code\":-2015,\"msg\":\"Invalid\"}* Connection left\n");
  EXPECT_EQ(request.query, "timestamp=1&signature=2");
  EXPECT_EQ(header(request, "X-MBX-APIKEY"), "k");
  EXPECT_EQ(request.body, "");
  ASSERT_TRUE(request.answer);
  EXPECT_EQ(request.answer->status, 401);
  EXPECT_TRUE(request.doubts.empty());
}

TEST(Pasted, ArchiveShowsSignedRequestsOnly) {
  const auto requests = read_pasted(R"({"log": {"version": "1.2", "entries": [
    {"startedDateTime": "2026-01-02T03:04:05.678+01:00",
     "request": {"method": "GET", "url": "https://h/picture.png", "headers": []}},
    {"startedDateTime": "2026-01-02T03:04:05.678+01:00",
     "request": {"method": "POST", "url": "https://h/api/v3/order?symbol=%C3%A9",
                 "headers": [{"name": "x-mbx-apikey", "value": "k"}],
                 "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&signature=s"}},
     "response": {"status": 400, "headers": [{"name": "date", "value": "Fri, 02 Jan 2026 02:04:06 GMT"}],
                  "content": {"text": "{\"code\":-1021,\"msg\":\"late\"}"}}},
    {"startedDateTime": "2026-01-02T02:04:05Z",
     "request": {"method": "POST", "url": "https://h/o", "postData": {"params": [
        {"name": "a", "value": "1"}, {"name": "signature", "value": "s"}]}},
     "response": {"status": 0}},
    {"startedDateTime": "x", "request": {"method": "GET", "url": "wss://h/ws"},
     "_webSocketMessages": [
       {"type": "send", "time": 1767319445.5, "data": "{\"method\":\"a\",\"params\":{\"signature\":\"s\"}}"},
       {"type": "send", "time": 1, "data": "ping"},
       {"type": "receive", "time": 1, "data": "{\"signature\":1}"}]}
  ]}})");
  ASSERT_TRUE(requests) << requests.error();
  ASSERT_EQ(requests->size(), 3);
  const Request& order = (*requests)[0];
  EXPECT_EQ(order.form, Form::kHar);
  EXPECT_EQ(order.line, 4);
  EXPECT_EQ(order.query, "symbol=%C3%A9");
  EXPECT_EQ(order.body, "a=1&signature=s");
  EXPECT_EQ(order.answer->code, -1021);
  ASSERT_TRUE(order.sent_at);
  EXPECT_EQ(to_unix_ms(*order.sent_at), 1'767'319'445'678);
  ASSERT_TRUE(order.answered_at);
  EXPECT_EQ(to_unix_ms(*order.answered_at), 1'767'319'446'000);
  EXPECT_EQ((*requests)[1].body, "a=1&signature=s");
  EXPECT_EQ((*requests)[1].doubts.size(), 1);
  EXPECT_FALSE((*requests)[1].answer);
  const Request& frame = (*requests)[2];
  EXPECT_EQ(frame.form, Form::kWebSocketFrame);
  EXPECT_EQ(frame.message, R"({"method":"a","params":{"signature":"s"}})");
  EXPECT_EQ(to_unix_ms(*frame.sent_at), 1'767'319'445'500);
}

TEST(Pasted, ArchiveThatIsCutSaysSo) {
  const auto requests = read_pasted(R"({"log": {"entries": [{"request": )");
  ASSERT_FALSE(requests);
  EXPECT_TRUE(requests.error().contains("HTTP archive"));
}

TEST(Pasted, UrlsPathsAndParameters) {
  const Request url = only("  https://h:1/api/v3/account?a=1&signature=s#top\n");
  EXPECT_EQ(url.form, Form::kUrl);
  EXPECT_EQ(url.host, "h:1");
  EXPECT_EQ(url.path, "/api/v3/account");
  EXPECT_EQ(url.query, "a=1&signature=s");
  EXPECT_EQ(only("/o?u=http://x").path, "/o");
  EXPECT_EQ(only("/o?u=http://x").query, "u=http://x");
  EXPECT_EQ(only("?a=1&b=2").query, "a=1&b=2");
  EXPECT_EQ(only("a=1&b=2").form, Form::kQuery);
  EXPECT_EQ(only("note=a \"b\"&signature=s").query, "note=a \"b\"&signature=s");
  EXPECT_EQ(only("symbols=[\"A\"]&signature=s").form, Form::kQuery);
  EXPECT_EQ(only("\xef\xbb\xbf"
                 "a=1")
                .query,
            "a=1");
}

TEST(Pasted, AccessLog) {
  const Request request = only(
      "203.0.113.9 - - [26/Nov/2026:19:00:00 +0000] \"POST /api/v3/order?a=1&signature=ab%2B "
      "HTTP/1.1\" "
      "400 52 \"-\" \"python-requests/2.31\"\n"
      "203.0.113.9 - - [26/Nov/2026:19:00:01 +0000] \"GET /favicon.ico HTTP/1.1\" 404 0\n");
  EXPECT_EQ(request.form, Form::kLogLine);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/api/v3/order");
  EXPECT_EQ(request.query, "a=1&signature=ab%2B");
  EXPECT_EQ(request.doubts.size(), 1);
}

TEST(Pasted, LogOfAPythonClient) {
  const Request request = only(
      "2026-01-02T03:04:05.678Z DEBUG urllib3.connectionpool https://api.example:443 \"GET "
      "/api/v3/account?timestamp=1&signature=2 HTTP/1.1\" 400 52\n");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.host, "api.example:443");
  EXPECT_EQ(request.query, "timestamp=1&signature=2");
  EXPECT_EQ(to_unix_ms(*request.sent_at), 1'767'323'045'678);
}

TEST(Pasted, LogOfANodeClient) {
  const Request request = only(
      "fetch Request:\n binance POST https://api.example/api/v3/order \nRequestHeaders:\n"
      " { 'X-MBX-APIKEY': 'abcDEF',\n   'Content-Type': 'application/x-www-form-urlencoded' } \n"
      "RequestBody:\n symbol=A&timestamp=1&signature=ab \n\n"
      "handleRestResponse: {\"code\":-1022,\"msg\":\"Signature\"}\n");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.line, 2);
  EXPECT_EQ(request.host, "api.example");
  EXPECT_EQ(header(request, "X-MBX-APIKEY"), "abcDEF");
  EXPECT_EQ(request.body, "symbol=A&timestamp=1&signature=ab");
  EXPECT_EQ(request.answer->code, -1022);
}

TEST(Pasted, LogLineWithSentenceAroundTheUrl) {
  const Request request = only("sending (GET https://h/o?timestamp=1&signature=ab), body none");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.query, "timestamp=1&signature=ab");
}

TEST(Pasted, WebSocketFrames) {
  const auto requests = read_pasted(
      "12:00 send "
      "{\"id\":1,\"method\":\"order.place\",\"params\":{\"a\":\"}\",\"signature\":\"s\"}}\n"
      "12:00 got {\"id\":1,\"status\":400}\n"
      "{\n  \"method\": \"session.logon\",\n  \"params\": {\"signature\": \"t\"}\n}\n");
  ASSERT_TRUE(requests) << requests.error();
  ASSERT_EQ(requests->size(), 2);
  EXPECT_EQ((*requests)[0].form, Form::kWebSocketFrame);
  EXPECT_EQ((*requests)[0].message,
            "{\"id\":1,\"method\":\"order.place\",\"params\":{\"a\":\"}\",\"signature\":\"s\"}}");
  EXPECT_EQ((*requests)[1].line, 3);
  EXPECT_TRUE((*requests)[1].message.ends_with("}\n}"));
}

TEST(Pasted, FixMessagesInEverySpelling) {
  const std::string plain =
      "8=FIX.4.4\x01"
      "9=5\x01"
      "35=A\x01"
      "49=me\x01"
      "96=ab+/==\x01"
      "10=001\x01";
  for (const std::string_view shown : {"\x01", "|", "^A", "<SOH>", "[SOH]", "\\x01", "\\u0001",
                                       "\\001", "\xe2\x90\x81", ";", " "}) {
    std::string text;
    for (const char c : plain) {
      text += c == '\x01' ? std::string(shown) : std::string(1, c);
    }
    const Request request = only("20260102-03:04:05.678 : out: " + text + "\n");
    EXPECT_EQ(request.form, Form::kFixMessage) << shown;
    EXPECT_EQ(request.message, plain) << shown;
    EXPECT_EQ(request.doubts.size(), shown == "\x01" ? 0 : 1) << shown;
  }
}

TEST(Pasted, OfFixMessagesOnlyLogonsAreSigned) {
  const auto requests =
      read_pasted("8=FIX.4.4|9=5|35=0|49=me|10=001|\n8=FIX.4.4|9=5|35=A|49=me|10=001|\n");
  ASSERT_TRUE(requests);
  ASSERT_EQ(requests->size(), 1);
  EXPECT_EQ(requests->front().line, 2);
}

TEST(Pasted, NothingInATextIsSaidWithoutItsBytes) {
  for (const std::string_view text :
       {"", " \n", "hello, why is my zq7 refused?", "{\"zq7\":1}", "curl --version zq7",
        "GET /picture.png zq7", "-----BEGIN zq7-----"}) {
    const auto requests = read_pasted(text);
    if (requests) {
      EXPECT_EQ(text, "curl --version zq7");  // its last word is a URL to curl
      continue;
    }
    EXPECT_FALSE(requests.error().contains("zq7"));
    EXPECT_TRUE(requests.error().contains("curl command"));
  }
}

TEST(Pasted, TextIsLimited) {
  std::string text = "a=1";
  text.resize(kTextBytesMax, '\n');
  EXPECT_TRUE(read_pasted(text));
  text += '\n';
  EXPECT_FALSE(read_pasted(text));
}

TEST(Pasted, ARequestIsLimited) {
  const std::string text = "a=" + std::string(kRequestBytesMax - 2, 'x');
  EXPECT_TRUE(read_pasted(text));
  EXPECT_FALSE(read_pasted(text + "x"));
}

TEST(Pasted, RequestsAreLimited) {
  std::string text;
  for (std::size_t i = 0; i < kRequestsMax; ++i) {
    text += "curl h/o\n";
  }
  EXPECT_EQ(read_pasted(text)->size(), kRequestsMax);
  const auto one_more = read_pasted(text + "curl h/o\n");
  ASSERT_FALSE(one_more);
  EXPECT_TRUE(one_more.error().contains("line 1001"));
}

TEST(Pasted, HeadersAreLimited) {
  std::string text = "GET /o HTTP/1.1\n";
  for (std::size_t i = 0; i < kHeadersMax; ++i) {
    text += "a: b\n";
  }
  EXPECT_EQ(read_pasted(text + "\n")->front().headers.size(), kHeadersMax);
  EXPECT_FALSE(read_pasted(text + "a: b\n\n"));
}

TEST(Pasted, InstantsNeedAZone) {
  for (const auto& [time, is_instant] :
       std::vector<std::pair<std::string, bool>>{{"2026-01-02T03:04:05Z", true},
                                                 {"2026-01-02 03:04:05,678+0100", true},
                                                 {"2026-01-02T03:04:05.123456789Z", true},
                                                 {"2026-01-02T03:04:05", false},
                                                 {"2026-13-02T03:04:05Z", false},
                                                 {"2026-02-30T03:04:05Z", false},
                                                 {"2026-01-02T33:04:05Z", false}}) {
    const Request request = only(time + " GET http://h/o?signature=1");
    EXPECT_EQ(request.sent_at.has_value(), is_instant) << time;
  }
}

}  // namespace
}  // namespace counterfoil::pasted
