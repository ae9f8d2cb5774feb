#include "authority/identity_prover.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"

namespace counterfoil {
namespace {

IdentityProver prover(std::string_view secret, std::string kid = "1",
                      std::string gateway = "gw-1") {
  return {std::move(kid), HmacKey::from_secret(as_bytes(secret)).value(), std::move(gateway)};
}

ForwardedIdentity order() {
  return {.method = "POST",
          .target = "/api/v3/order?symbol=BTCUSDT",
          .body = "side=BUY",
          .account = "demo",
          .api_key = "TESTONLYapikey00000000000000000000000000000000000000000000000000",
          .permissions = "USER_DATA,TRADE",
          .request_id = "0123456789abcdef"};
}

std::string proof_of(const IdentityProver& prover, const ForwardedIdentity& identity,
                     Timestamp now = from_unix_ms(1'790'000'000'000)) {
  std::string headers;
  prover.append_headers(identity, now, headers);
  return headers.substr(headers.find("X-Counterfoil-Proof"));
}

// The same vectors that upstreams check their verifiers with.
TEST(IdentityProver, WritesExactlyTheHeadersOfThePublishedVectors) {
  std::ifstream in(COUNTERFOIL_SOURCE_DIR "/testdata/upstream-proof.json");
  const nlohmann::json vectors = nlohmann::json::parse(in, nullptr, false);
  ASSERT_FALSE(vectors.is_discarded());
  std::map<std::string, std::string> secrets;
  for (const auto& secret : vectors.at("secrets")) {
    secrets[secret.at("kid")] = secret.at("secret");
  }
  int checked = 0;
  for (const auto& row : vectors.at("cases")) {
    if (row.at("expect") != "accepted" || row.at("headers").size() != 7) {
      continue;
    }
    std::map<std::string, std::string> headers;
    std::string expected;
    for (const auto& header : row.at("headers")) {
      headers[header.at(0)] = header.at(1);
      expected += header.at(0).get<std::string>() + ": " + header.at(1).get<std::string>() + "\r\n";
    }
    const std::string& proof = headers.at("X-Counterfoil-Proof");
    const std::string kid = proof.substr(7, proof.find(';', 7) - 7);
    const std::string method = row.at("method");
    const std::string target = row.at("target");
    const std::string body = row.at("body");
    std::string written;

    prover(secrets.at(kid), kid, headers.at("X-Counterfoil-Gateway"))
        .append_headers({.method = method,
                         .target = target,
                         .body = body,
                         .account = headers.at("X-Counterfoil-Account"),
                         .api_key = headers.at("X-Counterfoil-Key"),
                         .permissions = headers.at("X-Counterfoil-Permissions"),
                         .request_id = headers.at("X-Counterfoil-Request-Id")},
                        from_unix_ms(std::stoll(headers.at("X-Counterfoil-Timestamp"))), written);

    EXPECT_EQ(written, expected) << row.at("name");
    ++checked;
  }
  EXPECT_GE(checked, 4);
}

TEST(IdentityProver, EveryFieldIsProved) {
  const IdentityProver one = prover("TESTONLY-secret");
  const std::string proof = proof_of(one, order());
  const auto differs = [&](auto change) {
    ForwardedIdentity changed = order();
    change(changed);
    return proof_of(one, changed) != proof;
  };

  EXPECT_EQ(proof_of(one, order()), proof);
  EXPECT_TRUE(differs([](auto& i) { i.method = "PUT"; }));
  EXPECT_TRUE(differs([](auto& i) { i.target = "/api/v3/order"; }));
  EXPECT_TRUE(differs([](auto& i) { i.body = "side=SELL"; }));
  EXPECT_TRUE(differs([](auto& i) { i.account = "other"; }));
  EXPECT_TRUE(differs([](auto& i) { i.api_key = "k"; }));
  EXPECT_TRUE(differs([](auto& i) { i.permissions = "WITHDRAW"; }));
  EXPECT_TRUE(differs([](auto& i) { i.request_id = "r"; }));
  EXPECT_NE(proof_of(one, order(), from_unix_ms(1'790'000'000'001)), proof);
  EXPECT_NE(proof_of(prover("TESTONLY-other"), order()), proof);
  EXPECT_NE(proof_of(prover("TESTONLY-secret", "2"), order()), proof);
  EXPECT_NE(proof_of(prover("TESTONLY-secret", "1", "gw-2"), order()), proof);
}

TEST(IdentityProver, AppendsToWhatIsThere) {
  std::string out = "GET / HTTP/1.1\r\n";

  prover("TESTONLY-secret").append_headers(order(), from_unix_ms(1'790'000'000'000), out);

  EXPECT_TRUE(out.starts_with("GET / HTTP/1.1\r\nX-Counterfoil-Account: demo\r\n"));
  EXPECT_TRUE(out.ends_with("\r\n"));
}

}  // namespace
}  // namespace counterfoil
