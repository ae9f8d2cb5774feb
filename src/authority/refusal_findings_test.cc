#include "authority/refusal_findings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "autopsy/finding.h"
#include "base/tagged_fields.h"

namespace counterfoil {
namespace {

using autopsy::Findings;

Findings two_mistakes() {
  Findings findings{.verdict = Findings::Verdict::kExplained,
                    .all = {},
                    .difference = autopsy::TextDifference{.before = "note=",
                                                          .verified = "caf%C3%A9",
                                                          .client_signed = "caf\xc3\xa9",
                                                          .behind = "&timestamp=1"},
                    .same_bytes = {"double-percent-encoding"}};
  findings.all.push_back({.cause = "payload-not-percent-encoded",
                          .mistake = {},
                          .detail = "note",
                          .fix = {},
                          .snippets = {}});
  findings.all.push_back(
      {.cause = "ip-not-allowed", .mistake = {}, .detail = {}, .fix = {}, .snippets = {}});
  return findings;
}

TEST(RefusalFindings, AreReadAsTheyWereStored) {
  const auto read = decode_findings(encode_findings(two_mistakes()));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->verdict, "explained");
  ASSERT_EQ(read->findings.size(), 2U);
  EXPECT_EQ(read->findings[0].id, "payload-not-percent-encoded");
  EXPECT_EQ(read->findings[0].confidence, "proved");
  EXPECT_EQ(read->findings[0].detail, "note");
  EXPECT_FALSE(read->findings[0].title.empty());
  EXPECT_FALSE(read->findings[0].fix.empty());
  ASSERT_EQ(read->findings[0].snippets.size(), 4U);
  EXPECT_EQ(read->findings[0].snippets[0].language, "curl");
  ASSERT_TRUE(read->difference);
  EXPECT_EQ(read->difference->verified, "caf%C3%A9");
  EXPECT_EQ(read->difference->client_signed, "caf\xc3\xa9");
  EXPECT_EQ(read->difference->before, "note=");
  EXPECT_EQ(read->difference->behind, "&timestamp=1");
  EXPECT_EQ(read->same_bytes, std::vector<std::string>{"double-percent-encoding"});
  EXPECT_TRUE(read->possible.empty());
}

TEST(RefusalFindings, AnUnknownSignatureComesWithACheckList) {
  const auto read =
      decode_findings(encode_findings({.verdict = Findings::Verdict::kUnknownSignature}));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->verdict, "unknown_signature");
  EXPECT_TRUE(read->findings.empty());
  ASSERT_FALSE(read->possible.empty());
  EXPECT_EQ(read->possible[0].confidence, "possible");
}

TEST(RefusalFindings, LeaveTextsOutThatWouldBeTooLong) {
  Findings findings = two_mistakes();
  findings.difference->before = std::string(kFindingsBytesMax, 'x');

  const std::string bytes = encode_findings(findings);

  EXPECT_LT(bytes.size(), kFindingsBytesMax);
  const auto read = decode_findings(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->findings.size(), 2U);
  EXPECT_FALSE(read->difference);
}

TEST(RefusalFindings, PassOverCausesOfANewerProgram) {
  FieldWriter cause;
  cause.put(1, "a-cause-of-tomorrow");
  FieldWriter fields;
  fields.put_u64(1, 1);
  fields.put_u64(2, 1);
  fields.put(3, cause.take());
  fields.put(99, "what a later version adds");

  const auto read = decode_findings(fields.take());

  ASSERT_TRUE(read);
  EXPECT_TRUE(read->findings.empty());
}

TEST(RefusalFindings, AreNothingElse) {
  const std::string whole = encode_findings(two_mistakes());
  FieldWriter newer;
  newer.put_u64(1, 2);
  FieldWriter verdict;
  verdict.put_u64(2, 3);
  FieldWriter half;
  half.put(5, "verified without before");

  EXPECT_FALSE(decode_findings(""));
  EXPECT_FALSE(decode_findings(whole.substr(0, whole.size() - 1)));
  EXPECT_FALSE(decode_findings(newer.take()));
  EXPECT_FALSE(decode_findings(verdict.take()));
  EXPECT_FALSE(decode_findings(half.take()));
}

TEST(RefusalFindings, AreGroupedByTheirCauses) {
  Findings unknown{.verdict = Findings::Verdict::kUnknownSignature};
  unknown.all.push_back(
      {.cause = "ip-not-allowed", .mistake = {}, .detail = {}, .fix = {}, .snippets = {}});

  EXPECT_EQ(causes_text({}), "none");
  EXPECT_EQ(causes_text(two_mistakes()), "payload-not-percent-encoded,ip-not-allowed");
  EXPECT_EQ(causes_text(unknown), "ip-not-allowed,unknown-signature");
}

TEST(RefusalFindings, TellOfACauseByItsId) {
  const auto cause = shown_cause("clock-ahead");

  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->confidence, "proved");
  EXPECT_FALSE(shown_cause("no-such-cause"));
}

}  // namespace
}  // namespace counterfoil
