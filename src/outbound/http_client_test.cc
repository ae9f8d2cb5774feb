#include "outbound/http_client.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/time.h"
#include "outbound/address_rule.h"
#include "outbound/head_call.h"
#include "outbound/timed_call.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

// OneAnswer accepts one connection, reads a request's head, and does what the test says with it.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, answer = std::move(answer)] { serve(answer); }) {}
  ~OneAnswer() { thread_.join(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  OneAnswer(OneAnswer&&) = delete;
  OneAnswer& operator=(OneAnswer&&) = delete;

  [[nodiscard]] HttpPeer peer() const {
    const auto port = acceptor_.local_endpoint().port();
    return {.host = "127.0.0.1",
            .port = port,
            .authority = "127.0.0.1:" + std::to_string(port),
            .tls = false,
            .authorities = {}};
  }
  std::string request;  // once call() has returned

 private:
  void serve(const std::string& answer) {
    tcp::socket socket(io_);
    boost::system::error_code fault;
    (void)acceptor_.accept(socket, fault);
    const std::size_t size =
        asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", fault);
    (void)size;
    if (answer.empty()) {
      (void)socket.read_some(asio::buffer(request), fault);  // until the other side gives up
      return;
    }
    asio::write(socket, asio::buffer(answer), fault);
  }
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

auto call_to(const HttpPeer& peer, std::chrono::milliseconds at_most = 10s) {
  return HttpClient::make(peer)->call({.method = "POST",
                                       .target = "/a?b=c",
                                       .headers = {{"X-One", "1"}, {"X-Empty", ""}},
                                       .body = "{}"},
                                      at_most);
}

TEST(HttpClient, SendsWhatItWasToldAndGivesTheAnswer) {
  const OneAnswer server("HTTP/1.1 201 Created\r\nContent-Length: 3\r\nX-Two: 2\r\n\r\nabc");

  const auto reply = call_to(server.peer());

  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->body, "abc");
  EXPECT_EQ(reply->header("x-two"), "2");
  EXPECT_EQ(reply->header("x-three"), "");
  EXPECT_TRUE(server.request.starts_with("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_TRUE(server.request.contains("Host: " + server.peer().authority + "\r\n"));
  EXPECT_TRUE(server.request.contains("X-One: 1\r\n"));
  EXPECT_TRUE(server.request.contains("X-Empty: \r\n"));
  EXPECT_TRUE(server.request.contains("Content-Length: 2\r\n"));
}

TEST(TimedCall, TellsWhenTheRequestWentOutAndTheAnswerWasIn) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  const BootTime before = BootClock::now();

  const auto timed = timed_call(server.peer(), {.target = "/time"}, 10s);

  ASSERT_TRUE(timed) << timed.error();
  EXPECT_EQ(timed->reply.body, "abc");
  EXPECT_GE(timed->sent_at, before);
  EXPECT_GT(timed->answered_at, timed->sent_at);
  EXPECT_LE(timed->answered_at, BootClock::now());
}

TEST(TimedCall, HasTheErrorsOfTheClient) {
  const OneAnswer silent("");
  HttpPeer secured = silent.peer();
  secured.tls = true;
  secured.authorities = "/nonexistent.pem";

  EXPECT_TRUE(timed_call(silent.peer(), {.target = "/"}, 50ms)
                  .error()
                  .contains("did not answer within 50 ms"));
  EXPECT_TRUE(timed_call(secured, {.target = "/"}, 10s).error().starts_with("/nonexistent.pem"));
}

TEST(HttpClient, DoesNotWaitLongerThanItMay) {
  const OneAnswer server("");

  const auto reply = call_to(server.peer(), 50ms);

  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().contains("did not answer within 50 ms"));
}

auto head_of_answer(const std::string& answer) {
  const OneAnswer server(answer);
  return head_call(server.peer(), {.method = "POST", .target = "/", .body = "{}"}, 10s);
}

TEST(HttpClient, ReadsNoMoreThanTheHeadWhereTheBodyIsOfNoInterest) {
  const auto reply = head_of_answer(
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 99999\r\n\r\n" +
      std::string(2 * kReplyStartBytesMax, 'x'));

  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->header("retry-after"), "7");
  EXPECT_EQ(reply->body, "");
}

TEST(HttpClient, ReadsFourKibibytesOfSuchAnAnswerAndNotOneMore) {
  constexpr std::string_view kStart = "HTTP/1.1 204 No Content\r\nX-Long: ";
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto filled = [&](std::size_t size) {
    return std::string(kStart) + std::string(size - kStart.size() - kEnd.size(), 'x') +
           std::string(kEnd);
  };

  EXPECT_TRUE(head_of_answer(filled(kReplyStartBytesMax)));
  EXPECT_FALSE(head_of_answer(filled(kReplyStartBytesMax + 1)));
}

TEST(HttpClient, CallsNoAddressThatItsRuleForbids) {
  const OneAnswer server("HTTP/1.1 204 No Content\r\n\r\n");
  HttpPeer peer = server.peer();
  peer.addresses = AddressRule{};

  const auto refused = call_to(peer);

  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().contains("must not be called"));
  EXPECT_TRUE(is_address_refused(refused.error()));
  EXPECT_FALSE(is_address_refused("127.0.0.1: Connection refused"));
  peer.host = "localhost";
  EXPECT_FALSE(call_to(peer));
  EXPECT_EQ(server.request, "");
  peer.host = "127.0.0.1";
  peer.addresses = AddressRule{.where = AddressRule::Where::kLoopback};
  EXPECT_TRUE(call_to(peer));
}

TEST(HttpClient, SaysWhenNobodyListens) {
  HttpPeer peer;
  {
    const OneAnswer gone("HTTP/1.1 204 No Content\r\n\r\n");
    peer = gone.peer();
    (void)call_to(peer);
  }

  const auto reply = call_to(peer);

  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().starts_with(peer.authority));
}

TEST(HttpClient, TakesABodyUpToItsLimitAndNotPast) {
  const auto answer = [](std::size_t size) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  {
    const OneAnswer full(answer(kReplyBodyBytesMax));
    EXPECT_EQ(call_to(full.peer())->body.size(), kReplyBodyBytesMax);
  }
  const OneAnswer past(answer(kReplyBodyBytesMax + 1));
  EXPECT_FALSE(call_to(past.peer()));
}

TEST(HttpClient, WhatIsNotHttpIsNoAnswer) {
  const OneAnswer server("220 mail.example.com ESMTP\r\n\r\n");

  EXPECT_FALSE(call_to(server.peer()));
}

TEST(HttpClient, AuthoritiesThatCannotBeReadAreToldBeforeAnyCall) {
  const auto made = HttpClient::make({.host = "localhost",
                                      .port = 1,
                                      .authority = "localhost:1",
                                      .tls = true,
                                      .authorities = "/nonexistent.pem"});

  ASSERT_FALSE(made);
  EXPECT_TRUE(made.error().starts_with("/nonexistent.pem"));
}

}  // namespace
}  // namespace counterfoil
