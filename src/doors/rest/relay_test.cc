#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"

namespace counterfoil::rest_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: gw.test\r\n\r\n";

class Relay : public testing::Test {
 protected:
  void SetUp() override { gate_.start(); }
  void answer_with(const std::string& answer, Action::Then then = Action::Then::kGoOn) {
    gate_.upstream.set_script(
        [answer, then](const SeenRequest&) { return Action{.answer = answer, .then = then}; });
  }
  Gate gate_;
};

// --- What goes upstream

TEST_F(Relay, DropsWhatAClientSaysOfItselfAndOfItsConnection) {
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(
      "GET /api/v3/ping?a=%2F&b HTTP/1.1\r\nHost: gw.test\r\n"
      "X-Counterfoil-Account: 1\r\nx-counterfoil-key: admin\r\n"
      "X-MBX-APIKEY: whatever\r\nConnection: X-Named, keep-alive\r\nX-Named: 1\r\n"
      "Keep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: x\r\n"
      "HTTP2-Settings: x\r\nForwarded: for=1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\n"
      "X-Forwarded-Proto: https\r\nX-Real-IP: 1.2.3.4\r\nTrue-Client-IP: 1.2.3.4\r\n"
      "Cookie: a=1; __Host-counterfoil=secret; b=2\r\nUser-Agent: tester/1\r\n"
      "Accept-Encoding: gzip\r\n\r\n");

  EXPECT_EQ(answer.status, 200);
  const SeenRequest seen = gate_.upstream.seen().at(0);
  EXPECT_EQ(seen.head,
            "GET /api/v3/ping?a=%2F&b HTTP/1.1\r\nHost: " + gate_.upstream.url().substr(7) +
                "\r\nCookie: a=1; b=2\r\nUser-Agent: tester/1\r\n"
                "Accept-Encoding: gzip\r\nX-Forwarded-For: 127.0.0.1\r\n"
                "X-Counterfoil-Request-Id: " +
                answer.field("x-counterfoil-request-id") + "\r\n\r\n");
}

TEST_F(Relay, RefusesIdentityHeadersInDisguise) {
  for (const std::string spelling : {"X_Counterfoil_Account", "x-counterfoil_key"}) {
    TestClient client(gate_.port());
    EXPECT_EQ(
        client.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n" + spelling + ": 1\r\n\r\n").status,
        400);
  }
  TestClient trailing(gate_.port());
  EXPECT_EQ(trailing
                .call("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "0\r\nX-Counterfoil-Account: 1\r\n\r\n")
                .status,
            400);
  TestClient naming(gate_.port());
  const ClientAnswer answer = naming.call(
      "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nConnection: x-counterfoil-request-id\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(gate_.upstream.seen().size(), 1U);
  EXPECT_EQ(gate_.upstream.seen().front().field("x-counterfoil-request-id"),
            answer.field("x-counterfoil-request-id"));
}

TEST_F(Relay, FramesAChunkedBodyAnew) {
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(
      "POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Late: dropped\r\n\r\n");

  EXPECT_EQ(answer.status, 200);
  const SeenRequest seen = gate_.upstream.seen().at(0);
  EXPECT_EQ(seen.body, "hello world");
  EXPECT_EQ(seen.field("content-length"), "11");
  EXPECT_EQ(seen.field("transfer-encoding"), "<none>");
  EXPECT_THAT(seen.head, Not(HasSubstr("dropped")));
}

TEST_F(Relay, TakesABodyInPiecesOfAnySize) {
  std::string body(600'000, 'b');
  for (std::size_t i = 0; i < body.size(); i += 7) {
    body[i] = static_cast<char>('a' + i % 26);
  }
  TestClient client(gate_.port());

  client.send("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(3000, 'x') +
              "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 70'000) {
    client.send(body.substr(at, 70'000));
  }
  const ClientAnswer answer = client.read();
  const ClientAnswer next = client.call(kPing);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(gate_.upstream.seen().at(0).body, body);
  EXPECT_EQ(gate_.upstream.seen().at(0).field("x-long").size(), 3000U);
}

TEST_F(Relay, SaysContinueToWhoWaitsForIt) {
  TestClient client(gate_.port());
  client.send(
      "POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");

  EXPECT_EQ(client.read_interim(), 100);
  client.send("12345");

  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(gate_.upstream.seen().at(0).body, "12345");
  EXPECT_EQ(gate_.upstream.seen().at(0).field("expect"), "<none>");
}

TEST_F(Relay, DoesNotSayContinueToWhatItRefuses) {
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(
      "POST /api/v3/small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 11\r\n\r\n");

  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(client.interim(), 0);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Relay, AnswersPipelinedRequestsInOrder) {
  gate_.upstream.set_script([](const SeenRequest& seen) {
    const std::string body = seen.target();
    return Action{.answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n" + body};
  });
  TestClient client(gate_.port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /api/v3/ping?n=" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    all += "GET /api/v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  client.send(all);

  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read().body, "/api/v3/ping?n=" + std::to_string(i));
    EXPECT_EQ(client.read().status, 404);
  }
}

// --- What comes back

TEST_F(Relay, PassesTheHeadLessWhatIsOfOneConnection) {
  answer_with(
      "HTTP/1.1 201 Made\r\nServer: venue\r\nConnection: X-Named\r\nX-Named: 1\r\n"
      "Keep-Alive: timeout=5\r\nX-Counterfoil-Account: lie\r\nX-Two: 1\r\nX-Two: 2\r\n"
      "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc");
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(kPing);

  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "abc");
  EXPECT_EQ(answer.head,
            "HTTP/1.1 201 Created\r\nServer: venue\r\nX-Two: 1\r\nX-Two: 2\r\n"
            "Content-Type: text/plain\r\nContent-Length: 3\r\nX-Counterfoil-Request-Id: " +
                answer.field("x-counterfoil-request-id") + "\r\nX-MBX-USED-WEIGHT-1M: 1\r\n\r\n");
}

TEST_F(Relay, PassesChunksRaw) {
  answer_with(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(kPing).body, "abcdefg");
  EXPECT_EQ(client.call(kPing).body, "abcdefg") << "both connections are kept";
  EXPECT_EQ(gate_.upstream.connections(), 1U);
}

TEST_F(Relay, TakesChunksApartForAnOldClient) {
  answer_with(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  TestClient client(gate_.port());

  const ClientAnswer answer =
      client.call("GET /api/v3/ping HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(answer.body, "abcdefg");
  EXPECT_EQ(answer.field("transfer-encoding"), "<none>");
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(Relay, KeepsAnOldClientsConnectionOnlyIfAsked) {
  TestClient client(gate_.port());

  EXPECT_EQ(client.call("GET /api/v3/ping HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
                .field("connection"),
            "keep-alive");
  EXPECT_EQ(client.call("GET /api/v3/ping HTTP/1.0\r\nHost: a\r\n\r\n").field("connection"),
            "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Relay, ServesHeadByTheRouteOfGet) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call("HEAD /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("content-length"), "1234");
  EXPECT_EQ(gate_.upstream.seen().at(0).method(), "HEAD");
  EXPECT_EQ(client.call("HEAD /api/v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.call(kPing).body, "ok") << "nothing was left behind";
}

TEST_F(Relay, AnswersAHeadThatIsRefusedWithoutABody) {
  TestClient client(gate_.port());
  client.send("HEAD /api/v3/ti%zzme HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.read("HEAD").status, 400);
  EXPECT_TRUE(client.is_closed()) << "a byte was left";
}

TEST_F(Relay, ForwardsNoBrokenEscapeOfAPublicRoute) {
  TestClient client(gate_.port());

  EXPECT_EQ(client.call("GET /api/v3/ping?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n").status, 400);
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(Relay, PassesAnswersWithoutABody) {
  TestClient client(gate_.port());

  answer_with("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 99\r\n\r\n");
  EXPECT_EQ(client.call(kPing).status, 304);
  answer_with("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(client.call(kPing).status, 204);
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.call(kPing).status, 200);
  EXPECT_EQ(gate_.upstream.connections(), 1U);
}

TEST_F(Relay, PassesABodyThatEndsWithTheConnection) {
  answer_with("HTTP/1.1 200 OK\r\n\r\nall of it", Action::Then::kClose);
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(kPing);

  EXPECT_EQ(answer.body, "all of it");
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(Relay, PassesOverInterimAnswers) {
  answer_with(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(kPing).body, "ok");
  EXPECT_EQ(client.interim(), 0);
}

TEST_F(Relay, StreamsALargeAnswerNoFasterThanTheClientTakesIt) {
  std::string body(64UL * 1024 * 1024, 'z');
  for (std::size_t i = 0; i < body.size(); i += 4099) {
    body[i] = static_cast<char>('a' + i % 26);
  }
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
              body);
  TestClient client(gate_.port(), 16 * 1024);

  const ClientAnswer answer = client.call(kPing);

  EXPECT_TRUE(answer.is_whole);
  EXPECT_TRUE(answer.body == body);
  EXPECT_EQ(client.call("GET /api/v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
}

// --- What a path answers

TEST_F(Relay, NamesTheMethodsOfAKnownPath) {
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call("DELETE /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.field("allow"), "GET");
}

TEST_F(Relay, AnswersAPageToABrowserThatLooksForAnUnknownPath) {
  TestClient client(gate_.port());

  const ClientAnswer answer =
      client.call("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\n\r\n");

  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "<html><body><h2>404 Not found</h2></body></html>");
}

TEST(Hosts, ThatAreNotServedAreAnswered421) {
  Gate gate;
  gate.options.hosts = {"gw.test", "127.0.0.1"};
  gate.start();

  TestClient good(gate.port());
  EXPECT_EQ(good.call("GET /api/v3/ping HTTP/1.1\r\nHost: GW.test:80\r\n\r\n").status, 200);
  EXPECT_EQ(good.call("GET /api/v3/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status, 200);
  EXPECT_EQ(good.call("GET /api/v3/ping HTTP/1.1\r\nHost: other.test\r\n\r\n").status, 421);
  EXPECT_EQ(gate.upstream.seen().size(), 2U);
}

}  // namespace
}  // namespace counterfoil::rest_test
