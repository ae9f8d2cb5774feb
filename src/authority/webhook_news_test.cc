#include "authority/webhook_news.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "accounts/webhook.h"
#include "authority/audit_chain.h"
#include "base/time.h"

namespace counterfoil {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'772'366'400'000);
const std::string kKey(64, 'k');

std::string line_of(std::string action, std::map<std::string, std::string> detail,
                    std::string outcome = "done") {
  return encode_record({.actor = "person:1",
                        .source = "203.0.113.7",
                        .action = std::move(action),
                        .object = kKey,
                        .outcome = std::move(outcome),
                        .detail = std::move(detail)},
                       {}, kNow, "node-1");
}

TEST(WebhookNews, AreWhatTheAuditLogSaysOfKeys) {
  for (const auto& [action, type] :
       std::map<std::string, std::string>{{"key.create", "key.created"},
                                          {"key.import", "key.created"},
                                          {"key.edit", "key.changed"},
                                          {"key.end_retiring", "key.changed"},
                                          {"key.back_out", "key.changed"},
                                          {"key.rotate", "key.rotated"},
                                          {"key.suspend", "key.suspended"},
                                          {"key.resume", "key.resumed"},
                                          {"key.revoke", "key.revoked"},
                                          {"key.remind", "key.expiring"},
                                          {"key.expire", "key.expired"},
                                          {"key.policy_notice", "key.noticed"},
                                          {"key.policy_restrict", "key.restricted"}}) {
    const auto news = news_in(line_of(action, {{"account", "desk"}}));

    ASSERT_TRUE(news) << action;
    EXPECT_EQ(name_of(news->event), type);
    EXPECT_EQ(news->account, "desk");
    EXPECT_EQ(news->key, "kkkkkkkk");
    EXPECT_EQ(news->time, kNow);
  }
}

TEST(WebhookNews, AreNoneWhereNothingOfAnAccountHappened) {
  EXPECT_FALSE(news_in(line_of("session.open", {{"account", "desk"}})));
  EXPECT_FALSE(news_in(line_of("key.revoke", {})));
  EXPECT_FALSE(news_in(line_of("key.revoke", {{"account", "desk"}}, "refused")));
  EXPECT_FALSE(news_in(""));
  EXPECT_FALSE(news_in("[]"));
  EXPECT_FALSE(news_in(R"({"action":"key.revoke"})"));
}

TEST(WebhookNews, TellOfAccountsToo) {
  const auto news = news_in(line_of("account.suspend", {}));

  ASSERT_TRUE(news);
  EXPECT_EQ(news->event, WebhookEvent::kAccountSuspended);
  EXPECT_EQ(news->account, kKey);
  EXPECT_EQ(news->key, "");
}

TEST(WebhookBody, HasTheTypeTheTimeAndTheFirstCharactersOfTheKey) {
  const auto news = news_in(line_of("key.revoke", {{"account", "desk"}, {"cause", "leaked"}}));

  EXPECT_EQ(webhook_body(*news),
            R"({"type":"key.revoked","timestamp":"2026-03-01T12:00:00.000000000Z",)"
            R"("data":{"account":"desk","key":"kkkkkkkk"}})");
}

TEST(WebhookBody, SaysWhatWasChangedButNotToWhat) {
  const auto news = news_in(line_of(
      "key.edit",
      {{"account", "desk"}, {"allow_list", "203.0.113.7 -> any"}, {"expires_ms", "1 -> 2"}}));

  const auto body = nlohmann::json::parse(webhook_body(*news));

  const nlohmann::json expected{
      {"account", "desk"}, {"key", "kkkkkkkk"}, {"changed", {"allow_list", "expires_at"}}};
  EXPECT_TRUE(body["data"] == expected) << body.dump();
}

TEST(WebhookBody, SaysWhenAKeyRunsOut) {
  const auto news =
      news_in(line_of("key.remind", {{"account", "desk"}, {"expires_ms", "1772366400000"}}));

  const auto body = nlohmann::json::parse(webhook_body(*news));

  EXPECT_EQ(body["data"]["expires_at"].get<std::string>(), "2026-03-01T12:00:00.000000000Z");
}

TEST(WebhookBody, StaysFarBelowItsLimit) {
  const auto news = news_in(line_of(
      "key.edit", {{"account", std::string(1'024, '\x01')}, {"label", std::string(1'024, 'x')}}));

  ASSERT_TRUE(news);
  EXPECT_LT(webhook_body(*news).size(), kWebhookBodyBytesMax);
}

}  // namespace
}  // namespace counterfoil
