// The venue on a real socket: bytes in, bytes out.
#include "venue/venue_server.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/manual_clock.h"
#include "base/time.h"
#include "venue/identity_headers.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_options.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

using boost::asio::ip::tcp;

// Client is one connection. What it reads ends with the answer's Content-Length.
class Client {
 public:
  explicit Client(std::uint16_t port) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  }
  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  struct Answer {
    std::string head;
    std::string body;
    [[nodiscard]] bool has(std::string_view text) const { return head.contains(text); }
  };
  // answer reads one answer; empty: the venue closed the connection.
  [[nodiscard]] Answer answer() {
    while (!in_.contains("\r\n\r\n")) {
      if (!read()) {
        return {};
      }
    }
    Answer got;
    const std::size_t end = in_.find("\r\n\r\n") + 4;
    got.head = in_.substr(0, end);
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t at = got.head.find(kLength);
    const std::size_t length =
        at == std::string::npos ? 0 : std::stoul(got.head.substr(at + kLength.size()));
    while (in_.size() < end + length && read()) {
    }
    got.body = in_.substr(end, length);
    in_.erase(0, end + length);
    return got;
  }
  [[nodiscard]] bool is_closed() { return in_.empty() && !read(); }
  void end_sending() { socket_.shutdown(tcp::socket::shutdown_send); }

 private:
  bool read() {
    std::array<char, 4096> chunk{};
    boost::system::error_code fault;
    const std::size_t size = socket_.read_some(boost::asio::buffer(chunk), fault);
    in_.append(chunk.data(), size);
    return !fault;
  }

  boost::asio::io_context context_;
  tcp::socket socket_{context_};
  std::string in_;
};

class VenueOnASocket : public testing::Test {
 public:
  VenueOnASocket() { server = start({}); }

  [[nodiscard]] std::unique_ptr<VenueServer> start(VenueOptions options) {
    if (options.proof_secrets.empty() && options.standalone_keys.empty()) {
      options.proof_secrets = test_secrets();
    }
    options.market_maker.history_ticks = 3;
    // Ticks come from the tests alone.
    options.market_maker.interval = std::chrono::hours(1);
    return VenueServer::start(std::move(options), clock).value();
  }
  [[nodiscard]] std::string proved(http::Method method, std::string_view target,
                                   std::string_view body = "") {
    TestVenue gateway;
    gateway.now = clock.now();
    VenueRequest request = TestVenue::request_of(method, target, body);
    gateway.prove(request, kAnn);
    request.identity.request_id = "r-" + std::to_string(++requests_);
    TestVenue::sign(request, proof_secret("1", kTestSecret));
    const IdentityHeaders& headers = request.identity;
    return std::string(http::method_name(method)) + " " + std::string(target) +
           " HTTP/1.1\r\nHost: venue\r\nX-Counterfoil-Account: " + *headers.account +
           "\r\nX-Counterfoil-Key: " + *headers.api_key +
           "\r\nX-Counterfoil-Permissions: " + *headers.permissions +
           "\r\nX-Counterfoil-Request-Id: " + *headers.request_id +
           "\r\nX-Counterfoil-Timestamp: " + *headers.timestamp +
           "\r\nX-Counterfoil-Gateway: " + *headers.gateway +
           "\r\nX-Counterfoil-Proof: " + *headers.proof +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

  ManualClock clock{kTestNow};
  std::unique_ptr<VenueServer> server;

 private:
  std::size_t requests_ = 0;
};

constexpr std::string_view kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: venue\r\n\r\n";

TEST_F(VenueOnASocket, AnswersAPublicCall) {
  Client client(server->port());

  client.send(kPing);
  const Client::Answer answer = client.answer();

  EXPECT_TRUE(answer.has("HTTP/1.1 200 OK\r\n")) << answer.head;
  EXPECT_TRUE(answer.has("Content-Type: application/json;charset=UTF-8\r\n"));
  EXPECT_EQ(answer.body, "{}");
}

TEST_F(VenueOnASocket, TakesAProvenOrderAndKeepsTheConnection) {
  Client client(server->port());

  client.send(proved(http::Method::kPost, "/api/v3/order",
                     "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=100"));
  const auto placed = nlohmann::json::parse(client.answer().body);
  client.send(proved(http::Method::kGet, "/api/v3/openOrders?symbol=BTCUSDT"));
  const auto open = nlohmann::json::parse(client.answer().body);

  EXPECT_EQ(placed["status"], "NEW");
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0]["orderId"], placed["orderId"]);
}

TEST_F(VenueOnASocket, RefusesADirectCallAndAnAgedProof) {
  Client client(server->port());
  const std::string request = proved(http::Method::kGet, "/api/v3/account");

  client.send("GET /api/v3/account HTTP/1.1\r\nHost: venue\r\n\r\n");
  EXPECT_TRUE(client.answer().has("HTTP/1.1 401 "));
  clock.advance(std::chrono::milliseconds(5'001));
  client.send(request);
  EXPECT_TRUE(client.answer().has("HTTP/1.1 401 "));
}

TEST_F(VenueOnASocket, RefusesAHeaderSentTwice) {
  Client client(server->port());
  std::string request = proved(http::Method::kGet, "/api/v3/account");
  request.insert(request.size() - 2, "x-counterfoil-account: ben\r\n");

  client.send(request);

  EXPECT_TRUE(client.answer().has("HTTP/1.1 401 "));
}

TEST_F(VenueOnASocket, AnswersPipelinedRequestsInOrder) {
  Client client(server->port());

  client.send(std::string(kPing) + "GET /api/v3/time HTTP/1.1\r\nHost: venue\r\n\r\n" +
              std::string(kPing));

  EXPECT_EQ(client.answer().body, "{}");
  EXPECT_EQ(client.answer().body, R"({"serverTime":1790000000000})");
  EXPECT_EQ(client.answer().body, "{}");
}

TEST_F(VenueOnASocket, ReadsARequestThatComesByteByByte) {
  Client client(server->port());

  for (const char byte : proved(http::Method::kPost, "/api/v3/order/test",
                                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")) {
    client.send({&byte, 1});
  }

  EXPECT_EQ(client.answer().body, "{}");
}

TEST_F(VenueOnASocket, TakesAChunkedBodyAndSaysContinue) {
  Client client(server->port());

  client.send(
      "POST /nowhere HTTP/1.1\r\nHost: venue\r\nTransfer-Encoding: chunked\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_TRUE(client.answer().has("HTTP/1.1 100 Continue"));
  client.send("3\r\na=1\r\n0\r\n\r\n");

  EXPECT_TRUE(client.answer().has("HTTP/1.1 404 "));
}

TEST_F(VenueOnASocket, ClosesWhenAskedTo) {
  Client client(server->port());

  client.send("GET /api/v3/ping HTTP/1.1\r\nHost: venue\r\nConnection: close\r\n\r\n");

  EXPECT_TRUE(client.answer().has("Connection: close\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(VenueOnASocket, ABrokenRequestIsToldAndTheConnectionClosed) {
  Client client(server->port());

  client.send("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  const Client::Answer answer = client.answer();

  EXPECT_TRUE(answer.has("HTTP/1.1 400 "));
  EXPECT_EQ(answer.body, R"({"code":-1013,"msg":"There is more than one Host header."})");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(VenueOnASocket, ABodyOf64KiBIsTakenAndOneByteMoreIsNot) {
  constexpr std::size_t kBodyMax = 64UL * 1024;
  const auto post = [](std::size_t size) {
    return "POST /nowhere HTTP/1.1\r\nHost: v\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n";
  };
  Client fits(server->port());
  fits.send(post(kBodyMax) + std::string(kBodyMax, 'a'));
  EXPECT_TRUE(fits.answer().has("HTTP/1.1 404 "));

  Client too_large(server->port());
  too_large.send(post(kBodyMax + 1));
  EXPECT_TRUE(too_large.answer().has("HTTP/1.1 413 "));
}

TEST_F(VenueOnASocket, OneConnectionTooManyIsClosed) {
  VenueOptions options;
  options.connections_max = 1;
  const auto small = start(std::move(options));
  Client first(small->port());
  first.send(kPing);
  ASSERT_EQ(first.answer().body, "{}");

  Client second(small->port());
  EXPECT_TRUE(second.is_closed());
}

TEST_F(VenueOnASocket, TheMarketMakerHasTradedAPastAndGoesOnWithEachTick) {
  Client client(server->port());
  const auto ask = [&](std::string_view path) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: v\r\n\r\n");
    return nlohmann::json::parse(client.answer().body);
  };

  const auto depth = ask("/api/v3/depth?symbol=BTCUSDT&limit=5000");
  EXPECT_EQ(depth["bids"].size(), 20U);
  EXPECT_EQ(depth["asks"].size(), 20U);
  EXPECT_GE(ask("/api/v3/klines?symbol=BTCUSDT&interval=1m").size(), 3U);
  server->tick();
  EXPECT_GT(ask("/api/v3/depth?symbol=BTCUSDT")["lastUpdateId"], depth["lastUpdateId"]);
}

TEST_F(VenueOnASocket, StopEndsConnectionsAndMayBeCalledAgain) {
  Client client(server->port());
  client.send(kPing);
  ASSERT_EQ(client.answer().body, "{}");

  server->stop();
  server->stop();
  server->tick();

  EXPECT_TRUE(client.is_closed());
}

TEST_F(VenueOnASocket, AClientThatStopsSendingGetsItsAnswers) {
  Client client(server->port());

  client.send(kPing);
  client.end_sending();

  EXPECT_EQ(client.answer().body, "{}");
  EXPECT_TRUE(client.is_closed());
}

TEST(VenueStart, WithoutAMarketMakerTheBooksAreEmpty) {
  const ManualClock clock(kTestNow);
  VenueOptions options;
  options.market_maker.interval = std::chrono::milliseconds(0);
  const auto server = VenueServer::start(std::move(options), clock).value();
  Client client(server->port());

  client.send("GET /api/v3/depth?symbol=BTCUSDT HTTP/1.1\r\nHost: v\r\n\r\n");

  EXPECT_EQ(client.answer().body, R"({"lastUpdateId":0,"bids":[],"asks":[]})");
}

TEST(VenueStart, TellsWhyItCannot) {
  const ManualClock clock(kTestNow);
  VenueOptions bad_address;
  bad_address.bind_address = "localhost";
  VenueOptions bad_options;
  bad_options.accounts_max = 0;
  VenueOptions first;
  first.market_maker.interval = std::chrono::milliseconds(0);
  const auto running = VenueServer::start(std::move(first), clock).value();
  VenueOptions taken;
  taken.port = running->port();

  EXPECT_EQ(VenueServer::start(std::move(bad_address), clock).error(), VenueError::kBadAddress);
  EXPECT_EQ(VenueServer::start(std::move(bad_options), clock).error(), VenueError::kBadOptions);
  EXPECT_EQ(VenueServer::start(std::move(taken), clock).error(), VenueError::kCannotListen);
  for (const VenueError error :
       {VenueError::kBadAddress, VenueError::kCannotListen, VenueError::kBadOptions}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

}  // namespace
}  // namespace counterfoil::venue
