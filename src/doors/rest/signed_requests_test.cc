#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/signature_scheme.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"

namespace counterfoil::rest_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// proof_of writes what the identity proof must be, from what arrived upstream (docs/upstream.md).
std::string proof_of(const SeenRequest& seen) {
  const std::string ts = seen.field("x-counterfoil-timestamp");
  std::string lines = "counterfoil-proof-v1\n1\n" + ts;
  lines += "\n" + seen.method() + "\n" + seen.target() + "\n" +
           to_hex(sha256(as_bytes(seen.body))) + "\n" + seen.field("x-counterfoil-account") + "\n" +
           seen.field("x-counterfoil-key") + "\n" + seen.field("x-counterfoil-permissions") + "\n" +
           seen.field("x-counterfoil-gateway") + "\n" + seen.field("x-counterfoil-request-id");
  return "v1;kid=1;ts=" + ts + ";mac=" +
         to_hex(HmacKey::from_secret(as_bytes(kProofSecret)).value().mac(as_bytes(lines)));
}

class SignedRequests : public testing::Test {
 protected:
  void SetUp() override {
    key_.emplace(gate_.hmac_key());
    gate_.start();
  }
  Gate gate_;
  std::optional<TestKey> key_;
};

TEST_F(SignedRequests, ReachTheUpstreamByteForByteWithIdentityAndProof) {
  const std::string body =
      key_->sign("symbol=BTCUSDT&side=BUY&note=%2f%2F+x&timestamp=" + gate_.now_ms());
  TestClient client(gate_.port());

  const ClientAnswer answer =
      client.call(Gate::form("POST", *key_, "/api/v3/order?newOrderRespType=ACK", body));

  // The query is signed too, so this one is refused; sign query and body together.
  EXPECT_EQ(answer.status, 400);
  const std::string query = "newOrderRespType=ACK";
  const std::string parameters = "symbol=BTCUSDT&note=%2f%2F+x&timestamp=" + gate_.now_ms();
  const std::string signed_body = parameters + "&signature=" + key_->signature(query + parameters);
  const ClientAnswer accepted =
      client.call(Gate::form("POST", *key_, "/api/v3/order?" + query, signed_body));
  EXPECT_EQ(accepted.status, 200);
  EXPECT_EQ(accepted.body, "{}");
  ASSERT_EQ(gate_.upstream.seen().size(), 1U);
  const SeenRequest seen = gate_.upstream.seen().front();
  EXPECT_EQ(seen.line(), "POST /api/v3/order?newOrderRespType=ACK HTTP/1.1");
  EXPECT_EQ(seen.body, signed_body);
  EXPECT_EQ(seen.field("x-counterfoil-account"), "demo");
  EXPECT_EQ(seen.field("x-counterfoil-key"), key_->id);
  EXPECT_EQ(seen.field("x-counterfoil-permissions"), "USER_DATA,TRADE");
  EXPECT_EQ(seen.field("x-counterfoil-gateway"), "gw-1");
  EXPECT_EQ(seen.field("x-counterfoil-request-id"), accepted.field("x-counterfoil-request-id"));
  EXPECT_EQ(seen.field("x-counterfoil-proof"), proof_of(seen));
  EXPECT_EQ(seen.field("x-mbx-apikey"), "<none>");
  EXPECT_EQ(seen.field("host"), gate_.upstream.url().substr(7));
  EXPECT_EQ(seen.field("x-forwarded-for"), "127.0.0.1");
}

TEST_F(SignedRequests, AreAcceptedWithEveryKindOfKeyPair) {
  const TestKey ed25519 = gate_.public_key(Scheme::kEd25519);
  const TestKey rsa = gate_.public_key(Scheme::kRsaPkcs1Sha256);
  TestClient client(gate_.port());

  const std::vector<const TestKey*> keys = {&*key_, &ed25519, &rsa};
  for (const TestKey* const key : keys) {
    EXPECT_EQ(client.call(gate_.get(*key, "/api/v3/account")).status, 200);
    EXPECT_EQ(client.call(gate_.post(*key, "/api/v3/order", "symbol=BTCUSDT")).status, 200);
    EXPECT_EQ(gate_.upstream.seen().back().field("x-counterfoil-key"), key->id);
    EXPECT_EQ(gate_.upstream.seen().back().field("x-counterfoil-proof"),
              proof_of(gate_.upstream.seen().back()));
  }
}

TEST_F(SignedRequests, AreRefusedInTheProfilesWordsAndGoNowhere) {
  const TestKey reader = gate_.hmac_key("USER_DATA");
  const TestKey elsewhere = gate_.hmac_key("USER_DATA", "192.0.2.0/24");
  const TestKey thief{.id = key_->id,
                      .secret = "another secret that is long enough to be one",
                      .private_key = std::nullopt};
  const TestKey unknown{
      .id = std::string(64, 'U'), .secret = key_->secret, .private_key = std::nullopt};
  struct Row {
    const char* name;
    std::string request;
    int status;
    const char* body;
  };
  const Row rows[] = {
      {"wrong_signature", gate_.get(thief, "/api/v3/account"), 400,
       R"({"code":-1022,"msg":"Signature for this request is not valid."})"},
      {"unknown_key", gate_.get(unknown, "/api/v3/account"), 401,
       R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})"},
      {"missing_permission", gate_.post(reader, "/api/v3/order"), 401,
       R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})"},
      {"other_address", gate_.get(elsewhere, "/api/v3/account"), 401,
       R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})"},
      {"no_key", "GET /api/v3/account?timestamp=1 HTTP/1.1\r\nHost: a\r\n\r\n", 401,
       R"({"code":-2014,"msg":"API-key format invalid."})"},
      {"key_twice",
       "GET /api/v3/account?timestamp=1 HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + key_->id +
           "\r\nx-mbx-apikey: " + key_->id + "\r\n\r\n",
       400, R"({"code":-2014,"msg":"API-key format invalid."})"},
      {"unknown_path", "GET /api/v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404,
       R"({"code":-5000,"msg":"Path or method is invalid"})"},
  };
  TestClient client(gate_.port());

  for (const Row& row : rows) {
    const ClientAnswer answer = client.call(row.request);
    EXPECT_EQ(answer.status, row.status) << row.name;
    EXPECT_EQ(answer.body, row.body) << row.name;
    EXPECT_EQ(answer.field("content-type"), "application/json;charset=UTF-8") << row.name;
    EXPECT_EQ(answer.field("x-counterfoil-request-id").size(), 32U) << row.name;
    EXPECT_THAT(answer.field("date"), HasSubstr("14 Nov 2023 22:13:20 GMT")) << row.name;
  }
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(SignedRequests, AreRefusedASecondTimeWhenTheyChangeSomething) {
  const std::string request = gate_.post(*key_, "/api/v3/order", "symbol=BTCUSDT");
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(request).status, 200);
  const ClientAnswer again = client.call(request);

  EXPECT_EQ(again.status, 400);
  EXPECT_THAT(again.body, HasSubstr("already received"));
  EXPECT_EQ(gate_.upstream.seen().size(), 1U);
}

TEST_F(SignedRequests, WithACapturedPayloadCannotBecomeADelete) {
  const std::string query = key_->sign(gate_.stamped("symbol=BTCUSDT"));
  const std::string tail = " HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + key_->id + "\r\n\r\n";
  TestClient client(gate_.port());

  EXPECT_EQ(client.call("GET /api/v3/account?" + query + tail).status, 200);
  EXPECT_EQ(client.call("DELETE /api/v3/order?" + query + tail).status, 400);
  EXPECT_EQ(gate_.upstream.seen().size(), 1U);
}

TEST_F(SignedRequests, WithAnotherBodyTypeOnAFormRouteAreRefused) {
  const std::string query = key_->sign(gate_.stamped("a=b"));
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(
      "POST /api/v3/order?" + query + " HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + key_->id +
      "\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nx=y");

  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("-1102"));
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(SignedRequests, MayCarryAJsonBodyWhereTheRouteTakesAny) {
  const std::string body = R"({"temperature": 12.5})";
  const std::string query = "timestamp=" + gate_.now_ms();
  const std::string target =
      "/api/v3/report?" + query + "&signature=" + key_->signature(query + body);
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(
      "POST " + target + " HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + key_->id +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(gate_.upstream.seen().front().body, body);
  EXPECT_EQ(gate_.upstream.seen().front().target(), target);
}

TEST_F(SignedRequests, GetTheUsageHeadersOfTheProfile) {
  TestClient client(gate_.port());

  const ClientAnswer order = client.call(gate_.post(*key_, "/api/v3/order", "symbol=BTCUSDT"));
  const ClientAnswer account = client.call(gate_.get(*key_, "/api/v3/account"));

  // An accepted order costs no weight, but counts.
  EXPECT_EQ(order.field("x-mbx-used-weight-1m"), "0");
  EXPECT_EQ(order.field("x-mbx-order-count-1d"), "1");
  EXPECT_EQ(account.field("x-mbx-used-weight-1m"), "20");
}

TEST_F(SignedRequests, OfAnUpstreamRefusalCostTheirWeight) {
  gate_.upstream.set_script([](const SeenRequest&) {
    return Action{.answer =
                      "HTTP/1.1 400 Bad Request\r\nX-MBX-USED-WEIGHT-1M: 77\r\n"
                      "Content-Length: 2\r\n\r\n{}"};
  });
  TestClient client(gate_.port());

  const ClientAnswer answer = client.call(gate_.post(*key_, "/api/v3/order", "symbol=BTCUSDT"));

  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.field("x-mbx-used-weight-1m"), "1");
  EXPECT_THAT(answer.head, Not(HasSubstr("77")));
}

// What nobody counts is not told, and the upstream's own count is left as it is.
TEST(UnlimitedRequests, GetTheUsageHeadersOfTheUpstream) {
  Gate gate(test_profile(), Gate::Limits::kOff);
  const TestKey key = gate.hmac_key();
  gate.start();
  gate.upstream.set_script([](const SeenRequest&) {
    return Action{.answer =
                      "HTTP/1.1 200 OK\r\nX-MBX-USED-WEIGHT-1M: 77\r\n"
                      "Content-Length: 2\r\n\r\n{}"};
  });
  TestClient client(gate.port());

  const ClientAnswer answer = client.call(gate.get(key, "/api/v3/account"));

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("x-mbx-used-weight-1m"), "77");
  EXPECT_EQ(answer.field("x-mbx-order-count-1d"), "<none>");
}

TEST_F(SignedRequests, OfARevokedKeyAreRefusedOnceTheRevocationIsAnswered) {
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(gate_.get(*key_, "/api/v3/account")).status, 200);

  ASSERT_TRUE(gate_.issuer->revoke_key(key_->id, "test", kTester).has_value());

  EXPECT_EQ(client.call(gate_.get(*key_, "/api/v3/account", "a=1")).status, 401);
  EXPECT_EQ(gate_.upstream.seen().size(), 1U);
}

TEST(LastLook, RefusesAKeyThatWasRevokedWhileItsRequestWaitedForAConnection) {
  Gate gate;
  gate.options.upstream.connections_max = 1;
  const TestKey key = gate.hmac_key();
  gate.start();
  gate.upstream.hold();
  TestClient first(gate.port());
  TestClient second(gate.port());
  first.send("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(gate.upstream.wait_for_seen(1));
  const std::string order = gate.post(key, "/api/v3/order", "symbol=BTCUSDT");
  second.send(order);
  wait_until([&] { return gate.door->stats().upstream_waiting == 1; });

  ASSERT_TRUE(gate.issuer->revoke_key(key.id, "test", kTester).has_value());
  gate.upstream.release();

  EXPECT_EQ(first.read().status, 200);
  const ClientAnswer refused = second.read();
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, HasSubstr("-2015"));
  EXPECT_EQ(gate.upstream.seen().size(), 1U);
}

TEST(LastLook, TestsTheWindowAgainAfterAWait) {
  Gate gate;
  gate.options.upstream.connections_max = 1;
  gate.options.upstream.answer_time_max = std::chrono::minutes(1);
  const TestKey key = gate.hmac_key();
  gate.start();
  gate.upstream.hold();
  TestClient first(gate.port());
  TestClient second(gate.port());
  first.send("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(gate.upstream.wait_for_seen(1));
  const std::string order = gate.post(key, "/api/v3/order", "symbol=BTCUSDT");
  second.send(order);
  wait_until([&] { return gate.door->stats().upstream_waiting == 1; });

  gate.clock.advance(std::chrono::seconds(6));
  gate.upstream.release();

  EXPECT_EQ(first.read().status, 200);
  const ClientAnswer refused = second.read();
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("outside of the recvWindow"));
  EXPECT_EQ(gate.upstream.seen().size(), 1U);
}

TEST_F(SignedRequests, ThatWereNotForwardedLeaveNoFingerprint) {
  gate_.door.reset();
  gate_.upstream.stop();  // nobody listens any more
  gate_.start();
  const std::string order = gate_.post(*key_, "/api/v3/order", "symbol=BTCUSDT");
  TestClient client(gate_.port());

  const ClientAnswer first = client.call(order);
  const ClientAnswer second = client.call(order);

  EXPECT_EQ(first.status, 502);
  EXPECT_EQ(second.status, 502) << "not refused as replayed";
  EXPECT_EQ(second.field("x-mbx-order-count-1d"), "0");
}

TEST_F(SignedRequests, ForTheAuthorityAreAnsweredHere) {
  TestClient client(gate_.port());

  const ClientAnswer restrictions =
      client.call(gate_.get(*key_, "/sapi/v1/account/apiRestrictions"));
  const ClientAnswer revoked = client.call(
      gate_.post(*key_, "/counterfoil/v1/self/revoke", "action=self-revoke&apiKey=" + key_->id));
  const ClientAnswer after = client.call(gate_.get(*key_, "/api/v3/account", "a=1"));

  EXPECT_EQ(restrictions.status, 200);
  EXPECT_THAT(restrictions.body, HasSubstr("\"ipRestrict\":false"));
  EXPECT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_EQ(after.status, 401);
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

class CallsOfSubAccounts : public SignedRequests {
 protected:
  void SetUp() override {
    SignedRequests::SetUp();
    manager_.emplace(gate_.hmac_key("USER_DATA,MANAGE_KEYS", "127.0.0.1"));
    ASSERT_TRUE(gate_.issuer
                    ->create_account("desk-7", "", kTester,
                                     Issuer::SubAccountOf{.master = "demo", .email = "d7@demo.x"})
                    .has_value());
  }
  static constexpr const char* kPath = "/sapi/v1/sub-account/subAccountApi";
  static constexpr const char* kNew = "email=d7%40demo.x&apiName=bot&status=1";
  std::optional<TestKey> manager_;
};

TEST_F(CallsOfSubAccounts, AreAnsweredHereWithASecretThatNobodyMayKeep) {
  TestClient client(gate_.port());

  const ClientAnswer made = client.call(gate_.post(*manager_, kPath, kNew));
  const ClientAnswer listed = client.call(gate_.get(*manager_, kPath, "email=d7%40demo.x"));

  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.field("cache-control"), "no-store");
  EXPECT_THAT(made.body, HasSubstr("\"secretKey\":\"cfs1"));
  EXPECT_EQ(listed.status, 200) << listed.body;
  EXPECT_THAT(listed.body, HasSubstr("\"total\":1"));
  EXPECT_THAT(listed.body, Not(HasSubstr("secret")));
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(CallsOfSubAccounts, NameTheParameterThatIsWrong) {
  TestClient client(gate_.port());

  const ClientAnswer refused = client.call(gate_.post(*manager_, kPath, "apiName=bot&status=1"));

  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(
      refused.body,
      R"({"code":-1102,"msg":"Mandatory parameter 'email' was not sent, was empty/null, or malformed."})");
}

// What signs a listing would sign a revocation too, and what was refused once might not be later.
TEST_F(CallsOfSubAccounts, KeepTheirFingerprintWhateverCameOfThem) {
  const std::string listing = manager_->sign(gate_.stamped("email=d7%40demo.x"));
  const std::string refused = manager_->sign(gate_.stamped("apiName=bot&status=1"));
  const std::string tail = " HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + manager_->id + "\r\n\r\n";
  const std::string path(kPath);
  TestClient client(gate_.port());

  EXPECT_EQ(client.call("GET " + path + "?" + listing + tail).status, 200);
  EXPECT_EQ(client.call("POST " + path + "?" + refused + tail).status, 400);

  for (const auto& [method, query] :
       {std::pair("GET ", listing), std::pair("DELETE ", listing), std::pair("POST ", refused)}) {
    EXPECT_THAT(
        client.call(std::string(method).append(path).append("?").append(query).append(tail)).body,
        HasSubstr("already received"))
        << method << query;
  }
}

TEST_F(CallsOfSubAccounts, OfAClientThatWentAwayAreCarriedOutAllTheSame) {
  {
    TestClient client(gate_.port());
    client.send(gate_.post(*manager_, kPath, kNew));
  }

  wait_until([&] { return gate_.issuer->keys_of("desk-7").value().size() == 1; });
}

TEST_F(SignedRequests, WithoutTheRightToAcceptAreNotServed) {
  gate_.acceptance.end();
  TestClient client(gate_.port());

  EXPECT_EQ(client.call(gate_.get(*key_, "/api/v3/account")).status, 503);
  EXPECT_EQ(client.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
}

TEST_F(SignedRequests, AreOverBudgetWithRetryAfter) {
  TestClient client(gate_.port());
  const std::string heavy = "GET /api/v3/heavy HTTP/1.1\r\nHost: a\r\n\r\n";

  EXPECT_EQ(client.call(heavy).status, 200);
  const ClientAnswer refused = client.call(heavy);

  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("current limit is 1000 request weight per 1 MINUTE"));
  EXPECT_EQ(refused.field("retry-after"), "40");
  EXPECT_EQ(refused.field("x-mbx-used-weight-1m"), "600");
}

}  // namespace
}  // namespace counterfoil::rest_test
