#include "app/demo_guide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

DemoFacts facts() {
  return {.gateway = "http://127.0.0.1:1",
          .console = "http://localhost:2",
          .admin_socket = "/it's/admin.sock",
          .data = "/it's",
          .api_key_header = "X-MBX-APIKEY",
          .keys = {{.path = "/it's/keys/hmac",
                    .api_key = "AAAA",
                    .label = "hmac",
                    .scheme = Scheme::kHmacSha256},
                   {.path = "/it's/keys/rsa",
                    .api_key = "BBBB",
                    .label = "rsa",
                    .scheme = Scheme::kRsaPkcs1Sha256}}};
}

TEST(DemoJson, SaysWhatScriptsNeed) {
  const auto json = nlohmann::json::parse(demo_json(facts()));

  EXPECT_EQ(json["gateway"], "http://127.0.0.1:1");
  EXPECT_EQ(json["console"], "http://localhost:2");
  for (const char* const none : {"ws", "fix"}) {
    EXPECT_TRUE(json.contains(none) && json[none].is_null()) << none;
  }
  EXPECT_EQ(json["admin_socket"], "/it's/admin.sock");
  EXPECT_EQ(json["data"], "/it's");
  ASSERT_EQ(json["keys"].size(), 2U);
  EXPECT_EQ(json["keys"][0]["type"], "hmac-sha256");
  EXPECT_EQ(json["keys"][0]["secret_file"], "/it's/keys/hmac/secret");
  EXPECT_FALSE(json["keys"][0].contains("private_key_file"));
  EXPECT_EQ(json["keys"][1]["private_key_file"], "/it's/keys/rsa/key.pem");
  EXPECT_EQ(json["keys"][0]["permissions"], (nlohmann::json{"USER_DATA", "USER_STREAM", "TRADE"}));
}

TEST(DemoGuide, ItsLinesSurviveAPathWithAQuote) {
  const auto lines = demo_guide(facts(), "/usr/bin/counterfoil");

  // Between the opening and the closing quote of the CCXT script no other one may stand.
  const auto open = std::ranges::find_if(
      lines, [](const std::string& line) { return line.ends_with("node -e '"); });
  ASSERT_NE(open, lines.end());
  const auto close = std::find_if(open + 1, lines.end(),
                                  [](const std::string& line) { return line.contains('\''); });
  ASSERT_NE(close, lines.end());
  EXPECT_EQ(*close, "    '");
  EXPECT_TRUE(std::ranges::any_of(
      lines, [](const std::string& line) { return line.contains(R"(--data '/it'\''s')"); }));
}

}  // namespace
}  // namespace counterfoil
