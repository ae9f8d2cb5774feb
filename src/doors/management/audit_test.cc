// Reading the audit log from either end, and what of it somebody looks for.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "doors/management/test_management.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;
using management_test::Reply;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): durations in tests

class AuditTest : public ManagementTest {
 protected:
  AuditTest() {
    make_account();
    key_ = make_key().substr(std::string_view("/api/v1/keys/").size());
    clock_.advance(1h);
    (void)post("/api/v1/keys/" + key_ + "/suspend");
    (void)post("/api/v1/keys/" + key_ + "/resume");
    (void)post("/api/v1/accounts/demo/suspend");
    EXPECT_TRUE(keeper_->pump().has_value());
  }
  std::vector<std::string> actions(const std::string& query) {
    const Reply page = get("/api/v1/audit?" + query);
    EXPECT_EQ(page.status, 200) << query << page.body;
    std::vector<std::string> actions;
    for (const auto& record : page.json["items"]) {
      actions.push_back(record["action"]);
    }
    return actions;
  }
  std::string key_;
};

TEST_F(AuditTest, IsReadFromItsEnd) {
  std::vector<std::uint64_t> oldest;
  const Reply whole = get("/api/v1/audit?limit=500");
  for (const auto& record : whole.json["items"]) {
    oldest.push_back(record["seq"]);
  }
  ASSERT_GE(oldest.size(), 5U);

  std::vector<std::uint64_t> newest;
  std::string before;
  for (int pages = 0; pages < 100; ++pages) {
    const Reply page = get("/api/v1/audit?order=newest&limit=2" + before);
    for (const auto& record : page.json["items"]) {
      newest.push_back(record["seq"]);
    }
    if (page.json["next"].is_null()) {
      break;
    }
    before = "&before=" + page.text("next");
  }
  EXPECT_EQ(std::vector<std::uint64_t>(newest.rbegin(), newest.rend()), oldest);
}

TEST_F(AuditTest, IsFilteredByActorObjectActionAndTime) {
  using Actions = std::vector<std::string>;
  EXPECT_EQ(actions("object=" + key_), (Actions{"key.create", "key.suspend", "key.resume"}));
  EXPECT_EQ(actions("order=newest&object=" + key_),
            (Actions{"key.resume", "key.suspend", "key.create"}));
  EXPECT_EQ(actions("action=key.suspend"), Actions{"key.suspend"});
  EXPECT_EQ(actions("action=key."), (Actions{"key.create", "key.suspend", "key.resume"}));
  EXPECT_EQ(actions("action=key"), Actions{});
  EXPECT_EQ(actions("actor=socket:uid=7&action=account."),
            (Actions{"account.create", "account.suspend"}));
  EXPECT_EQ(actions("actor=nobody"), Actions{});
  const Actions since{"key.suspend", "key.resume", "account.suspend"};
  EXPECT_EQ(actions("since=2026-03-01T13:00:00Z"), since);
  EXPECT_EQ(actions("order=newest&since=2026-03-01T13:00:00Z"),
            Actions(since.rbegin(), since.rend()));
  EXPECT_EQ(actions("since=2026-03-01T13:00:00.001Z"), Actions{});
  EXPECT_EQ(actions("object=" + key_ + "&limit=1"), Actions{"key.create"});
  const std::string next = get("/api/v1/audit?limit=1&object=" + key_).text("next");
  EXPECT_EQ(actions("limit=1&object=" + key_ + "&after=" + next), Actions{"key.suspend"});
}

TEST_F(AuditTest, RefusesAnOrderThatIsNone) {
  EXPECT_EQ(get("/api/v1/audit?order=latest").reason(), "parameter_type");
  EXPECT_EQ(get("/api/v1/audit?before=3").reason(), "parameter_type");
  EXPECT_EQ(get("/api/v1/audit?order=newest&before=0").reason(), "parameter_type");
}

}  // namespace
}  // namespace counterfoil
