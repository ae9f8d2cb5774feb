// Pasted requests, explained to who is signed in.
#include "authority/doctor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "accounts/person.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "wire/http/request_head.h"

namespace counterfoil::management_test {
namespace {

class DoctorCallsTest : public ConsoleTest {
 protected:
  DoctorCallsTest() {
    const Reply made = confirmed(ana_, http::Method::kPost, "/api/v1/keys",
                                 R"({"account":"desk","type":"hmac-sha256","label":"bot"})");
    api_key_ = made.text("api_key");
    secret_ = made.text("secret");
  }
  static std::string body(const std::string& text) { return nlohmann::json{{"text", text}}.dump(); }
  // curl writes a command whose signature covers `prefix` and the payload.
  [[nodiscard]] std::string curl(const std::string& prefix) const {
    const std::string payload = "timestamp=" + std::to_string(to_unix_ms(kNow));
    const std::string signature =
        to_hex(HmacKey::from_secret(as_bytes(secret_)).value().mac(as_bytes(prefix + payload)));
    return "curl -H 'X-MBX-APIKEY: " + api_key_ + "' 'https://h/api/v3/account?" + payload +
           "&signature=" + signature + "'";
  }
  Reply ask(Somebody& who, const std::string& text) {
    return post(who.browser, "/api/v1/doctor", body(text));
  }

  Somebody boss_ = owner();
  Somebody ana_ = holder(boss_, "desk");
  std::string api_key_;
  std::string secret_;
};

TEST_F(DoctorCallsTest, TellTheHolderWhatARefusalTells) {
  const Reply told = ask(ana_, curl("?"));

  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.json["more"], 0);
  ASSERT_EQ(told.json["requests"].size(), 1U);
  const auto& request = told.json["requests"][0];
  EXPECT_EQ(request["form"], "curl command");
  EXPECT_EQ(request["line"], 1);
  EXPECT_EQ(request["method"], "GET");
  EXPECT_EQ(request["host"], "h");
  EXPECT_EQ(request["path"], "/api/v3/account");
  EXPECT_EQ(request["api_key"], api_key_);
  EXPECT_EQ(request["key"]["label"], "bot");
  EXPECT_EQ(request["yours"], true);
  EXPECT_EQ(request["verdict"], "explained");
  EXPECT_EQ(request["findings"][0]["id"], "question-mark-in-payload");
  EXPECT_EQ(request["findings"][0]["snippets"].size(), 4U);
  EXPECT_TRUE(request["proof"]["signed"]["text"].get<std::string>().starts_with("?timestamp="));
  EXPECT_EQ(request["not_checked"], (nlohmann::json{"time", "address"}));
  EXPECT_EQ(told.body.find(secret_), std::string::npos);
}

// Control S-65: another account's API key is answered like one that does not exist.
TEST_F(DoctorCallsTest, TellAHolderNothingOfAnothersKey) {
  Somebody ben = holder(boss_, "other");
  const std::string theirs = curl("");
  std::string nobodys = theirs;
  const std::string unknown(format_.generate_api_key(random_)->text());
  nobodys.replace(nobodys.find(api_key_), api_key_.size(), unknown);

  Reply of_theirs = ask(ben, theirs);
  Reply of_nobodys = ask(ben, nobodys);

  ASSERT_EQ(of_theirs.status, 200) << of_theirs.body;
  auto& request = of_theirs.json["requests"][0];
  EXPECT_EQ(request["yours"], false);
  EXPECT_TRUE(request["key"].is_null());
  EXPECT_EQ(request["verdict"], "format_only");
  EXPECT_EQ(of_theirs.body.find(api_key_), std::string::npos);
  request.erase("api_key");
  of_nobodys.json["requests"][0].erase("api_key");
  EXPECT_EQ(of_theirs.json.dump(), of_nobodys.json.dump());
}

TEST_F(DoctorCallsTest, TellEverybodyWhoSeesAllAccounts) {
  for (const Role role : {Role::kAuditor, Role::kOperator}) {
    Somebody who = invited(boss_, std::string(to_string(role)) + "@example.com", role);
    EXPECT_EQ(ask(who, curl("")).json["requests"][0]["verdict"], "nothing_wrong");
  }
}

TEST_F(DoctorCallsTest, RefuseWhatTheyCannotRead) {
  const auto refused = [&](const std::string& text, int status, const std::string& reason) {
    const Reply reply = post(ana_.browser, "/api/v1/doctor", text);
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.reason(), reason);
    EXPECT_EQ(reply.header("Content-Type"), "");
  };
  refused("{}", 400, "member_missing");
  refused(R"({"text":5})", 400, "json_type");
  refused(R"({"text":"a","at":"yesterday"})", 400, "json_type");
  refused(R"({"text":"a","more":1})", 400, "member_unknown");
  refused(body("it does not work"), 400, "nothing_found");
  refused(body(std::string(Doctor::kTextBytesMax + 1, ' ')), 413, "text_too_large");
  refused(body(std::string(ManagementApi::kTextBytesMax, ' ')), 413, "body_too_large");
}

TEST_F(DoctorCallsTest, TakeATimeAndAreFewInAMinute) {
  const std::string late =
      nlohmann::json{{"text", curl("")}, {"at", "2026-03-01T12:07:00Z"}}.dump();
  const Reply told = post(ana_.browser, "/api/v1/doctor", late);
  EXPECT_EQ(told.json["requests"][0]["findings"][0]["id"], "clock-behind") << told.body;
  for (int i = 1; i < Doctor::kTextsPerMinute; ++i) {
    EXPECT_EQ(ask(ana_, curl("")).status, 200);
  }

  const Reply refused = ask(ana_, curl(""));

  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason(), "doctor_busy");
  EXPECT_EQ(refused.header("Retry-After"), "10");
}

TEST_F(DoctorCallsTest, WantTheTokenOfTheSession) {
  ana_.browser.csrf.clear();
  EXPECT_EQ(ask(ana_, curl("")).reason(), "csrf_token_wrong");
}

}  // namespace
}  // namespace counterfoil::management_test
