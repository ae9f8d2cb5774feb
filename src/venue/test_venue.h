#pragma once

// What the tests of the REST face share: a venue behind a gateway that these tests play, without a
// socket between them.

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "venue/exchange.h"
#include "venue/identity.h"
#include "venue/proof.h"
#include "venue/test_market.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

// Test secrets, known to everybody who reads this.
inline constexpr std::string_view kTestSecret = "TESTONLYupstreamproofsecretnumberone0000";
inline constexpr std::string_view kOtherTestSecret = "TESTONLYupstreamproofsecretnumbertwo0000";

[[nodiscard]] inline ProofSecret proof_secret(std::string_view kid, std::string_view secret) {
  return {.kid = std::string(kid), .key = HmacKey::from_secret(as_bytes(secret)).value()};
}
[[nodiscard]] inline std::vector<ProofSecret> test_secrets() {
  std::vector<ProofSecret> secrets;
  secrets.push_back(proof_secret("1", kTestSecret));
  return secrets;
}

// Trader is an account and the API key that it calls with.
struct Trader {
  std::string_view account;
  std::string_view api_key;
};
inline constexpr Trader kAnn{
    .account = "ann", .api_key = "TESTONLYann0000000000000000000000000000000000000000000000000000"};
inline constexpr Trader kBen{
    .account = "ben", .api_key = "TESTONLYben0000000000000000000000000000000000000000000000000000"};

// Reply is what came back, read.
struct Reply {
  int status = 0;
  nlohmann::json json;
  std::string body;
  std::string content_type;

  [[nodiscard]] int code() const { return json.is_object() ? json.value("code", 0) : 0; }
  [[nodiscard]] std::string message() const {
    return json.is_object() ? json.value("msg", "") : std::string();
  }
};

// split_target fills path and query of a request from its target.
inline void split_target(VenueRequest& request, std::string_view target) {
  const std::size_t mark = target.find('?');
  request.target = target;
  request.path = target.substr(0, mark);
  request.query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
}

// TestVenue is a venue in which everybody gets 1,000,000 USDT and 100 BTC.
class TestVenue {
 public:
  explicit TestVenue(ExchangeOptions options = test_options(),
                     std::vector<ProofSecret> secrets = test_secrets())
      : exchange(std::move(options)),
        service(exchange, RateLimits{}, Doorkeeper(std::move(secrets))) {}

  // request_of makes a request that nobody has proved yet.
  [[nodiscard]] static VenueRequest request_of(http::Method method, std::string_view target,
                                               std::string_view body = "") {
    VenueRequest request;
    request.method = method;
    split_target(request, target);
    request.body = body;
    return request;
  }
  // prove adds the identity headers, as the gateway does.
  void prove(VenueRequest& request, const Trader& trader, std::string_view permissions = "TRADE") {
    IdentityHeaders& headers = request.identity;
    headers.account = trader.account;
    headers.api_key = trader.api_key;
    headers.permissions = permissions;
    headers.request_id = "req-" + std::to_string(++requests_);
    headers.timestamp = std::to_string(to_unix_ms(now));
    headers.gateway = "gw-test";
    sign(request, secret_);
  }
  // sign makes the proof anew, over what the headers say.
  static void sign(VenueRequest& request, const ProofSecret& secret) {
    request.identity.proof = "";
    request.identity.proof = compute_proof(secret,
                                           {.method = http::method_name(request.method),
                                            .target = request.target,
                                            .body = request.body},
                                           request.identity.claims().value());
  }
  [[nodiscard]] Reply send(const VenueRequest& request) {
    VenueReply reply = service.reply(request, now);
    return {.status = reply.status,
            .json = nlohmann::json::parse(reply.body, nullptr, false),
            .body = std::move(reply.body),
            .content_type = std::string(reply.content_type)};
  }

  [[nodiscard]] Reply get(std::string_view target) {
    return send(request_of(http::Method::kGet, target));
  }
  [[nodiscard]] Reply call(http::Method method, std::string_view target,
                           const Trader& trader = kAnn, std::string_view body = "") {
    VenueRequest request = request_of(method, target, body);
    prove(request, trader);
    return send(request);
  }
  [[nodiscard]] Reply get_as(std::string_view target, const Trader& trader = kAnn) {
    return call(http::Method::kGet, target, trader);
  }
  [[nodiscard]] Reply post(std::string_view target, const Trader& trader = kAnn) {
    return call(http::Method::kPost, target, trader);
  }
  [[nodiscard]] Reply remove(std::string_view target, const Trader& trader = kAnn) {
    return call(http::Method::kDelete, target, trader);
  }
  // order places an order that must be taken.
  nlohmann::json order(std::string_view parameters, const Trader& trader = kAnn) {
    const Reply reply = post("/api/v3/order?" + std::string(parameters), trader);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json;
  }

  Exchange exchange;
  VenueService service;
  Timestamp now = kTestNow;

 private:
  ProofSecret secret_ = proof_secret("1", kTestSecret);
  std::size_t requests_ = 0;
};

// member_names gives the names of an object's members, in the order in which they stand there.
[[nodiscard]] inline std::vector<std::string> member_names(std::string_view object) {
  std::vector<std::string> names;
  const auto parsed = nlohmann::ordered_json::parse(object);
  for (const auto& [name, value] : parsed.items()) {
    names.push_back(name);
  }
  return names;
}

}  // namespace counterfoil::venue
