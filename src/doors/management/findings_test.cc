#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "authority/refusal_findings.h"
#include "autopsy/finding.h"
#include "base/time.h"
#include "doors/management/test_management.h"
#include "journal/journal.h"

namespace counterfoil::management_test {
namespace {

class FindingsTest : public ManagementTest {
 protected:
  FindingsTest() {
    make_account();
    path_ = make_key();
    api_key_ = path_.substr(path_.rfind('/') + 1);
  }
  // examine keeps what an autopsy found of a refused request.
  void examine(const std::string& id, const autopsy::Findings& findings, Timestamp at = kNow) {
    ASSERT_TRUE(
        journal_->record_refusals(std::array{RefusalRow{.request_id = id,
                                                        .time = at,
                                                        .api_key = api_key_,
                                                        .account = "demo",
                                                        .reason_name = "signature_wrong"}}));
    ASSERT_TRUE(journal_->record_autopsies(std::array{
        AutopsyRow{.request_id = id,
                   .time = at,
                   .api_key = api_key_,
                   .account = "demo",
                   .causes = causes_text(findings),
                   .sealed_findings = sealer_->seal_findings(id, encode_findings(findings))}}));
  }
  static autopsy::Findings encoded_late() {
    autopsy::Findings findings{.verdict = autopsy::Findings::Verdict::kExplained,
                               .all = {},
                               .difference = autopsy::TextDifference{.before = "\xc3\xa9=",
                                                                     .verified = "%C3%A9",
                                                                     .client_signed = "\xc3\xa9",
                                                                     .behind = "&t=1"}};
    findings.all.push_back({.cause = "payload-not-percent-encoded",
                            .mistake = {},
                            .detail = {},
                            .fix = {},
                            .snippets = {}});
    return findings;
  }

  std::string path_;
  std::string api_key_;
};

TEST_F(FindingsTest, StandBesideTheRefusal) {
  examine("r-1", encoded_late());

  const Reply shown = get("/api/v1/refusals/r-1");

  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.text("verdict"), "explained");
  ASSERT_EQ(shown.json["findings"].size(), 1U);
  const auto& finding = shown.json["findings"][0];
  EXPECT_EQ(finding["id"], "payload-not-percent-encoded");
  EXPECT_EQ(finding["class"], "proved");
  EXPECT_FALSE(finding["title"].get<std::string>().empty());
  EXPECT_FALSE(finding["fix"].get<std::string>().empty());
  EXPECT_EQ(finding["snippets"].size(), 4U);
  EXPECT_EQ(finding["snippets"][0]["lines"].size(), 3U);
  // Ranges count characters, not bytes.
  const auto& proof = shown.json["proof"];
  EXPECT_EQ(proof["verified"]["text"], "\xc3\xa9=%C3%A9&t=1");
  EXPECT_EQ(proof["verified"]["differs"], nlohmann::json::array({2, 8}));
  EXPECT_EQ(proof["signed"]["text"], "\xc3\xa9=\xc3\xa9&t=1");
  EXPECT_EQ(proof["signed"]["differs"], nlohmann::json::array({2, 3}));
  EXPECT_TRUE(shown.json["possible"].empty());
}

TEST_F(FindingsTest, AreNullUntilTheAutopsy) {
  ASSERT_TRUE(journal_->record_refusals(
      std::array{RefusalRow{.request_id = "r-1", .time = kNow, .api_key = api_key_}}));

  const Reply shown = get("/api/v1/refusals/r-1");

  EXPECT_TRUE(shown.json["verdict"].is_null());
  EXPECT_TRUE(shown.json["findings"].is_null());
}

TEST_F(FindingsTest, OfAnUnknownSignatureAreACheckList) {
  examine("r-1", {.verdict = autopsy::Findings::Verdict::kUnknownSignature});

  const Reply shown = get("/api/v1/refusals/r-1");

  EXPECT_EQ(shown.text("verdict"), "unknown_signature");
  EXPECT_TRUE(shown.json["findings"].empty());
  EXPECT_TRUE(shown.json["proof"].is_null());
  EXPECT_FALSE(shown.json["possible"].empty());
}

TEST_F(FindingsTest, OfAnApiKeyAreSummedUp) {
  examine("r-1", encoded_late());
  examine("r-2", encoded_late(), kNow + std::chrono::minutes(1));
  examine("r-3", {}, kNow - std::chrono::minutes(1));

  const Reply shown = get(path_ + "/findings");

  ASSERT_EQ(shown.status, 200) << shown.body;
  ASSERT_EQ(shown.json["items"].size(), 2U);
  const auto& item = shown.json["items"][0];
  EXPECT_EQ(item["count"], 2);
  EXPECT_EQ(item["first_at"], "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(item["last_request_id"], "r-2");
  EXPECT_EQ(item["causes"][0]["id"], "payload-not-percent-encoded");
  EXPECT_EQ(item["causes"][0]["class"], "proved");
  EXPECT_EQ(shown.json["items"][1]["causes"][0]["id"], "none");
  EXPECT_EQ(get("/api/v1/keys/" + std::string(64, 'n') + "/findings").status, 404);
  EXPECT_EQ(get(path_ + "/findings?a=1").status, 400);
}

}  // namespace
}  // namespace counterfoil::management_test
