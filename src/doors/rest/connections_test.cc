#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"
#include "wire/http/refusal.h"

namespace counterfoil::rest_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n";

class Connections : public testing::Test {
 protected:
  [[nodiscard]] std::uint64_t refusals(http::RefusalKind kind) const {
    return gate_.door->stats().http_refusals[static_cast<std::size_t>(kind)];
  }
  void wait_for_connections(std::uint64_t count) {
    wait_until([&] { return gate_.door->stats().connections_open == count; });
  }
  Gate gate_;
};

TEST_F(Connections, AreClosedWhenTheirHeadTakesTooLong) {
  gate_.start();
  TestClient client(gate_.port());
  client.send(kPing);
  EXPECT_EQ(client.read().status, 200);
  client.send("GET /api/v3/pi");
  // A second client shows that the first one's bytes were read: they came earlier.
  TestClient other(gate_.port());
  EXPECT_EQ(other.call(kPing).status, 200);

  gate_.clock.advance(seconds(11));

  const ClientAnswer answer = client.read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_THAT(answer.body, HasSubstr("The head of the request took too long."));
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(refusals(http::RefusalKind::kHeadTooSlow), 1U);
}

TEST_F(Connections, AreClosedWhenTheirBodyStops) {
  gate_.start();
  TestClient client(gate_.port());
  client.send("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  wait_until([&] { return gate_.door->stats().requests == 1; });

  gate_.clock.advance(seconds(11));

  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(Connections, AreClosedWhenTheirBodyOnlyTrickles) {
  // The clock leaps while the others' requests are under way.
  gate_.options.upstream.answer_time_max = std::chrono::hours(1);
  gate_.start();
  TestClient client(gate_.port());
  client.send("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  wait_until([&] { return gate_.door->stats().requests == 1; });

  // One byte in 4 s is never idle for 10 s, but far below 240 bytes a second.
  int status = 0;
  for (int i = 0; i < 10 && refusals(http::RefusalKind::kBodyTooSlow) == 0; ++i) {
    client.send("x");
    TestClient other(gate_.port());
    EXPECT_EQ(other.call(kPing).status, 200);
    gate_.clock.advance(seconds(4));
    TestClient later(gate_.port());
    EXPECT_EQ(later.call(kPing).status, 200);
  }
  status = client.read().status;

  EXPECT_EQ(status, 408);
}

TEST_F(Connections, AreClosedQuietlyWhenIdle) {
  gate_.start();
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);

  gate_.clock.advance(seconds(61));

  EXPECT_TRUE(client.is_closed());
}

TEST_F(Connections, OfSilentClientsEndAfterGoodbye) {
  gate_.start();
  TestClient client(gate_.port());
  EXPECT_EQ(client.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status,
            200);
  EXPECT_TRUE(client.is_closed());  // the client itself does not close

  gate_.clock.advance(seconds(3));

  wait_for_connections(0);
}

TEST_F(Connections, CarryOnlySoManyRequests) {
  gate_.options.http.requests_per_connection_max = 3;
  gate_.start();
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(kPing).field("connection"), "<none>");
  EXPECT_EQ(client.call(kPing).field("connection"), "<none>");
  EXPECT_EQ(client.call(kPing).field("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Connections, OfOneAddressAreLimited) {
  gate_.options.connections_per_address_max = 2;
  gate_.start();
  auto one = std::make_unique<TestClient>(gate_.port());
  TestClient two(gate_.port());
  EXPECT_EQ(one->call(kPing).status, 200);
  EXPECT_EQ(two.call(kPing).status, 200);

  TestClient refused(gate_.port());
  EXPECT_TRUE(refused.is_closed());
  EXPECT_EQ(gate_.door->stats().connections_refused, 1U);

  one.reset();
  wait_for_connections(1);
  TestClient three(gate_.port());
  EXPECT_EQ(three.call(kPing).status, 200);
}

TEST_F(Connections, AreNotOpenedFasterThanAnAddressMay) {
  gate_.options.new_connections_per_address_max = 1;
  gate_.start();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(TestClient(gate_.port()).call(kPing).status, 200) << "so many at once";
  }

  TestClient refused(gate_.port());
  EXPECT_TRUE(refused.is_closed());
  EXPECT_EQ(gate_.door->stats().connections_refused, 1U);

  gate_.clock.advance(std::chrono::seconds(1));
  wait_until([&] { return TestClient(gate_.port()).call(kPing).status == 200; });
  TestClient again(gate_.port());
  EXPECT_TRUE(again.is_closed());
}

TEST_F(Connections, InAllAreLimited) {
  gate_.options.connections_max = 1;
  gate_.start();
  TestClient one(gate_.port());
  EXPECT_EQ(one.call(kPing).status, 200);

  TestClient refused(gate_.port());

  EXPECT_TRUE(refused.is_closed());
}

TEST_F(Connections, OfAClientThatTakesNothingAreReset) {
  gate_.start();
  gate_.upstream.set_script([](const SeenRequest&) {
    return Action{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n" +
                            std::string(32UL * 1024 * 1024, 'x')};
  });
  TestClient client(gate_.port(), 8 * 1024);
  client.send(kPing);
  ASSERT_TRUE(client.wait_for_bytes());

  // Nothing tells when the buffers between are full, so time passes until it has.
  wait_until([&] {
    gate_.clock.advance(seconds(9));
    return gate_.door->stats().answers_cut == 1;
  });

  EXPECT_FALSE(client.read().is_whole);
}

TEST_F(Connections, OfAClientThatGoesAwayLeaveNothingBehind) {
  gate_.start();
  gate_.upstream.hold();
  {
    TestClient client(gate_.port());
    client.send(kPing);
    ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  }
  gate_.upstream.release();

  wait_for_connections(0);
}

TEST_F(Connections, HoldOnlySoMuchOfBodies) {
  gate_.options.bodies_bytes_max = 100'000;
  gate_.start();
  TestClient client(gate_.port());

  client.send("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" +
              std::string(150'000, 'x'));

  EXPECT_EQ(client.read().status, 503);
  wait_until([&] { return gate_.door->stats().bodies_bytes_held == 0; });
}

TEST_F(Connections, AreRefusedABodyThatTheRouteDoesNotTake) {
  gate_.start();
  const std::string ten = "POST /api/v3/small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(ten + "0123456789").status, 200);

  EXPECT_EQ(client
                .call("POST /api/v3/small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                      "\r\n6\r\n012345\r\n5\r\n")
                .status,
            413);
  EXPECT_TRUE(client.is_closed());
  TestClient other(gate_.port());
  EXPECT_EQ(other.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx").status,
            400);
}

TEST_F(Connections, GetTheirAnswerThoughMoreBytesFollow) {
  gate_.start();
  TestClient client(gate_.port());

  client.send("GET /api/v3/ping HTTP/9.9\r\n\r\n" + std::string(100'000, 'x'));

  EXPECT_EQ(client.read().status, 505);
}

TEST_F(Connections, MayEndTheirSideBeforeTheAnswer) {
  gate_.start();
  TestClient client(gate_.port());

  client.send(kPing);
  client.end_sending();

  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.is_closed());
}

// FailingClock throws as long as it is told to: any bug of ours on a request's way.
class FailingClock final : public Clock {
 public:
  explicit FailingClock(const Clock& real) : real_(real) {}
  [[nodiscard]] Timestamp now() const override {
    if (fails.load()) {
      throw std::runtime_error("a bug");
    }
    return real_.now();
  }
  [[nodiscard]] BootTime boot_now() const override { return real_.boot_now(); }
  std::atomic<bool> fails{false};

 private:
  const Clock& real_;
};

TEST_F(Connections, SurviveAnExceptionOfOurs) {
  FailingClock clock(gate_.clock);
  const RestDoorParts good = gate_.parts();
  gate_.door = RestDoor::start(gate_.options, gate_.shared_gatekeeper(),
                               {.prover = good.prover,
                                .recorder = good.recorder,
                                .loops = good.loops,
                                .issuer = good.issuer,
                                .random = good.random,
                                .clock = clock})
                   .value();
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);

  clock.fails = true;
  const ClientAnswer answer = client.call(kPing);
  clock.fails = false;

  EXPECT_EQ(answer.status, 500);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(gate_.upstream.seen().size(), 1U) << "nothing was forwarded";
  TestClient next(gate_.port());
  EXPECT_EQ(next.call(kPing).status, 200);
  gate_.door.reset();
}

// --- Draining

TEST_F(Connections, OfADrainedDoorFinishWhatRuns) {
  gate_.start();
  gate_.upstream.hold();
  TestClient busy(gate_.port());
  busy.send(kPing);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  TestClient idle(gate_.port());
  EXPECT_EQ(idle.call("GET /api/v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);

  bool drained = false;
  std::thread draining([&] { drained = gate_.door->drain(seconds(20)); });
  EXPECT_TRUE(idle.is_closed());
  const TestClient late(gate_.port());
  EXPECT_FALSE(late.is_connected());
  idle.end_sending();
  gate_.upstream.release();
  const ClientAnswer answer = busy.read();
  EXPECT_TRUE(busy.is_closed());
  busy.end_sending();
  gate_.clock.advance(seconds(3));  // past the patience with clients that do not close
  draining.join();

  EXPECT_TRUE(drained);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(Connections, OfADoorThatStopsAreCut) {
  gate_.start();
  gate_.upstream.hold();
  TestClient busy(gate_.port());
  busy.send(kPing);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));

  EXPECT_FALSE(gate_.door->drain(std::chrono::milliseconds(1)));
  gate_.door->stop();

  EXPECT_EQ(busy.read().status, 0);
  EXPECT_EQ(gate_.door->stats().connections_open, 0U);
}

// --- Starting

TEST_F(Connections, NeedAPortOfTheirOwn) {
  gate_.options.threads = 2;
  gate_.start();
  RestDoorOptions second = gate_.options;
  second.listen = {"127.0.0.1:" + std::to_string(gate_.port())};

  const auto started = RestDoor::start(second, gate_.shared_gatekeeper(), gate_.parts());

  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error(), "Cannot listen on 127.0.0.1:" + std::to_string(gate_.port()) +
                                 ": the port is in use. Stop the program that has it, or choose "
                                 "another port.");
}

TEST_F(Connections, ServeOnSeveralThreadsAndAddresses) {
  gate_.options.threads = 3;
  gate_.options.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  gate_.start();
  ASSERT_EQ(gate_.door->addresses().size(), 2U);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (const std::string& address : gate_.door->addresses()) {
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    for (int i = 0; i < 16; ++i) {
      clients.push_back(std::make_unique<TestClient>(port));
    }
  }

  for (const auto& client : clients) {
    EXPECT_EQ(client->call(kPing).status, 200);
  }
}

TEST_F(Connections, AreRefusedBadOptionsWithASentence) {
  struct Row {
    std::string listen;
    std::string upstream;
    const char* sentence;
  };
  const Row rows[] = {
      {"localhost:80", "http://a:1", "'localhost:80' is not an address to listen on."},
      {"127.0.0.1:0", "ftp://a", "'ftp://a' is not an upstream."},
      {"127.0.0.1:0", "http://a:1/path", "is not an upstream."},
  };
  for (const Row& row : rows) {
    gate_.options.listen = {row.listen};
    gate_.options.upstream.url = row.upstream;
    const auto started = RestDoor::start(gate_.options, gate_.shared_gatekeeper(), gate_.parts());
    ASSERT_FALSE(started.has_value()) << row.sentence;
    EXPECT_THAT(started.error(), HasSubstr(row.sentence));
  }
}

}  // namespace
}  // namespace counterfoil::rest_test
