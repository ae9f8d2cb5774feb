#include "outbound/oidc_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/manual_clock.h"
#include "base/time.h"
#include "crypto/secret_bytes.h"
#include "outbound/id_token.h"
#include "outbound/oidc_client_secret.h"
#include "outbound/oidc_documents.h"
#include "outbound/test_oidc_provider.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Kind = OidcFault::Kind;

class OidcClients : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<OidcClient> client(OidcClient::Settings settings = {}) {
    settings.issuer = TestOidcProvider::kIssuer;
    settings.client_id = TestOidcProvider::kClientId;
    return std::make_unique<OidcClient>(
        std::move(settings),
        OidcClientSecret(SecretBytes::copy_of(as_bytes(std::string_view("s:e c"))).value()),
        provider_.fetch(), clock_);
  }
  // sign_in goes through the whole flow.
  std::expected<OidcIdentity, OidcFault> sign_in(OidcClient& client) {
    const auto url = client.authorization_url(flow_);
    if (!url) {
      return std::unexpected(url.error());
    }
    return client.redeem(flow_, {.code = provider_.go_through(*url), .issuer = issuer_});
  }

  ManualClock clock_{from_unix_ms(1'800'000'000'000)};
  TestOidcProvider provider_{clock_};
  OidcClient::Flow flow_{.redirect_uri = "https://console.example.com/login/oidc",
                         .state = "state&1",
                         .nonce = "nonce-1",
                         .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
  std::optional<std::string> issuer_ = std::string(TestOidcProvider::kIssuer);
};

TEST_F(OidcClients, TheUrlSaysAllThatTheProviderWantsToKnow) {
  const auto made = client();

  const auto url = made->authorization_url(flow_);

  ASSERT_TRUE(url);
  // The challenge is of "Appendix B. Example for the S256 code_challenge_method", RFC 7636.
  EXPECT_EQ(*url,
            "https://id.example.com/auth?response_type=code&client_id=counterfoil"
            "&redirect_uri=https%3A%2F%2Fconsole.example.com%2Flogin%2Foidc"
            "&scope=openid%20email%20profile&state=state%261&nonce=nonce-1"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            "&code_challenge_method=S256");
  const auto asking = client({.max_age = 600s, .levels = {"a", "b"}});
  EXPECT_TRUE(asking->authorization_url(flow_)->ends_with("&max_age=600&acr_values=a%20b"));
}

TEST_F(OidcClients, AnEndpointWithAQueryKeepsIt) {
  provider_.other_discovery = TestOidcProvider::discovery();
  (*provider_.other_discovery)["authorization_endpoint"] = "https://id.example.com/auth?tenant=1";

  EXPECT_TRUE(client()->authorization_url(flow_)->starts_with(
      "https://id.example.com/auth?tenant=1&response_type=code&"));
}

TEST_F(OidcClients, ACodeBecomesSomebody) {
  const auto made = client();

  const auto identity = sign_in(*made);

  ASSERT_TRUE(identity) << identity.error().sentence;
  EXPECT_EQ(identity->subject, "user-1");
  EXPECT_EQ(provider_.calls["/token"], 1);
  EXPECT_EQ(provider_.calls["/jwks"], 1);
  ASSERT_TRUE(sign_in(*made));
  EXPECT_EQ(provider_.calls["/.well-known/openid-configuration"], 1);  // asked once an hour
  clock_.advance(OidcClient::kDocumentsLife);
  ASSERT_TRUE(sign_in(*made));
  EXPECT_EQ(provider_.calls["/.well-known/openid-configuration"], 2);
}

TEST_F(OidcClients, TheSecretGoesIntoOneHeaderEncodedAsAForm) {
  const auto made = client();
  std::string seen;
  std::string body;
  provider_.make_token = [&](const Json& claims) {
    seen = provider_.last_call.headers.front().second;
    body = provider_.last_call.body;
    return provider_.token(claims);
  };

  ASSERT_TRUE(sign_in(*made));

  EXPECT_EQ(seen, "Basic Y291bnRlcmZvaWw6cyUzQWUlMjBj");  // counterfoil:s%3Ae%20c
  EXPECT_FALSE(body.contains("s%3Ae"));
  EXPECT_TRUE(body.contains("code_verifier=" + flow_.verifier));
}

TEST_F(OidcClients, AHostileTokenIsRefusedWithItsReason) {
  const auto made = client();
  struct Case {
    std::function<void(Json&)> change;
    std::string_view says;
  };
  const std::vector<Case> cases{
      {[](Json& c) { c["iss"] = "https://evil.example"; }, "another issuer"},
      {[](Json& c) { c["aud"] = "other"; }, "another client"},
      {[](Json& c) { c["exp"] = 1; }, "has run out"},
      {[](Json& c) { c["nonce"] = "of-before"; }, "not the answer to this sign-in"},
  };
  for (const Case& row : cases) {
    provider_.change_claims = row.change;
    const auto identity = sign_in(*made);
    ASSERT_FALSE(identity) << row.says;
    EXPECT_EQ(identity.error().kind, Kind::kRefused);
    EXPECT_TRUE(identity.error().sentence.contains(row.says)) << identity.error().sentence;
  }
}

TEST_F(OidcClients, ACodeIsGoodOnceAndForItsOwnVerifier) {
  const auto made = client();
  const std::string code = provider_.go_through(*made->authorization_url(flow_));
  OidcClient::Flow other = flow_;
  other.verifier = std::string(43, 'v');
  const auto stolen = made->redeem(other, {.code = code, .issuer = issuer_});
  ASSERT_FALSE(stolen);
  EXPECT_TRUE(stolen.error().sentence.contains("invalid_grant"));
  ASSERT_TRUE(made->redeem(flow_, {.code = code, .issuer = issuer_}));
  EXPECT_FALSE(made->redeem(flow_, {.code = code, .issuer = issuer_}));
}

TEST_F(OidcClients, TheAnswerOfAnotherIssuerIsNotRedeemed) {
  const auto made = client();
  issuer_ = "https://evil.example";
  EXPECT_FALSE(sign_in(*made));
  issuer_.reset();  // this provider says that it names itself
  EXPECT_FALSE(sign_in(*made));
  EXPECT_EQ(provider_.calls["/token"], 0);
  provider_.other_discovery = TestOidcProvider::discovery();
  provider_.other_discovery->erase("authorization_response_iss_parameter_supported");
  EXPECT_TRUE(sign_in(*client()));
}

TEST_F(OidcClients, KeysThatWereChangedInBetweenAreAskedForAnewOnceInAWhile) {
  const auto made = client();
  ASSERT_TRUE(sign_in(*made));
  provider_.keys.clear();
  provider_.add_key("k2");
  EXPECT_FALSE(sign_in(*made));  // asked for a moment ago
  EXPECT_EQ(provider_.calls["/jwks"], 1);
  clock_.advance(OidcClient::kKeysAnewAfter);
  EXPECT_TRUE(sign_in(*made));
  EXPECT_EQ(provider_.calls["/jwks"], 2);

  provider_.make_token = [&](const Json& claims) {
    return provider_.signed_token({{"alg", "EdDSA"}, {"kid", "nobody's"}}, claims);
  };
  clock_.advance(OidcClient::kKeysAnewAfter);
  EXPECT_FALSE(sign_in(*made));
  EXPECT_FALSE(sign_in(*made));
  EXPECT_EQ(provider_.calls["/jwks"], 3);
}

TEST_F(OidcClients, AProviderThatIsDownIsNotAskedByEverybody) {
  const auto made = client();
  provider_.down = true;
  EXPECT_EQ(sign_in(*made).error().kind, Kind::kUnreachable);
  EXPECT_EQ(sign_in(*made).error().kind, Kind::kUnreachable);
  EXPECT_EQ(provider_.calls["/.well-known/openid-configuration"], 1);
  provider_.down = false;
  clock_.advance(OidcClient::kRetryAfter);
  EXPECT_TRUE(sign_in(*made));
}

TEST_F(OidcClients, DocumentsPastTheirLimitAreNone) {
  provider_.other_keys = provider_.jwks().dump();
  provider_.other_keys->append(kOidcDocumentBytesMax - provider_.other_keys->size(), ' ');
  EXPECT_TRUE(sign_in(*client()));
  provider_.other_keys->append(" ");
  EXPECT_FALSE(sign_in(*client()));
}

TEST_F(OidcClients, CodesAreTakenUpToTheirLimitAndNotPast) {
  const auto made = client();
  (void)made->redeem(flow_,
                     {.code = std::string(OidcClient::kCodeBytesMax, 'c'), .issuer = issuer_});
  EXPECT_EQ(provider_.calls["/token"], 1);
  (void)made->redeem(flow_,
                     {.code = std::string(OidcClient::kCodeBytesMax + 1, 'c'), .issuer = issuer_});
  (void)made->redeem(flow_, {.code = "", .issuer = issuer_});
  EXPECT_EQ(provider_.calls["/token"], 1);
}

TEST_F(OidcClients, ATokenEndpointThatGivesNoTokenIsNoProvider) {
  provider_.make_token = [](const Json& /*claims*/) { return std::string(); };
  const auto identity = sign_in(*client());
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().kind, Kind::kUnreachable);
}

}  // namespace
}  // namespace counterfoil
