#include "outbound/oidc_documents.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/jws_key.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "outbound/test_oidc_provider.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kIssuer = TestOidcProvider::kIssuer;

std::optional<std::string> fault_with(const std::function<void(Json&)>& change) {
  Json document = TestOidcProvider::discovery();
  change(document);
  const auto read = read_discovery(document.dump(), kIssuer);
  return read ? std::nullopt : std::optional(read.error());
}

TEST(Discovery, GivesTheEndpoints) {
  const auto read = read_discovery(TestOidcProvider::discovery().dump(), kIssuer);

  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->authorization, "https://id.example.com/auth");
  EXPECT_EQ(read->token.target, "/token");
  EXPECT_EQ(read->keys.target, "/jwks");
  EXPECT_TRUE(read->names_issuer);
  // What is not said is left open.
  EXPECT_EQ(fault_with([](Json& d) {
              d.erase("code_challenge_methods_supported");
              d.erase("response_types_supported");
              d.erase("id_token_signing_alg_values_supported");
              d.erase("authorization_response_iss_parameter_supported");
            }),
            std::nullopt);
}

TEST(Discovery, SaysWhatIsWrong) {
  struct Case {
    std::function<void(Json&)> change;
    std::string_view says;
  };
  const std::vector<Case> cases{
      {[](Json& d) { d["issuer"] = "https://id.example.com/"; }, "names another issuer"},
      {[](Json& d) { d["issuer"] = "https://ID.example.com"; }, "names another issuer"},
      {[](Json& d) { d.erase("issuer"); }, "names another issuer"},
      {[](Json& d) { d.erase("token_endpoint"); }, "token_endpoint"},
      {[](Json& d) { d["token_endpoint"] = "http://id.example.com/token"; }, "https is wanted"},
      {[](Json& d) { d["token_endpoint"] = "https://id.example.com:8443/"; }, "port 443"},
      {[](Json& d) { d["jwks_uri"] = "file:///etc/passwd"; }, "jwks_uri"},
      {[](Json& d) { d["authorization_endpoint"] = "javascript:alert(1)"; },
       "authorization_endpoint"},
      {[](Json& d) { d["id_token_signing_alg_values_supported"] = {"HS256", "none"}; }, "RS256"},
      {[](Json& d) { d["code_challenge_methods_supported"] = {"plain"}; }, "PKCE"},
      {[](Json& d) { d["response_types_supported"] = {"id_token"}; }, "authorization-code"},
  };
  for (const Case& row : cases) {
    EXPECT_TRUE(fault_with(row.change).value_or("").contains(row.says)) << row.says;
  }
  for (const std::string_view text : {"", "[]", "<html>", R"({"issuer":"a","issuer":"b"})"}) {
    EXPECT_FALSE(read_discovery(text, kIssuer)) << text;
  }
}

TEST(Discovery, AProviderOfThisMachineStaysOnIt) {
  const auto local = *WebUrl::parse("http://localhost:9000");
  EXPECT_TRUE(may_be_called(*WebUrl::parse("http://127.0.0.1:9001/token"), local));
  EXPECT_FALSE(may_be_called(*WebUrl::parse("http://id.example.com/token"), local));
  EXPECT_FALSE(may_be_called(*WebUrl::parse("https://id.example.com/token"), local));
  const auto company = *WebUrl::parse("https://id.example.com:8443");
  EXPECT_TRUE(may_be_called(*WebUrl::parse("https://keys.example.com:8443/"), company));
  EXPECT_TRUE(may_be_called(*WebUrl::parse("https://keys.example.com/"), company));
  EXPECT_FALSE(may_be_called(*WebUrl::parse("https://keys.example.com:22/"), company));
}

TEST(Keys, OfOurSortsAreTakenAndOthersLeftOut) {
  SystemRandom random;
  const auto rsa = PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2048);
  const auto ed = PrivateKey::generate(Scheme::kEd25519, random);
  const std::string n = to_base64url(rsa->public_key().rsa_modulus());
  const std::string point = to_base64url(ed->public_key().ed25519_point());
  const Json ec{{"kty", "EC"},
                {"crv", "P-256"},
                {"kid", "ec"},
                {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
  Json other_curve = ec;
  other_curve["crv"] = "P-384";
  Json encrypting = ec;
  encrypting["use"] = "enc";
  const Json set{{"keys",
                  {{{"kty", "RSA"}, {"kid", "rsa"}, {"n", n}, {"e", "AQAB"}, {"alg", "RS256"}},
                   {{"kty", "RSA"}, {"kid", "ps"}, {"n", n}, {"e", "AQAB"}, {"alg", "PS256"}},
                   {{"kty", "RSA"}, {"kid", "short"}, {"n", n.substr(0, 172)}, {"e", "AQAB"}},
                   ec,
                   other_curve,
                   encrypting,
                   {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", "ed"}, {"x", point}},
                   {{"kty", "oct"}, {"kid", "oct"}, {"k", point}},
                   7}}};

  const auto keys = read_keys(set.dump());

  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[0].id, "rsa");
  EXPECT_EQ((*keys)[1].id, "ec");
  EXPECT_EQ((*keys)[1].key.algorithm(), JwsAlgorithm::kEs256);
  EXPECT_EQ((*keys)[2].id, "ed");
}

TEST(Keys, AreTakenUpToTheirLimitAndNotPast) {
  const ManualClock clock{from_unix_ms(1'800'000'000'000)};
  const TestOidcProvider provider(clock);
  const auto set_of = [&](std::size_t count) {
    Json set{{"keys", Json::array()}};
    for (std::size_t i = 0; i < count; ++i) {
      set["keys"].push_back(provider.jwks()["keys"][0]);
    }
    return set.dump();
  };
  EXPECT_EQ(read_keys(set_of(kOidcKeysMax))->size(), kOidcKeysMax);
  EXPECT_FALSE(read_keys(set_of(kOidcKeysMax + 1)));
  EXPECT_FALSE(read_keys(R"({"keys":{}})"));
  EXPECT_FALSE(read_keys("{}"));
  EXPECT_FALSE(read_keys(""));
}

}  // namespace
}  // namespace counterfoil
