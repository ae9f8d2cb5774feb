#include "authority/request_relay.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/problem.h"
#include "outbound/http_client.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

class RequestRelayTest : public testing::Test {
 protected:
  // reason_of is empty when the call went through.
  std::string reason_of(const TriedRequest& call, std::string_view session = "s1") {
    const auto answer = relay_.relay(session, call);
    return answer ? std::string() : answer.error().reason;
  }
  [[nodiscard]] TriedRequest good() const {
    return {.method = "GET",
            .target = "/v1/account?timestamp=1&signature=a%2Bb",
            .api_key = caller_.id()};
  }

  TestAuthority authority_;
  TestAuthority::HmacCaller caller_ = authority_.new_key();
  std::vector<HttpCall> sent_;
  bool can_send_ = true;
  std::expected<HttpReply, std::string> reply_ =
      HttpReply{.status = 200, .headers = {}, .body = "{}"};
  RequestRelay relay_{{.issuer = *authority_.issuer,
                       .profile = [this] { return authority_.profile; },
                       .clock = authority_.clock,
                       .can_send = [this] { return can_send_; },
                       .send =
                           [this](const HttpCall& call) {
                             sent_.push_back(call);
                             return reply_;
                           }}};
};

TEST_F(RequestRelayTest, SendsTheSignedBytesAndTheApiKeyAndNothingElse) {
  const auto answer = relay_.relay("s1", good());

  ASSERT_TRUE(answer) << answer.error().detail;
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].method, "GET");
  EXPECT_EQ(sent_[0].target, good().target);
  ASSERT_EQ(sent_[0].headers.size(), 1U);
  EXPECT_EQ(sent_[0].headers[0].first, "X-MBX-APIKEY");
  EXPECT_EQ(sent_[0].headers[0].second, caller_.id());
  EXPECT_EQ(sent_[0].body, "");
}

TEST_F(RequestRelayTest, FindsOutEachTimeWhetherTheGatewayCanBeCalled) {
  can_send_ = false;
  EXPECT_EQ(reason_of(good()), "relay_not_served");
  EXPECT_TRUE(sent_.empty());

  can_send_ = true;
  EXPECT_EQ(reason_of(good()), "");
}

TEST_F(RequestRelayTest, ShowsARefusalAsTheGatewayGaveIt) {
  reply_ = HttpReply{.status = 400,
                     .headers = {{"content-type", "application/json"},
                                 {"set-cookie", "a=b"},
                                 {"location", "https://evil.example"},
                                 {"x-counterfoil-request-id", "r1"}},
                     .body = R"({"code":-1022})"};

  const auto answer = relay_.relay("s1", good());

  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, R"({"code":-1022})");
  EXPECT_FALSE(answer->is_cut);
  ASSERT_EQ(answer->headers.size(), 2U);
  EXPECT_EQ(answer->headers[0].first, "content-type");
  EXPECT_EQ(answer->headers[1].second, "r1");
}

TEST_F(RequestRelayTest, CutsWhatIsLongerThanItShows) {
  reply_->body = std::string(RequestRelay::kShownBytesMax, 'x');
  EXPECT_FALSE(relay_.relay("s1", good())->is_cut);

  reply_->body += 'x';
  const auto answer = relay_.relay("s1", good());

  EXPECT_TRUE(answer->is_cut);
  EXPECT_EQ(answer->body.size(), RequestRelay::kShownBytesMax);
}

TEST_F(RequestRelayTest, SendsNothingButAGetOfASignedRouteThatReads) {
  struct Case {
    std::string_view method, target, reason;
  };
  constexpr auto kCases = std::to_array<Case>({
      {"POST", "/v1/order?a=b", "relay_method"},
      {"DELETE", "/v1/order?a=b", "relay_method"},
      {"get", "/v1/account?a=b", "relay_method"},
      {"GET", "/v1/order?a=b", "relay_route"},
      {"GET", "/v1/time", "relay_route"},  // public: there is nothing to verify
      {"GET", "/v1/self/revoke?a=b", "relay_route"},
      {"GET", "/v1/elsewhere", "relay_route"},
      {"GET", "/v1/account/../order", "relay_route"},
      {"GET", "", "relay_target"},
      {"GET", "v1/account", "relay_target"},
      {"GET", "http://169.254.169.254/v1/account", "relay_target"},
      {"GET", "//169.254.169.254/v1/account", "relay_route"},
      {"GET", "/v1/account?a=b HTTP/1.1\r\nCookie: c=d", "relay_target"},
      {"GET", "/v1/account?a=\n", "relay_target"},
      {"GET", "/v1/account?a=\xC3\xA9", "relay_target"},
      {"GET", "/v1/account?a=b#c", "relay_target"},
  });
  for (const Case& one : kCases) {
    EXPECT_EQ(reason_of({.method = std::string(one.method),
                         .target = std::string(one.target),
                         .api_key = caller_.id()}),
              one.reason)
        << one.method << " " << one.target;
  }
  EXPECT_TRUE(sent_.empty());
}

TEST_F(RequestRelayTest, TakesATargetUpToItsLimitAndNotPast) {
  TriedRequest call = good();
  call.target += std::string(RequestRelay::kTargetBytesMax - call.target.size(), 'x');
  EXPECT_EQ(reason_of(call), "");

  call.target += 'x';

  EXPECT_EQ(reason_of(call), "relay_target");
}

// The gateway would see this node: a list that names loopback would let in whoever has a session.
TEST_F(RequestRelayTest, SendsNothingForAnApiKeyWithAnAllowList) {
  for (const std::string list : {"127.0.0.1", "203.0.113.0/24"}) {
    TriedRequest call = good();
    call.api_key = authority_.new_key("USER_DATA", list).id();
    EXPECT_EQ(reason_of(call), "relay_key_bound") << list;
  }
  TriedRequest unknown = good();
  unknown.api_key = std::string(64, 'x');
  EXPECT_EQ(reason_of(unknown), "no_such_key");
  EXPECT_TRUE(sent_.empty());
}

TEST_F(RequestRelayTest, HoldsASessionOffThatTriesTooOften) {
  for (std::size_t i = 0; i < RequestRelay::kOfSessionMax; ++i) {
    authority_.clock.advance(1s);
    EXPECT_EQ(reason_of(good()), "") << i;
  }

  const auto held = relay_.relay("s1", good());

  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().reason, "relay_busy");
  EXPECT_EQ(held.error().retry_after, 51s);
  EXPECT_EQ(reason_of(good(), "s2"), "");
  authority_.clock.advance(51s);
  EXPECT_EQ(reason_of(good()), "");
  EXPECT_EQ(reason_of(good()), "relay_busy");
}

TEST_F(RequestRelayTest, HoldsAllOffWhenTogetherTheyTryTooOften) {
  for (std::size_t i = 0; i < RequestRelay::kOfAllMax; ++i) {
    EXPECT_EQ(reason_of(good(), "s" + std::to_string(i)), "") << i;
  }

  EXPECT_EQ(reason_of(good(), "another"), "relay_busy");
  EXPECT_EQ(sent_.size(), RequestRelay::kOfAllMax);
}

TEST_F(RequestRelayTest, WhatIsRefusedBeforeIsNotCounted) {
  for (std::size_t i = 0; i < 2 * RequestRelay::kOfAllMax; ++i) {
    TriedRequest call = good();
    call.method = "POST";
    EXPECT_EQ(reason_of(call), "relay_method");
  }

  EXPECT_EQ(reason_of(good()), "");
}

TEST_F(RequestRelayTest, SaysWhenNoAnswerCameAndNotFromWhere) {
  reply_ = std::unexpected("127.0.0.1:8080: Connection refused");

  const auto answer = relay_.relay("s1", good());

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "relay_failed");
  EXPECT_FALSE(answer.error().detail.contains("127.0.0.1"));
}

}  // namespace
}  // namespace counterfoil
