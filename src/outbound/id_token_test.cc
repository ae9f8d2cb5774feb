#include "outbound/id_token.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/manual_clock.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "outbound/oidc_documents.h"
#include "outbound/test_oidc_provider.h"

namespace counterfoil {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr std::string_view kNonce = "n-0S6_WzA2Mj";

class IdTokens : public testing::Test {
 protected:
  std::expected<OidcIdentity, IdTokenFault> judge(const std::string& text) {
    const auto token = read_id_token(text);
    if (!token) {
      return std::unexpected(token.error());
    }
    const auto keys = read_keys(provider_.jwks().dump());
    return judge_id_token(*token, *keys, rules_, clock_.now());
  }
  [[nodiscard]] Json claims() const { return provider_.claims(std::string(kNonce)); }
  std::optional<IdTokenFault> fault_with(const std::function<void(Json&)>& change) {
    Json changed = claims();
    change(changed);
    const auto judged = judge(provider_.token(changed));
    return judged ? std::nullopt : std::optional(judged.error());
  }

  ManualClock clock_{from_unix_ms(1'800'000'000'000)};
  TestOidcProvider provider_{clock_};
  IdTokenRules rules_{.issuer = std::string(TestOidcProvider::kIssuer),
                      .client_id = std::string(TestOidcProvider::kClientId),
                      .nonce = std::string(kNonce),
                      .access_token = "at"};
};

TEST_F(IdTokens, AGoodOneSaysWhoItIs) {
  Json good = claims();
  good["amr"] = {"pwd", "otp"};
  good["acr"] = "urn:level:2";

  const auto judged = judge(provider_.token(good));

  ASSERT_TRUE(judged) << describe(judged.error());
  EXPECT_EQ(judged->issuer, TestOidcProvider::kIssuer);
  EXPECT_EQ(judged->subject, "user-1");
  EXPECT_EQ(judged->shown, "ana@example.com");
  EXPECT_EQ(judged->means, (std::vector<std::string>{"pwd", "otp"}));
  EXPECT_EQ(judged->level, "urn:level:2");
}

struct ClaimCase {
  std::string_view name;
  std::function<void(Json&)> change;
  std::optional<IdTokenFault> fault;
};

TEST_F(IdTokens, EveryClaimIsLookedAt) {
  const auto now = claims()["iat"].get<std::int64_t>();
  const std::vector<ClaimCase> cases{
      {"other issuer", [](Json& c) { c["iss"] = "https://id.example.com/"; },
       IdTokenFault::kIssuer},
      {"no issuer", [](Json& c) { c.erase("iss"); }, IdTokenFault::kIssuer},
      {"issuer in a list", [](Json& c) { c["iss"] = Json::array({c["iss"]}); },
       IdTokenFault::kIssuer},
      {"other audience", [](Json& c) { c["aud"] = "other"; }, IdTokenFault::kAudience},
      {"no audience", [](Json& c) { c.erase("aud"); }, IdTokenFault::kAudience},
      {"one audience in a list", [](Json& c) { c["aud"] = {"counterfoil"}; }, std::nullopt},
      {"two audiences without azp", [](Json& c) { c["aud"] = {"x", "counterfoil"}; },
       IdTokenFault::kAudience},
      {"two audiences and our azp",
       [](Json& c) {
         c["aud"] = {"x", "counterfoil"};
         c["azp"] = "counterfoil";
       },
       std::nullopt},
      {"two audiences and another azp",
       [](Json& c) {
         c["aud"] = {"x", "counterfoil"};
         c["azp"] = "x";
       },
       IdTokenFault::kAudience},
      {"another azp", [](Json& c) { c["azp"] = "x"; }, IdTokenFault::kAudience},
      {"ended a minute ago", [&](Json& c) { c["exp"] = now - 60; }, IdTokenFault::kTimes},
      {"ended a second less ago", [&](Json& c) { c["exp"] = now - 59; }, std::nullopt},
      {"no end", [](Json& c) { c.erase("exp"); }, IdTokenFault::kTimes},
      {"end as a text", [&](Json& c) { c["exp"] = std::to_string(now + 300); },
       IdTokenFault::kTimes},
      {"end beyond all times", [](Json& c) { c["exp"] = 999'999'999'999'999; },
       IdTokenFault::kTimes},
      {"made in a minute", [&](Json& c) { c["iat"] = now + 60; }, std::nullopt},
      {"made in a minute and a second", [&](Json& c) { c["iat"] = now + 61; },
       IdTokenFault::kTimes},
      {"made as long ago as may be", [&](Json& c) { c["iat"] = now - 660; }, std::nullopt},
      {"made a second longer ago", [&](Json& c) { c["iat"] = now - 661; }, IdTokenFault::kTimes},
      {"no time made", [](Json& c) { c.erase("iat"); }, IdTokenFault::kTimes},
      {"not yet", [&](Json& c) { c["nbf"] = now + 61; }, IdTokenFault::kTimes},
      {"now", [&](Json& c) { c["nbf"] = now + 60; }, std::nullopt},
      {"other nonce", [](Json& c) { c["nonce"] = "another"; }, IdTokenFault::kNonce},
      {"no nonce", [](Json& c) { c.erase("nonce"); }, IdTokenFault::kNonce},
      {"other access token", [](Json& c) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"; },
       IdTokenFault::kAccessTokenHash},
      {"no subject", [](Json& c) { c.erase("sub"); }, IdTokenFault::kSubject},
      {"empty subject", [](Json& c) { c["sub"] = ""; }, IdTokenFault::kSubject},
      {"longest subject", [](Json& c) { c["sub"] = std::string(kSubjectBytesMax, 's'); },
       std::nullopt},
      {"subject past the limit", [](Json& c) { c["sub"] = std::string(kSubjectBytesMax + 1, 's'); },
       IdTokenFault::kSubject},
      {"subject with a control byte", [](Json& c) { c["sub"] = "a\nb"; }, IdTokenFault::kSubject},
  };
  for (const ClaimCase& row : cases) {
    EXPECT_EQ(fault_with(row.change), row.fault) << row.name;
  }
}

TEST_F(IdTokens, TheHashOfTheAccessTokenIsTheAlgorithmsOwn) {
  const std::array<ByteView, 1> parts{as_bytes(std::string_view("at"))};
  const auto hash = hash_of(HashName::kSha512, parts);
  ASSERT_TRUE(hash);
  const std::string half = to_base64url(ByteView(*hash).first(32));
  EXPECT_EQ(fault_with([&](Json& c) { c["at_hash"] = half; }), std::nullopt);
}

TEST_F(IdTokens, ASignInLongAgoIsTooOldWhenAskedFor) {
  rules_.max_age = 60s;
  const auto now = claims()["iat"].get<std::int64_t>();
  EXPECT_EQ(fault_with([&](Json& c) { c["auth_time"] = now - 120; }), std::nullopt);
  EXPECT_EQ(fault_with([&](Json& c) { c["auth_time"] = now - 121; }), IdTokenFault::kSignInTooOld);
  EXPECT_EQ(fault_with([](Json& c) { c.erase("auth_time"); }), IdTokenFault::kSignInTooOld);
}

TEST_F(IdTokens, NoTokenSignsItself) {
  const std::string part =
      to_base64url(as_bytes(R"({"alg":"none"})")) + "." + to_base64url(as_bytes(claims().dump()));
  EXPECT_EQ(judge(part + ".").error(), IdTokenFault::kAlgorithm);
  // HS256 with the text of the public key as its secret.
  const std::string point = to_base64url(provider_.keys[0].second.public_key().ed25519_point());
  const auto key = HmacKey::from_secret(as_bytes(point));
  for (const std::string_view algorithm : {"HS256", "hs256", "NONE", "RS512", "PS256"}) {
    const std::string other =
        to_base64url(as_bytes(Json{{"alg", algorithm}, {"kid", "k1"}}.dump())) + "." +
        to_base64url(as_bytes(claims().dump()));
    EXPECT_EQ(judge(other + "." + to_base64url(key->mac(as_bytes(other)))).error(),
              IdTokenFault::kAlgorithm)
        << algorithm;
  }
}

TEST_F(IdTokens, TheKeyDecidesTheAlgorithm) {
  EXPECT_EQ(judge(provider_.signed_token({{"alg", "RS256"}, {"kid", "k1"}}, claims())).error(),
            IdTokenFault::kSignature);
  EXPECT_EQ(judge(provider_.signed_token({{"alg", "EdDSA"}, {"kid", "k2"}}, claims())).error(),
            IdTokenFault::kUnknownKey);
  EXPECT_TRUE(judge(provider_.signed_token({{"alg", "EdDSA"}}, claims())));
  provider_.add_key("k2");
  EXPECT_EQ(judge(provider_.signed_token({{"alg", "EdDSA"}}, claims())).error(),
            IdTokenFault::kUnknownKey);  // which of two is not said
  provider_.add_key("k2");
  EXPECT_EQ(judge(provider_.token(claims())).error(),
            IdTokenFault::kUnknownKey);  // two of one name
}

TEST_F(IdTokens, EveryByteCounts) {
  const std::string good = provider_.token(claims());
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string tampered = good;
    tampered[at] = tampered[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(judge(tampered)) << at;
  }
}

TEST_F(IdTokens, WhatIsNoCompactJwsIsMalformed) {
  const std::string good = provider_.token(claims());
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".x",
        good + "=", " " + good, good.substr(0, good.rfind('.')), std::string("a.b.c")}) {
    EXPECT_EQ(judge(text).error(), IdTokenFault::kMalformed) << text;
  }
  for (const Json& header : {Json{{"alg", "EdDSA"}, {"kid", "k1"}, {"crit", {"exp"}}},
                             Json{{"alg", "EdDSA"}, {"kid", "k1"}, {"b64", false}},
                             Json{{"alg", "EdDSA"}, {"kid", "k1"}, {"typ", "at+jwt"}},
                             Json{{"alg", "EdDSA"}, {"kid", "k1"}, {"typ", "logout+jwt"}}}) {
    EXPECT_EQ(judge(provider_.signed_token(header, claims())).error(), IdTokenFault::kMalformed)
        << header;
  }
  EXPECT_TRUE(judge(provider_.signed_token({{"alg", "EdDSA"}, {"typ", "JWT"}}, claims())));
}

TEST_F(IdTokens, OneIsTakenUpToItsLimitAndNotPast) {
  // No part of base64url has 4n + 1 characters, so both parts are filled until the sum is right.
  const auto token_of = [&](std::size_t bytes) {
    for (std::size_t in_header = 0; in_header < 3; ++in_header) {
      const Json header{{"alg", "EdDSA"}, {"kid", "k1"}, {"pad", std::string(in_header, 'p')}};
      Json padded = claims();
      padded["pad"] = "";
      std::size_t size = (bytes - provider_.signed_token(header, padded).size()) / 4 * 3;
      std::string made;
      for (; made.size() < bytes; ++size) {
        padded["pad"] = std::string(size, 'p');
        made = provider_.signed_token(header, padded);
      }
      if (made.size() == bytes) {
        return made;
      }
    }
    return std::string();
  };
  EXPECT_TRUE(judge(token_of(kIdTokenBytesMax)));
  const std::string past = token_of(kIdTokenBytesMax + 1);
  ASSERT_EQ(past.size(), kIdTokenBytesMax + 1);
  EXPECT_EQ(judge(past).error(), IdTokenFault::kMalformed);
}

TEST_F(IdTokens, ANameTwiceIsNoToken) {
  std::string text = claims().dump();
  text.insert(1, R"("sub":"user-2",)");
  const std::string part =
      to_base64url(as_bytes(R"({"alg":"EdDSA","kid":"k1"})")) + "." + to_base64url(as_bytes(text));
  const auto signature = provider_.keys[0].second.sign(as_bytes(part));
  EXPECT_EQ(judge(part + "." + to_base64url(*signature)).error(), IdTokenFault::kMalformed);
}

TEST_F(IdTokens, WhatCannotBeShownIsLeftOut) {
  Json hostile = claims();
  hostile["email"] = "ana\u202e@example.com";
  hostile["preferred_username"] = std::string(201, 'a');
  EXPECT_EQ(judge(provider_.token(hostile))->shown, "");
}

TEST(IdTokenFaults, EachHasItsOwnWords) {
  EXPECT_NE(describe(IdTokenFault::kTimes), describe(IdTokenFault::kNonce));
  EXPECT_TRUE(describe(IdTokenFault::kAudience).contains("another client"));
}

}  // namespace
}  // namespace counterfoil
