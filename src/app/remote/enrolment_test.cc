#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/remote/enrolment_answer.h"
#include "app/remote/enrolment_url.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

const std::string kToken(43, 'k');

TEST(EnrolmentUrlParse, TakesTheLinkThatTheConsoleShows) {
  const auto url =
      EnrolmentUrl::parse(" https://console.example.com:8443/enroll#e=" + kToken + "\r\n");

  ASSERT_TRUE(url.has_value()) << url.error();
  EXPECT_EQ(url->origin(), "https://console.example.com:8443");
  EXPECT_EQ(std::string(url->token), kToken);
}

struct LinkCase {
  std::string name;
  std::string text;
  bool fits = false;
};

TEST(EnrolmentUrlParse, RefusesEverythingElseAndRepeatsNoneOfIt) {
  const std::string page = "https://console.example.com/enroll";
  const std::vector<LinkCase> cases{
      {"on this machine, in the open", "http://localhost:8444/enroll#e=" + kToken, true},
      {"at a loopback address", "http://127.0.0.1:8444/enroll#e=" + kToken, true},
      {"at IPv6's", "http://[::1]:8444/enroll#e=" + kToken, true},
      {"elsewhere in the open", "http://console.example.com/enroll#e=" + kToken},
      {"a private address in the open", "http://10.0.0.1/enroll#e=" + kToken},
      {"another page", "https://console.example.com/reset#e=" + kToken},
      {"another fragment", page + "#t=" + kToken},
      {"a query", page + "?a=b#e=" + kToken},
      {"a user", "https://ann@console.example.com/enroll#e=" + kToken},
      {"no token", page + "#e="},
      {"a token that leaves its text", page + "#e=" + kToken + R"(","type":"hmac-sha256)"},
      {"the longest token", page + "#e=" + std::string(EnrolmentUrl::kTokenBytesMax, 'k'), true},
      {"one more", page + "#e=" + std::string(EnrolmentUrl::kTokenBytesMax + 1, 'k')},
      {"the token alone", kToken},
      {"nothing", ""},
  };
  for (const LinkCase& one : cases) {
    const auto url = EnrolmentUrl::parse(one.text);
    EXPECT_EQ(url.has_value(), one.fits) << one.name;
    EXPECT_TRUE(url.has_value() || !url.error().contains("kkkk")) << one.name;
  }
}

TEST(EnrolmentUrlParse, KnowsWhatMustNotBeAnArgument) {
  EXPECT_TRUE(has_enrolment_token("https://console.example.com/enroll#e=abc"));
  EXPECT_TRUE(has_enrolment_token("--link=https://console.example.com/enroll#e=abc"));
  EXPECT_FALSE(has_enrolment_token("./enroll"));
}

std::string prepared(std::string_view changed = R"("label":"their bot")") {
  return R"({"account":"demo","type":"rsa-sha256","permissions":["USER_DATA","TRADE"],)"
         R"("allow_list":["203.0.113.7"],"symbols":["币USDT"],"expires_at":null,)"
         R"("never_expires":true,"ends_at":"2026-11-28T00:00:00.000Z",)"
         R"("gateway_url":"https://api.example.com",)" +
         std::string(changed) + "}";
}

TEST(EnrolmentAnswer, TellsWhatTheApiKeyWillBe) {
  const auto key = parse_prepared_key(prepared());

  ASSERT_TRUE(key.has_value()) << key.error();
  EXPECT_EQ(key->account, "demo");
  EXPECT_EQ(key->label, "their bot");
  EXPECT_EQ(key->scheme, Scheme::kRsaPkcs1Sha256);
  EXPECT_EQ(key->permissions, (std::vector<std::string>{"USER_DATA", "TRADE"}));
  EXPECT_EQ(key->symbols, std::vector<std::string>{"币USDT"});
  EXPECT_TRUE(key->never_expires && !key->expires_at);
  EXPECT_EQ(key->gateway_url, "https://api.example.com");
}

TEST(EnrolmentAnswer, HasNothingThatATerminalWouldObey) {
  constexpr auto kBodies = std::to_array<std::string_view>(
      {R"("label":"\u001b[2J")", R"("label":7)", R"("label":"twice","label":"twice")"});
  for (const std::string_view changed : kBodies) {
    EXPECT_FALSE(parse_prepared_key(prepared(changed)).has_value()) << changed;
  }
  EXPECT_FALSE(parse_prepared_key(R"({"account":"\u001b]0;x","label":""})").has_value());
  EXPECT_FALSE(parse_prepared_key("[]").has_value());
  EXPECT_FALSE(parse_prepared_key("<html>").has_value());
  EXPECT_FALSE(parse_enrolment_refusal(R"({"detail":"\u001b[2J"})").has_value());
  EXPECT_EQ(parse_enrolment_refusal(R"({"detail":"this link is closed"})"), "this link is closed");
}

TEST(EnrolmentAnswer, LeavesOutAGatewayThatNoCommandLineCouldName) {
  std::string body = prepared();
  const std::string_view told = "https://api.example.com";
  body.replace(body.find(told), told.size(), "https://api.example.com/$(reboot)");

  EXPECT_EQ(parse_prepared_key(body)->gateway_url, "");
}

TEST(EnrolmentAnswer, EndsAtItsLimits) {
  const auto padded = [](std::size_t size) {
    std::string body = prepared();
    body.insert(1, std::string(size - body.size(), ' '));
    return body;
  };
  EXPECT_TRUE(parse_prepared_key(padded(kEnrolmentAnswerBytesMax)).has_value());
  EXPECT_FALSE(parse_prepared_key(padded(kEnrolmentAnswerBytesMax + 1)).has_value());

  const auto with_nonce = [](std::size_t size) {
    return parse_enrolment_challenge(R"({"nonce":")" + std::string(size, 'a') + R"(","text":"t"})");
  };
  EXPECT_TRUE(with_nonce(kEnrolmentTextBytesMax).has_value());
  EXPECT_FALSE(with_nonce(kEnrolmentTextBytesMax + 1).has_value());
}

TEST(EnrolmentAnswer, NamesAnApiKeyOfTheRightForm) {
  const std::string id(64, 'A');
  const auto made = parse_enrolled_key(R"({"api_key":")" + id + R"(","expires_at":null})");

  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_EQ(made->api_key, id);
  EXPECT_FALSE(parse_enrolled_key(R"({"api_key":"; reboot"})").has_value());
  EXPECT_FALSE(parse_enrolled_key("{}").has_value());
}

}  // namespace
}  // namespace counterfoil
