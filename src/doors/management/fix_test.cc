// What is wrong with an API key now, as the API tells it.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "journal/journal.h"
#include "verify/reason.h"
#include "wire/http/request_head.h"

namespace counterfoil::management_test {
namespace {

class FixTest : public ConsoleTest {
 protected:
  FixTest() {
    holder_.emplace(holder(boss_, "demo"));
    key_ = make_own_key(*holder_, "demo");
    path_ = "/api/v1/keys/" + key_;
  }
  void refuse(Reason reason, const std::string& address) {
    ASSERT_TRUE(journal_->record_refusals(
        std::array{RefusalRow{.request_id = "r-1",
                              .time = kNow - std::chrono::minutes(1),
                              .api_key = key_,
                              .account = "demo",
                              .reason = static_cast<std::uint16_t>(reason),
                              .reason_name = std::string(describe(reason).name),
                              .route = "GET /api/v3/account",
                              .address = IpAddress::parse(address).value(),
                              .client = "bot"}}));
  }

  Somebody boss_ = owner();
  std::optional<Somebody> holder_;
  std::string key_;
  std::string path_;
};

TEST_F(FixTest, IsAListOfTroublesWithTheirRemedies) {
  ASSERT_EQ(browse(holder_->browser, http::Method::kPatch, path_, R"({"allow_list":["192.0.2.7"]})")
                .status,
            200);
  refuse(Reason::kAddressNotAllowed, "198.51.100.9");

  const Reply shown = get(holder_->browser, path_ + "/fix");

  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.text("api_key"), key_);
  EXPECT_EQ(shown.text("state"), "active");
  const auto& theft = shown.json["troubles"][0];
  EXPECT_EQ(theft["rank"], "possible_theft");
  EXPECT_EQ(theft["last_request_id"], "r-1");
  EXPECT_EQ(theft["last_at"], "2026-03-01T11:59:00.000Z");
  EXPECT_TRUE(theft["at"].is_null());
  const auto& remedies = theft["remedies"];
  ASSERT_EQ(remedies.size(), 3U);
  EXPECT_EQ(remedies[0]["kind"], "suspend");
  EXPECT_EQ(remedies[0]["ours"], true);
  EXPECT_EQ(remedies[0]["step_up"], false);
  EXPECT_EQ(remedies[1]["id"], "allow_address:198.51.100.9");
  EXPECT_EQ(remedies[1]["value"], "198.51.100.9");
  EXPECT_EQ(remedies[1]["step_up"], true);
  EXPECT_EQ(remedies[2]["ours"], false);
  EXPECT_EQ(shown.json["troubles"][1]["id"], "never-used");
  EXPECT_TRUE(shown.json["troubles"][1]["last_at"].is_null());
}

// Each remedy that lies with us is a call that the API takes as the list gives it.
TEST_F(FixTest, RemediesDoWhatTheySay) {
  ASSERT_EQ(browse(holder_->browser, http::Method::kPatch, path_,
                   R"({"allow_list":["192.0.2.7"],"expires_at":"2026-03-05T12:00:00Z"})")
                .status,
            200);
  refuse(Reason::kAddressNotAllowed, "198.51.100.9");
  const auto troubles = get(path_ + "/fix").json["troubles"];
  ASSERT_EQ(troubles[1]["id"], "expires-soon");
  const std::string end = troubles[1]["remedies"][0]["expires_at"];
  ASSERT_EQ(end, "2026-05-30T12:00:00.000Z");

  EXPECT_EQ(post(holder_->browser, path_ + "/suspend", "{}").status, 200);
  EXPECT_EQ(get(path_ + "/fix").json["troubles"][1]["remedies"][0]["kind"], "resume");
  EXPECT_EQ(confirmed(*holder_, http::Method::kPost, path_ + "/resume", "{}").status, 200);
  EXPECT_EQ(confirmed(*holder_, http::Method::kPatch, path_,
                      R"({"allow_list":["192.0.2.7","198.51.100.9"]})")
                .status,
            200);
  EXPECT_EQ(
      confirmed(*holder_, http::Method::kPatch, path_, R"({"expires_at":")" + end + "\"}").status,
      200);

  const auto after = get(path_ + "/fix").json["troubles"];
  ASSERT_EQ(after.size(), 1U) << after.dump();
  EXPECT_EQ(after[0]["id"], "never-used");
}

TEST_F(FixTest, AnswersForAnothersKeyAsForOneThatDoesNotExist) {
  Somebody stranger = holder(boss_, "other");

  const Reply anothers = get(stranger.browser, path_ + "/fix");
  const Reply nobodys = get(stranger.browser, "/api/v1/keys/" + std::string(64, 'n') + "/fix");

  EXPECT_EQ(anothers.status, 404);
  EXPECT_EQ(anothers.body, nobodys.body);
  EXPECT_EQ(get(holder_->browser, path_ + "/fix?a=1").status, 400);
}

}  // namespace
}  // namespace counterfoil::management_test
