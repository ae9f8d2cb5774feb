#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"
#include "verify/reason.h"

namespace counterfoil::rest_test {
namespace {

using testing::HasSubstr;

constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* kEcho =
    "POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

class UpstreamFaults : public testing::Test {
 protected:
  void SetUp() override {
    gate_.options.upstream.failures_max = 0;  // each fault for itself
    gate_.start();
  }
  void answer_with(const std::string& answer, Action::Then then = Action::Then::kGoOn) {
    gate_.upstream.set_script(
        [answer, then](const SeenRequest&) { return Action{.answer = answer, .then = then}; });
  }
  [[nodiscard]] std::uint64_t refusals(Reason reason) const {
    return gate_.door->stats().refusals[static_cast<std::size_t>(reason)];
  }
  // let_time_pass moves the clock on and waits until the door has noticed.
  template <typename Noticed>
  void let_time_pass(std::chrono::milliseconds time, Noticed noticed) {
    gate_.clock.advance(time);
    wait_until(noticed);
  }
  Gate gate_;
};

TEST_F(UpstreamFaults, AnUpstreamThatIsDownIsA502WithTheRequestId) {
  gate_.upstream.stop();
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(kPing);

  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("-1001"));
  EXPECT_EQ(answer.field("x-counterfoil-request-id").size(), 32U);
  EXPECT_EQ(refusals(Reason::kUpstreamUnreachable), 1U);
  EXPECT_EQ(client.call(kPing).status, 502) << "the client's connection lives on";
}

TEST_F(UpstreamFaults, ASlowUpstreamIsA504) {
  gate_.upstream.hold();
  TestClient client(gate_.port());
  client.send(kEcho);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));

  let_time_pass(std::chrono::seconds(11), [&] { return refusals(Reason::kUpstreamTimeout) > 0; });

  const ClientAnswer answer = client.read();
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("-1007"));
  gate_.upstream.release();
}

TEST_F(UpstreamFaults, ARoutesOwnPatienceGoesFirst) {
  gate_.upstream.hold();
  TestClient client(gate_.port());
  client.send("GET /api/v3/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));

  let_time_pass(std::chrono::milliseconds(1100),
                [&] { return refusals(Reason::kUpstreamTimeout) > 0; });

  EXPECT_EQ(client.read().status, 504);
  gate_.upstream.release();
}

TEST_F(UpstreamFaults, AnUpstreamThatDiesAfterReadingIsA502AndOneAttempt) {
  answer_with("", Action::Then::kClose);
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(kEcho).status, 502);
  EXPECT_EQ(client.call(kPing).status, 502) << "a new connection: a GET is not retried either";
  EXPECT_EQ(gate_.upstream.seen().size(), 2U);
}

TEST_F(UpstreamFaults, OnAKeptConnectionOnlyAGetIsSentAgain) {
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);

  answer_with("", Action::Then::kReset);
  EXPECT_EQ(client.call(kEcho).status, 502);
  EXPECT_EQ(gate_.upstream.seen().size(), 2U) << "one attempt";

  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client.call(kPing).status, 200);
  int deaths = 0;
  gate_.upstream.set_script([&deaths](const SeenRequest&) {
    return ++deaths == 1 ? Action{.answer = "", .then = Action::Then::kClose} : Action{};
  });
  EXPECT_EQ(client.call(kPing).status, 200);
  EXPECT_EQ(gate_.door->stats().upstream_retries, 1U);
  EXPECT_EQ(gate_.upstream.seen().size(), 5U);
}

TEST_F(UpstreamFaults, AGetIsSentAgainOnlyOnce) {
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);
  answer_with("", Action::Then::kClose);

  EXPECT_EQ(client.call(kPing).status, 502);

  EXPECT_EQ(gate_.upstream.seen().size(), 3U);
}

TEST_F(UpstreamFaults, AKeptConnectionThatWasClosedIsNotUsedForAPost) {
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kEcho).status, 200);

  gate_.upstream.close_connections();
  ASSERT_TRUE(gate_.upstream.wait_until_closed());

  EXPECT_EQ(client.call(kEcho).status, 200);
  EXPECT_EQ(gate_.upstream.connections(), 2U);
}

TEST_F(UpstreamFaults, ABrokenAnswerIsA502) {
  const char* const answers[] = {
      "HTTP/2 200\r\n\r\n",
      "nonsense\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
  };
  TestClient client(gate_.port());

  for (const char* const broken : answers) {
    answer_with(broken, Action::Then::kClose);
    const ClientAnswer answer = client.call(kPing);
    EXPECT_EQ(answer.status, 502) << broken;
    EXPECT_THAT(answer.body, HasSubstr("-1006")) << broken;
  }
}

TEST_F(UpstreamFaults, AnAnswerThatEndsInTheMiddleIsABrokenConnection) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Action::Then::kClose);
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(kPing);

  EXPECT_FALSE(answer.is_whole);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(gate_.door->stats().answers_cut, 1U);
}

TEST_F(UpstreamFaults, AnAnswerWithBytesTooManyDoesNotReachTheNextClient) {
  answer_with(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: "
      "5\r\n\r\nstale");
  TestClient first(gate_.port());
  EXPECT_EQ(first.call(kPing).body, "ok");

  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfresh");
  TestClient second(gate_.port());

  EXPECT_EQ(second.call(kPing).body, "fresh");
  EXPECT_EQ(gate_.upstream.connections(), 2U);
  EXPECT_EQ(gate_.door->stats().upstream_left_over, 1U);
}

TEST_F(UpstreamFaults, AnAnswerThatSaysCloseIsTheLastOfItsConnection) {
  answer_with("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(kPing).body, "ok");
  EXPECT_EQ(client.call(kPing).body, "ok");
  EXPECT_EQ(gate_.upstream.connections(), 2U);
}

TEST_F(UpstreamFaults, KeptConnectionsGrowOld) {
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);
  wait_until([&] { return gate_.door->stats().upstream_idle == 1; });

  let_time_pass(std::chrono::seconds(32), [&] { return gate_.door->stats().upstream_idle == 0; });

  EXPECT_TRUE(gate_.upstream.wait_until_closed());
}

TEST(Upstream, TakesNoMoreConnectionsThanItIsAllowed) {
  Gate gate;
  gate.options.upstream.connections_max = 2;
  gate.options.upstream.waiting_max = 1;
  gate.start();
  gate.upstream.hold();
  TestClient one(gate.port());
  TestClient two(gate.port());
  TestClient waits(gate.port());
  TestClient refused(gate.port());
  one.send(kPing);
  ASSERT_TRUE(gate.upstream.wait_for_seen(1));
  two.send(kPing);
  ASSERT_TRUE(gate.upstream.wait_for_seen(2));
  waits.send(kPing);
  wait_until([&] { return gate.door->stats().upstream_waiting == 1; });

  EXPECT_EQ(refused.call(kPing).status, 503);
  gate.upstream.release();

  EXPECT_EQ(one.read().status, 200);
  EXPECT_EQ(two.read().status, 200);
  EXPECT_EQ(waits.read().status, 200);
  EXPECT_EQ(gate.upstream.connections(), 2U);
}

TEST(Upstream, IsFoundByName) {
  Gate gate;
  gate.options.upstream.url = "http://localhost:" + std::to_string(gate.upstream.port());
  gate.start();
  TestClient client(gate.port());

  EXPECT_EQ(client.call(kPing).status, 200);
  EXPECT_EQ(gate.upstream.seen().at(0).field("host"),
            "localhost:" + std::to_string(gate.upstream.port()));
}

}  // namespace
}  // namespace counterfoil::rest_test
