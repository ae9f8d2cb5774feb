// Password resets, notices and set-up links, as browsers and the admin socket call for them.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/totp.h"
#include "authority/people_desk.h"
#include "authority/test_people.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ConsoleTest;
using management_test::Reply;
using management_test::TestBrowser;
using enum http::Method;

constexpr std::string_view kNewPassword = "lantern gravel orbit";

class ResetCallsTest : public ConsoleTest {
 protected:
  [[nodiscard]] std::string path_of_bob(std::string_view what) const {
    return "/api/v1/people/" + bob_.known.person.id.text() + "/" + std::string(what);
  }
  [[nodiscard]] nlohmann::json try_of(const std::string& token) const {
    return {{"token", token},
            {"password", kNewPassword},
            {"totp", people_.code(bob_.known.seed_base32)}};
  }
  Reply reset(const nlohmann::json& body) {
    TestBrowser stranger;
    return post(stranger, "/api/v1/password-reset", body.dump());
  }

  Somebody ann_ = owner();
  Somebody bob_ = holder(ann_, "demo");
};

TEST_F(ResetCallsTest, AnOwnerOffersALinkAndThePersonSetsAPasswordWithTheirSecondFactor) {
  const Reply asked = post(ann_.browser, path_of_bob("offer-reset"));
  EXPECT_EQ(asked.json["step_up"]["change"],
            "Give Ann (demo@example.com) a link to set a new password; their sessions end");
  const Reply offered = confirmed(ann_, kPost, path_of_bob("offer-reset"));
  ASSERT_EQ(offered.status, 201) << offered.body;
  EXPECT_EQ(offered.header("Cache-Control"), "no-store");
  EXPECT_EQ(offered.text("page"), "https://gate.example.com/reset");
  EXPECT_EQ(get(bob_.browser, "/api/v1/session").status, 401) << "their sessions have ended";
  const std::string token = offered.text("url_token");
  EXPECT_FALSE(people_.last_audit().contains(token));

  const Reply done = reset(try_of(token));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json, nlohmann::json::parse(R"({"keys_held_until":null})"));
  EXPECT_FALSE(people_.last_audit().contains(kNewPassword));
  people_.clock.advance(kTotpStep);
  EXPECT_EQ(reset(try_of(token)).reason(), "reset_failed") << "once";
  people_.clock.advance(kTotpStep);

  TestBrowser browser;
  const Reply in = post(browser, "/api/v1/session",
                        nlohmann::json{{"email", "demo@example.com"},
                                       {"password", kNewPassword},
                                       {"totp", people_.code(bob_.known.seed_base32)}}
                            .dump());
  EXPECT_EQ(in.status, 200) << in.body;
}

TEST_F(ResetCallsTest, WhateverIsWrongIsOneAnswer) {
  const std::string token = confirmed(ann_, kPost, path_of_bob("offer-reset")).text("url_token");
  nlohmann::json wrong_code = try_of(token);
  wrong_code["totp"] = "000000";
  std::optional<nlohmann::json> first;
  for (const nlohmann::json& body : {wrong_code, try_of("nonsense"), try_of(token + "A")}) {
    const Reply refused = reset(body);
    EXPECT_EQ(refused.status, 401) << refused.body;
    nlohmann::json json = refused.json;
    json.erase("retry_after_s");
    EXPECT_EQ(first.value_or(json), json);
    first = json;
  }
  nlohmann::json none = try_of(token);
  none.erase("totp");
  EXPECT_EQ(reset(none).reason(), "reset_incomplete");
  nlohmann::json weak = try_of(token);
  weak["password"] = "123456789012";
  EXPECT_EQ(reset(weak).reason(), "password_refused");
  nlohmann::json more = try_of(token);
  more["role"] = "owner";
  EXPECT_EQ(reset(more).reason(), "member_unknown");
  EXPECT_EQ(reset(try_of(std::string(257, 'A'))).status, 400);
  EXPECT_EQ(reset(try_of(std::string(256, 'A'))).reason(), "reset_failed");
  EXPECT_EQ(reset(try_of(token)).status, 200) << "and the link is good still";
}

TEST_F(ResetCallsTest, WhoeverAdministersTheMachineOffersItToTheOnlyOwnerAndLooksAfterPeople) {
  const Reply listed = get("/api/v1/people");
  ASSERT_EQ(listed.status, 200) << listed.body;
  ASSERT_EQ(listed.json["items"].size(), 2U);
  EXPECT_TRUE(listed.json["items"][0]["keys_held_until"].is_null());
  const std::string ann = "/api/v1/people/" + ann_.known.person.id.text();

  const Reply offered = post(ann + "/offer-reset", "");

  ASSERT_EQ(offered.status, 201) << offered.body;
  EXPECT_EQ(get(ann_.browser, "/api/v1/session").status, 401);
  EXPECT_EQ(post(path_of_bob("disable"), R"({"cause":"left"})").text("state"), "disabled");
  EXPECT_EQ(post(path_of_bob("offer-reset"), "").reason(), "person_disabled");
  EXPECT_EQ(post(path_of_bob("enable"), "").text("state"), "active");
  EXPECT_EQ(post("/api/v1/people/nobody/offer-reset", "").reason(), "no_such_person");
}

TEST_F(ResetCallsTest, APersonReadsWhatWasDoneAndSaysThatTheyHaveSeenIt) {
  const std::string token = confirmed(ann_, kPost, path_of_bob("offer-reset")).text("url_token");
  ASSERT_EQ(reset(try_of(token)).status, 200);
  people_.clock.advance(kTotpStep);
  TestBrowser browser;
  ASSERT_EQ(post(browser, "/api/v1/session",
                 nlohmann::json{{"email", "demo@example.com"},
                                {"password", kNewPassword},
                                {"totp", people_.code(bob_.known.seed_base32)}}
                     .dump())
                .status,
            200);

  const Reply page = get(browser, "/api/v1/me/notices?limit=3");
  ASSERT_EQ(page.status, 200) << page.body;
  ASSERT_EQ(page.json["items"].size(), 3U);
  EXPECT_EQ(page.json["items"][0]["what"], "session.open");
  EXPECT_EQ(page.json["items"][1]["what"], "password.reset");
  EXPECT_EQ(page.json["items"][1]["by_oneself"], true);
  EXPECT_EQ(page.json["items"][1]["address"], "203.0.113.7");
  EXPECT_EQ(page.json["items"][2]["what"], "password.offer_reset");
  EXPECT_EQ(page.json["items"][2]["by_oneself"], false);
  EXPECT_TRUE(page.json["items"][2]["address"].is_null()) << "the owner's";
  EXPECT_EQ(page.json["items"][0]["seen"], false);
  const int unseen = page.json["unseen"];
  EXPECT_GE(unseen, 3);

  EXPECT_EQ(post(browser, "/api/v1/me/notices/seen", "{}").status, 204);

  const Reply seen = get(browser, "/api/v1/me/notices");
  EXPECT_EQ(seen.json["unseen"], 0);
  EXPECT_EQ(seen.json["items"].size(), static_cast<std::size_t>(unseen));
  EXPECT_EQ(seen.json["items"][0]["seen"], true);
  EXPECT_EQ(get(ann_.browser, "/api/v1/me/notices").json["items"].size(), 1U) << "her own alone";
  EXPECT_EQ(get(browser, "/api/v1/me/notices?what=x").status, 400);
}

TEST_F(ResetCallsTest, ASetUpLinkIsMadeOnTheMachineAloneAndWhileThereIsNoOwner) {
  EXPECT_EQ(post("/api/v1/setup-link", "").reason(), "owner_exists");
  TestBrowser stranger;
  EXPECT_EQ(post(stranger, "/api/v1/setup-link").status, 401);
  EXPECT_EQ(post(ann_.browser, "/api/v1/setup-link").reason(), "socket_only");
}

class SetUpLinkTest : public ConsoleTest {};

TEST_F(SetUpLinkTest, TakesThePlaceOfOneThatRanOut) {
  const auto older = people_.people.new_setup_token();

  const Reply made = post("/api/v1/setup-link", "");

  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_TRUE(people_.last_audit().contains(R"("action":"setup.token")"));
  EXPECT_TRUE(people_.last_audit().contains("socket:")) << people_.last_audit();
  const std::string url = made.text("url");
  const std::string token = url.substr(url.find("#t=") + 3);
  EXPECT_FALSE(people_.last_audit().contains(token));
  TestBrowser browser{.setup_token = std::string(std::string_view(*older))};
  EXPECT_EQ(get(browser, "/api/v1/setup/checks").reason(), "setup_token_wrong");
  browser.setup_token = token;
  EXPECT_EQ(get(browser, "/api/v1/setup/checks").status, 200);
}

}  // namespace
}  // namespace counterfoil
