// Requests that were signed in the page, and are sent to the gateway from there.

#include <gtest/gtest.h>

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "authority/request_relay.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "outbound/http_client.h"

namespace counterfoil::management_test {
namespace {

class RelayTest : public ConsoleTest {
 protected:
  RelayTest() {
    ManagementApi::Parts with_relay = console_parts();
    with_relay.relay = &relay_;
    api_.emplace(std::move(with_relay));
  }
  static std::string body(const std::string& api_key, const std::string& method = "GET") {
    return nlohmann::json{{"method", method},
                          {"target", "/api/v3/account?timestamp=1&signature=00"},
                          {"api_key", api_key}}
        .dump();
  }

  std::vector<HttpCall> sent_;
  bool can_send_ = true;
  RequestRelay relay_{
      {.issuer = *issuer_,
       .profile = [this] { return profile_; },
       .clock = clock_,
       .can_send = [this] { return can_send_; },
       .send = [this](const HttpCall& call) -> std::expected<HttpReply, std::string> {
         sent_.push_back(call);
         return HttpReply{
             .status = 200, .headers = {{"content-type", "text/html"}}, .body = "<b>\xFF</b>"};
       }}};
};

TEST_F(RelayTest, AnswersWithTheAnswerAsData) {
  Somebody who = holder(owner(), "demo");
  const std::string key = make_own_key(who, "demo");

  const Reply reply = post(who.browser, "/api/v1/relay", body(key));

  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json["status"], 200);
  EXPECT_EQ(reply.json["headers"], nlohmann::json({{"content-type", "text/html"}}));
  EXPECT_EQ(reply.json["body"], "<b>\xEF\xBF\xBD</b>");  // what is no UTF-8 stands as U+FFFD
  EXPECT_EQ(reply.json["is_cut"], false);
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].headers[0].second, key);
}

TEST_F(RelayTest, SendsNothingForAnApiKeyThatIsNotTheCallersOwn) {
  Somebody boss = owner();
  Somebody who = holder(boss, "demo");
  Somebody other = holder(boss, "other");
  const std::string key = make_own_key(who, "demo");

  const Reply theirs = post(other.browser, "/api/v1/relay", body(key));
  const Reply nobodys = post(other.browser, "/api/v1/relay", body(std::string(64, 'x')));
  const Reply of_owner = post(boss.browser, "/api/v1/relay", body(key));

  EXPECT_EQ(theirs.status, 404);
  EXPECT_EQ(theirs.body, nobodys.body);
  EXPECT_EQ(of_owner.reason(), "not_your_account");
  EXPECT_TRUE(sent_.empty());
}

TEST_F(RelayTest, WantsTheTokenOfTheSession) {
  Somebody who = holder(owner(), "demo");
  const std::string key = make_own_key(who, "demo");
  who.browser.csrf = "0";

  EXPECT_EQ(post(who.browser, "/api/v1/relay", body(key)).reason(), "csrf_token_wrong");
  EXPECT_TRUE(sent_.empty());
}

TEST_F(RelayTest, HandsOnWhyItSendsNothing) {
  Somebody who = holder(owner(), "demo");
  const std::string key = make_own_key(who, "demo");

  EXPECT_EQ(post(who.browser, "/api/v1/relay", body(key, "DELETE")).reason(), "relay_method");
  EXPECT_EQ(post(who.browser, "/api/v1/relay", "{}").reason(), "member_missing");
  EXPECT_EQ(post(who.browser, "/api/v1/relay",
                 R"({"method":"GET","target":"/","api_key":"x","url":"http://evil.example"})")
                .status,
            404);  // the key is looked for first
  Reply last;
  for (std::size_t i = 0; i <= RequestRelay::kOfSessionMax; ++i) {
    last = post(who.browser, "/api/v1/relay", body(key));
  }
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.header("Retry-After"), "60");
}

TEST_F(RelayTest, SaysWhenThereIsNone) {
  Somebody who = holder(owner(), "demo");
  const std::string key = make_own_key(who, "demo");
  can_send_ = false;
  EXPECT_EQ(post(who.browser, "/api/v1/relay", body(key)).status, 404);
  can_send_ = true;
  EXPECT_EQ(post(who.browser, "/api/v1/relay", body(key)).status, 200) << "it is asked each time";
  api_.emplace(console_parts());

  EXPECT_EQ(post(who.browser, "/api/v1/relay", body(key)).reason(), "relay_not_served");
}

}  // namespace
}  // namespace counterfoil::management_test
