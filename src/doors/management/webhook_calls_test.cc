// Webhooks over the management API: step-up, tenancy, and what an answer shows.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "doors/management/test_webhooks.h"
#include "wire/http/request_head.h"

namespace counterfoil::management_test {
namespace {

constexpr std::string_view kPath = "/api/v1/webhooks";

class WebhookCallsTest : public ConsoleTest {
 protected:
  WebhookCallsTest() {
    ManagementApi::Parts with_webhooks = console_parts();
    with_webhooks.webhooks = &told_.webhooks;
    api_.emplace(std::move(with_webhooks));
  }
  static std::string wish(std::string_view url = "https://hooks.example.com/in") {
    return nlohmann::json{{"account", "demo"}, {"url", url}, {"events", {"key.revoked"}}}.dump();
  }
  Reply created() {
    Reply made = confirmed(holder_, http::Method::kPost, std::string(kPath), wish());
    EXPECT_EQ(made.status, 201) << made.body;
    return made;
  }
  static std::string path_of(const Reply& webhook, std::string_view rest = {}) {
    return std::string(kPath) + "/" + webhook.text("id") + std::string(rest);
  }

  TestWebhooks told_{*audited_, *registry_, *journal_, *sealer_, random_, clock_};
  Somebody boss_ = owner();
  Somebody holder_ = holder(boss_, "demo");
  Somebody other_ = holder(boss_, "other");
};

TEST_F(WebhookCallsTest, HoldersReadWhenTheyAreRemindedOfAnExpiry) {
  const Reply profile = get(holder_.browser, "/api/v1/profile");

  EXPECT_EQ(profile.status, 200) << profile.body;
  EXPECT_EQ(profile.json["reminder_days"], nlohmann::json::array({30, 7}));
}

TEST_F(WebhookCallsTest, TheSecretIsShownOnceAndToNobodyElse) {
  const Reply made = created();

  EXPECT_TRUE(made.text("secret").starts_with("whsec_"));
  EXPECT_EQ(made.header("Cache-Control"), "no-store");
  EXPECT_EQ(made.text("state"), "on");
  const Reply listed = get(holder_.browser, kPath);
  ASSERT_EQ(listed.status, 200) << listed.body;
  ASSERT_EQ(listed.json["items"].size(), 1U);
  EXPECT_FALSE(listed.body.contains("whsec_"));
}

TEST_F(WebhookCallsTest, EveryChangeWantsAFreshSecondFactor) {
  const Reply made = created();

  for (const auto& [method, path, body] :
       {std::tuple(http::Method::kPost, std::string(kPath), wish()),
        std::tuple(http::Method::kPatch, path_of(made), std::string(R"({"state":"stopped"})")),
        std::tuple(http::Method::kPost, path_of(made, "/rotate-secret"), std::string("{}")),
        std::tuple(http::Method::kDelete, path_of(made), std::string())}) {
    const Reply refused = browse(holder_.browser, method, path, body);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_EQ(refused.text("reason"), "step_up_required") << path;
  }
}

TEST_F(WebhookCallsTest, AnothersAreNotThere) {
  const Reply made = created();
  const auto status = [&](http::Method method, std::string_view rest, std::string_view body) {
    return browse(other_.browser, method, path_of(made, rest), body).status;
  };

  EXPECT_EQ(status(http::Method::kPatch, "", R"({"state":"stopped"})"), 404);
  EXPECT_EQ(status(http::Method::kDelete, "", ""), 404);
  EXPECT_EQ(status(http::Method::kPost, "/rotate-secret", "{}"), 404);
  EXPECT_EQ(status(http::Method::kPost, "/test", "{}"), 404);
  EXPECT_EQ(status(http::Method::kGet, "/deliveries", ""), 404);
  EXPECT_EQ(status(http::Method::kPost, "/redeliver", R"({"delivery":"x"})"), 404);
  EXPECT_EQ(post(other_.browser, kPath, wish()).status, 404);
  EXPECT_EQ(get(other_.browser, std::string(kPath) + "?account=demo").status, 404);
  EXPECT_EQ(get(other_.browser, kPath).json["items"].size(), 0U);
}

TEST_F(WebhookCallsTest, WhoSeesAllAccountsReadsButChangesNothing) {
  const Reply made = created();

  EXPECT_EQ(get(boss_.browser, std::string(kPath) + "?account=demo").json["items"].size(), 1U);
  EXPECT_EQ(get(boss_.browser, kPath).text("reason"), "account_missing");
  EXPECT_EQ(get(boss_.browser, path_of(made, "/deliveries")).status, 200);
  EXPECT_EQ(post(boss_.browser, path_of(made, "/test"), "{}").text("reason"), "not_your_account");
}

TEST_F(WebhookCallsTest, ATestIsListedWithWhatWasAnswered) {
  const Reply made = created();

  const Reply sent = post(holder_.browser, path_of(made, "/test"), "{}");
  ASSERT_EQ(sent.status, 202) << sent.body;
  EXPECT_EQ(sent.text("state"), "waiting");
  EXPECT_TRUE(told_.sender.deliver_one());
  const Reply listed = get(holder_.browser, path_of(made, "/deliveries"));

  ASSERT_EQ(listed.json["items"].size(), 1U);
  const nlohmann::json& delivery = listed.json["items"][0];
  EXPECT_EQ(delivery["type"].get<std::string>(), "webhook.test");
  EXPECT_EQ(delivery["state"].get<std::string>(), "taken");
  EXPECT_EQ(delivery["status"].get<int>(), 204);
  EXPECT_EQ(delivery["attempts"].get<int>(), 1);
  const Reply again = post(holder_.browser, path_of(made, "/redeliver"),
                           nlohmann::json{{"delivery", sent.text("id")}}.dump());
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.text("webhook_id"), sent.text("webhook_id"));
}

TEST_F(WebhookCallsTest, AreStoppedLetGoOnAndDeleted) {
  const Reply made = created();

  const Reply stopped =
      confirmed(holder_, http::Method::kPatch, path_of(made), R"({"state":"stopped"})");
  EXPECT_EQ(stopped.text("stopped_why"), "by_holder");
  EXPECT_EQ(post(holder_.browser, path_of(made, "/test"), "{}").text("reason"), "webhook_stopped");
  const Reply on = confirmed(holder_, http::Method::kPatch, path_of(made), R"({"state":"on"})");
  EXPECT_TRUE(on.json["stopped_why"].is_null());
  EXPECT_EQ(confirmed(holder_, http::Method::kDelete, path_of(made), "").status, 204);
  EXPECT_EQ(get(holder_.browser, path_of(made, "/deliveries")).status, 404);
}

TEST_F(WebhookCallsTest, WhatCannotBeIsRefusedWithTheReason) {
  const auto reason = [&](const std::string& body) {
    return confirmed(holder_, http::Method::kPost, std::string(kPath), body).text("reason");
  };

  EXPECT_EQ(reason(wish("http://hooks.example.com/")), "url_refused");
  EXPECT_EQ(reason(R"({"account":"demo","url":"https://a.example/","events":["key.deleted"]})"),
            "event_unknown");
  EXPECT_EQ(reason(R"({"account":"demo","url":"https://a.example/","events":[],"secret":"x"})"),
            "member_unknown");
}

TEST_F(WebhookCallsTest, TheSixthIsAConflict) {
  for (int i = 0; i < 5; ++i) {
    (void)created();
  }

  const Reply refused = confirmed(holder_, http::Method::kPost, std::string(kPath), wish());

  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.text("reason"), "too_many_webhooks");
}

}  // namespace
}  // namespace counterfoil::management_test
