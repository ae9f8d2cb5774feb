// The lists of requests, accepted and refused, page by page, and their counts over time.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "doors/management/test_management.h"
#include "journal/journal.h"

namespace counterfoil {
namespace {

using management_test::kNow;
using management_test::ManagementTest;
using management_test::Reply;

class RequestListsTest : public ManagementTest {
 protected:
  RequestListsTest() {
    make_account();
    key_ = make_key();
    id_ = key_.substr(std::string_view("/api/v1/keys/").size());
  }

  void refuse(const std::string& request_id, Timestamp at, const std::string& account = "demo") {
    ASSERT_TRUE(journal_
                    ->record_refusals(std::array{RefusalRow{.request_id = request_id,
                                                            .time = at,
                                                            .api_key = id_,
                                                            .account = account,
                                                            .reason_name = "signature_wrong"}})
                    .has_value());
  }
  void accept(const std::string& request_id, Timestamp at, const std::string& client) {
    ASSERT_TRUE(journal_
                    ->record_usage(std::array{UsageRow{.api_key = id_,
                                                       .pair = 1,
                                                       .address = *IpAddress::parse("203.0.113.7"),
                                                       .client = client,
                                                       .route = "GET /api/v3/account",
                                                       .first = at,
                                                       .last = at,
                                                       .count = 2,
                                                       .last_request_id = request_id}})
                    .has_value());
  }
  // read gives the request ids of all pages, of `limit` items each.
  std::vector<std::string> read(const std::string& target, std::size_t limit) {
    std::vector<std::string> ids;
    std::string after;
    for (int pages = 0; pages < 20; ++pages) {
      const char joint = target.contains('?') ? '&' : '?';
      const Reply page = get(fmt::format("{}{}limit={}{}", target, joint, limit, after));
      EXPECT_EQ(page.status, 200) << page.body;
      for (const auto& item : page.json["items"]) {
        ids.push_back(item["request_id"]);
      }
      if (page.json["next"].is_null()) {
        return ids;
      }
      after = "&after=" + page.json["next"].get<std::string>();
    }
    ADD_FAILURE() << "it never ends";
    return ids;
  }

  std::string key_;  // the path
  std::string id_;
};

TEST_F(RequestListsTest, RefusalsComePageByPageNewestFirst) {
  using Ids = std::vector<std::string>;
  for (const char* const id : {"a", "b", "c"}) {
    refuse(id, kNow);  // all at one time
  }
  refuse("d", kNow + std::chrono::seconds(1));
  refuse("e", kNow - std::chrono::seconds(1));

  for (const std::size_t limit : std::array<std::size_t, 5>{1, 2, 3, 5, 50}) {
    EXPECT_EQ(read("/api/v1/refusals", limit), (Ids{"d", "c", "b", "a", "e"})) << limit;
    EXPECT_EQ(read("/api/v1/refusals?api_key=" + id_, limit), (Ids{"d", "c", "b", "a", "e"}));
    EXPECT_EQ(read("/api/v1/refusals?account=other", limit), Ids{});
  }
}

TEST_F(RequestListsTest, AcceptedRequestsComePageByPageNewestFirst) {
  using Ids = std::vector<std::string>;
  accept("a", kNow, "one/1");
  accept("b", kNow, "two/1");
  accept("c", kNow + std::chrono::minutes(1), "one/1");
  accept("d", kNow + std::chrono::minutes(1) + std::chrono::seconds(9), "one/1");

  for (const std::size_t limit : std::array<std::size_t, 4>{1, 2, 3, 50}) {
    EXPECT_EQ(read(key_ + "/requests", limit), (Ids{"d", "b", "a"})) << limit;
  }
  const Reply whole = get(key_ + "/requests?limit=1");
  EXPECT_EQ(whole.json["items"][0], (nlohmann::json{{"request_id", "d"},
                                                    {"first_at", "2026-03-01T12:01:00.000Z"},
                                                    {"last_at", "2026-03-01T12:01:09.000Z"},
                                                    {"count", 4},
                                                    {"number", 1},
                                                    {"route", "GET /api/v3/account"},
                                                    {"address", "203.0.113.7"},
                                                    {"client", "one/1"}}));
  EXPECT_EQ(get("/api/v1/keys/" + std::string(64, 'z') + "/requests").reason(), "no_such_key");
}

TEST_F(RequestListsTest, APlaceThatIsNoneIsRefused) {
  const std::string longest(256, 'r');
  for (const std::string& place :
       {std::string("1772366400000000-"), "1772366400000000-" + longest, std::string("0-x")}) {
    EXPECT_EQ(get("/api/v1/refusals?after=" + place).status, 200) << place;
  }
  for (const std::string& place :
       {std::string(), std::string("-"), std::string("x"), std::string("1772366400000000"),
        std::string("-1-x"), std::string("1.5-x"), std::string("99999999999999999999-x"),
        "1772366400000000-" + longest + "r"}) {
    const Reply refused = get("/api/v1/refusals?after=" + place);
    EXPECT_EQ(refused.reason(), "parameter_type") << place << refused.body;
    EXPECT_EQ(refused.text("member"), "after");
    EXPECT_EQ(get(key_ + "/requests?after=" + place).reason(), "parameter_type") << place;
  }
}

TEST_F(RequestListsTest, UsageCountsWhatWasRefusedBesideWhatWasAccepted) {
  accept("a", kNow, "one/1");
  refuse("b", kNow);
  refuse("c", kNow + std::chrono::hours(1));
  refuse("stranger", kNow, "");

  const Reply usage = get(key_ + "/usage?step=hour&since=2026-03-01T00:00:00Z");
  EXPECT_EQ(usage.json["steps"],
            nlohmann::json::parse(
                R"([{"start":"2026-03-01T12:00:00.000Z","accepted":2,"refused":1},
                    {"start":"2026-03-01T13:00:00.000Z","accepted":0,"refused":1}])"));
  EXPECT_EQ(usage.json["accepted_last_hour"], 2);
  const Reply listed = get("/api/v1/keys?usage=day");
  EXPECT_EQ(listed.json["items"][0]["usage"]["accepted"], 2);
  EXPECT_EQ(listed.json["items"][0]["usage"]["refused"], 2);
}

}  // namespace
}  // namespace counterfoil
