#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/live_feed.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "doors/management/test_management.h"
#include "journal/journal.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;
using management_test::Reply;

class EventsTest : public ManagementTest {
 protected:
  EventsTest() : feed_(clock_) {
    ManagementApi::Parts with_live = parts();
    with_live.live = &feed_;
    api_.emplace(std::move(with_live));
    make_account();
    key_ = post("/api/v1/keys",
                R"({"account":"demo","type":"hmac-sha256","allow_list":["203.0.113.7"]})")
               .text("api_key");
  }

  [[nodiscard]] ApiAnswer follow(std::string_view topics) {
    query_ = "topics=" + std::string(topics);
    return api_->answer({.method = http::Method::kGet,
                         .path = "/api/v1/events",
                         .query = query_,
                         .content_type = {},
                         .if_match = {},
                         .body = {},
                         .request_id = "r",
                         .actor = {.name = "socket:uid=7", .source = "local"}});
  }
  void refuse(std::string_view api_key) {
    RefusalRow row;
    row.request_id = "r1";
    row.api_key = api_key;
    row.account = "demo";
    row.reason_name = "signature_wrong";
    row.client = "bot\n\ndata: forged";
    const std::vector<RefusalRow> rows{row};
    feed_.publish({}, rows);
  }
  // told runs the stream until it holds `word`.
  static std::string told(const ApiAnswer& answer, std::string_view word) {
    std::string all;
    answer.stream([&](std::string_view piece) {
      all += piece;
      return !all.contains(word);
    });
    return all;
  }

  LiveFeed feed_;
  std::string key_;
  std::string query_;
};

TEST_F(EventsTest, TellOfARequestOfAWatchedKeyAsItIsJudged) {
  const ApiAnswer answer = follow("keys,key:" + key_);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/event-stream");
  EXPECT_TRUE(answer.is_endless);
  refuse(key_);
  const std::string text = told(answer, "event: key\n");
  EXPECT_TRUE(text.contains("event: request\n")) << text;
  EXPECT_TRUE(text.contains(R"("reason":"signature_wrong")")) << text;
  EXPECT_TRUE(text.contains(R"("refused":1)")) << text;
  EXPECT_FALSE(text.contains("\ndata: forged")) << "a stranger's line end must not begin an event";
}

TEST_F(EventsTest, TellOfAChangeOfAWatchedKey) {
  const ApiAnswer answer = follow("key:" + key_);
  std::string all;
  bool is_changed = false;
  answer.stream([&](std::string_view piece) {
    all += piece;
    if (!is_changed) {
      is_changed = true;
      EXPECT_EQ(post("/api/v1/keys/" + key_ + "/suspend").status, 200);
    }
    return !all.contains("event: key\n");
  });
  EXPECT_TRUE(all.contains(R"("state":"suspended")")) << all;
}

TEST_F(EventsTest, TellNothingOfKeysThatAreNotWatched) {
  const std::string other =
      post("/api/v1/keys",
           R"({"account":"demo","type":"hmac-sha256","allow_list":["203.0.113.7"]})")
          .text("api_key");
  const ApiAnswer answer = follow("key:" + key_);
  refuse(other);
  refuse(key_);
  const std::string text = told(answer, "event: request\n");
  EXPECT_FALSE(text.contains(other)) << text;
}

TEST_F(EventsTest, RefuseTopicsThatDoNotExist) {
  EXPECT_EQ(follow("alerts").status, 400);
  EXPECT_EQ(follow("key:nobody").status, 404);
  std::string many;
  for (int i = 0; i <= 50; ++i) {
    many.append(i == 0 ? "" : ",").append("key:").append(std::to_string(i));
  }
  EXPECT_EQ(follow(many).status, 400);
}

TEST_F(EventsTest, AreRefusedWhereNobodyFollows) {
  api_.emplace(parts());
  EXPECT_EQ(follow("keys").status, 503);
}

}  // namespace
}  // namespace counterfoil
