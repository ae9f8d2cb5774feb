// The chain's lines: what is written is read, in one form and no other.

#include "authority/audit_lines.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "authority/audit_chain.h"
#include "authority/test_audit_log.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Wrong = AuditCursor::Wrong;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

// Somebody else's implementation must be able to follow the manual: these bytes are the contract.
TEST(AuditChain, WritesRecordsAsTheManualSays) {
  const AuditFact fact{.actor = "key:vmPUZE6m",
                       .source = "192.0.2.1",
                       .action = "key.revoke",
                       .object = "k",
                       .detail = {{"cause", "leak"}, {"account", "ac-1"}}};
  const Timestamp time = from_unix_us(1'700'000'000'123'456);

  const std::string line = encode_record(fact, {.seq = 41, .hash = {}}, time, "node-1");

  const std::string zeros(64, '0');
  EXPECT_EQ(line,
            R"({"action":"key.revoke","actor":"key:vmPUZE6m",)"
            R"("detail":{"account":"ac-1","cause":"leak"},"node":"node-1","object":"k",)"
            R"("outcome":"done","prev":")" +
                zeros +
                R"(","seq":42,"source":"192.0.2.1","time":"2023-11-14T22:13:20.123456000Z"})");
  const std::string hashed =
      std::string("counterfoil-audit-v1") + std::string(33, '\0') + line;  // 0x00, then prev
  EXPECT_EQ(record_hash({}, line), sha256(as_bytes(hashed)));
}

TEST(AuditChain, MakesTextsOfStrangersHarmless) {
  const std::string line = encode_record({.actor = std::string(5000, 'a'),
                                          .source = "local",
                                          .action = "x",
                                          .object = "\xff\n\u00e9",
                                          .detail = {{"cause", std::string("\0", 1)}}},
                                         {}, from_unix_ms(0), "node-1");

  EXPECT_TRUE(parse_record(line));
  EXPECT_LT(line.size(), 2000U);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(AuditLines, ReadsWhatIsWritten) {
  TestAuditLog log;
  log.records(1).checkpoint();

  const auto birth = parse_birth(log.lines()[0]);
  const auto record = parse_record(log.lines()[1]);
  const auto checkpoint = parse_checkpoint(log.lines()[2]);

  ASSERT_TRUE(birth && record && checkpoint);
  EXPECT_EQ(birth->log_id, log.log_id());
  EXPECT_EQ(birth->public_key_pem, log.key().public_key().pem());
  EXPECT_EQ(birth->time, TestAuditLog::kStart);
  EXPECT_EQ(record->seq, 1U);
  EXPECT_EQ(record->action, "key.suspend");
  EXPECT_EQ(record->time, TestAuditLog::kStart + milliseconds(100));
  EXPECT_EQ(record->prev, birth_hash(log.lines()[0]));
  EXPECT_EQ(checkpoint->seq, 1U);
  EXPECT_EQ(checkpoint->hash, log.head().hash);
  EXPECT_EQ(checkpoint->key_id, log.key().public_key().fingerprint_text());
  const auto key = AuditKey::from_pem(birth->public_key_pem);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->verify(checkpoint->signed_text, checkpoint->signature));
  EXPECT_EQ(head_of(log.lines()[1])->hash, log.head().hash);
}

TEST(AuditLines, TellsKindsApartByTheirBeginning) {
  TestAuditLog log;
  log.records(1).checkpoint();

  EXPECT_EQ(audit_line_kind(log.lines()[0]), AuditLineKind::kBirth);
  EXPECT_EQ(audit_line_kind(log.lines()[1]), AuditLineKind::kRecord);
  EXPECT_EQ(audit_line_kind(log.lines()[2]), AuditLineKind::kCheckpoint);
  EXPECT_EQ(audit_line_kind(""), AuditLineKind::kRecord);
  // Each kind is read by its own reader alone.
  EXPECT_FALSE(parse_record(log.lines()[0]) || parse_record(log.lines()[2]));
  EXPECT_FALSE(parse_birth(log.lines()[1]) || parse_birth(log.lines()[2]));
  EXPECT_FALSE(parse_checkpoint(log.lines()[0]) || parse_checkpoint(log.lines()[1]));
}

TEST(AuditLines, RefusesRecordsInAnyOtherForm) {
  TestAuditLog log;
  const std::string good = log.records(1).lines()[1];
  ASSERT_TRUE(parse_record(good));

  for (const std::string& bad : {good + " ",
                                 " " + good,
                                 replaced(good, "\"seq\":1", "\"seq\":01"),
                                 replaced(good, "\"seq\":1", "\"seq\": 1"),
                                 replaced(good, "\"seq\":1", "\"seq\":0"),
                                 replaced(good, "\"seq\":1", "\"seq\":1.0"),
                                 replaced(good, "\"seq\":1", "\"seq\":-1"),
                                 replaced(good, "\"node\"", "\"Node\""),
                                 replaced(good, "\"account\"", "\"zaccount\""),
                                 replaced(good, "\"cause\"", "\"account\""),
                                 replaced(good, "\"account\"", "\"\""),
                                 replaced(good, "\"account\"", "\"acc\\u0001unt\""),
                                 replaced(good, "2023-11-14", "2023-11-31"),
                                 replaced(good, "2023-11-14", "2023-02-30"),
                                 replaced(good, "T22:", "T24:"),
                                 replaced(good, "T22:", " 22:"),
                                 replaced(good, "000Z", "00Z"),
                                 replaced(good, "\"local\"", "null"),
                                 replaced(good, "\"outcome\":\"done\",", ""),
                                 good.substr(0, good.size() - 1)}) {
    EXPECT_FALSE(parse_record(bad)) << bad;
  }
  const std::string upper =
      replaced(good, to_hex(birth_hash(log.lines()[0])), std::string(64, 'A'));
  EXPECT_FALSE(parse_record(upper));
  EXPECT_FALSE(parse_record(std::string(kAuditLineBytesMax + 1, '{')));
}

TEST(AuditCursor, FollowsTheChain) {
  TestAuditLog log;
  log.records(3);
  auto cursor = AuditCursor::at_birth(log.lines()[0]);
  ASSERT_TRUE(cursor);

  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(cursor->advance(log.lines()[i]));
  }

  EXPECT_EQ(cursor->head().seq, 3U);
  EXPECT_EQ(cursor->head().hash, log.head().hash);
}

TEST(AuditCursor, DoesNotMoveOverARecordThatDoesNotFit) {
  TestAuditLog log;
  log.records(3);
  auto cursor = AuditCursor::at_birth(log.lines()[0]).value();
  ASSERT_TRUE(cursor.advance(log.lines()[1]));

  EXPECT_EQ(cursor.advance("").error(), Wrong::kForm);
  EXPECT_EQ(cursor.advance(log.lines()[1]).error(), Wrong::kSequence);
  EXPECT_EQ(cursor.advance(log.lines()[3]).error(), Wrong::kSequence);
  const std::string other_prev =
      replaced(log.lines()[2], to_hex(cursor.head().hash), std::string(64, '0'));
  EXPECT_EQ(cursor.advance(other_prev).error(), Wrong::kLink);

  EXPECT_EQ(cursor.head().seq, 1U);
  EXPECT_TRUE(cursor.advance(log.lines()[2]));
}

TEST(AuditCursor, AllowsTimesToRunBackByFiveSecondsAndNoMore) {
  TestAuditLog log;
  log.records(1).wait(-seconds(5) - milliseconds(100)).records(1);
  log.wait(-seconds(5) - milliseconds(100) - microseconds(1)).records(1);
  auto cursor = AuditCursor::at_birth(log.lines()[0]).value();

  EXPECT_TRUE(cursor.advance(log.lines()[1]));
  EXPECT_TRUE(cursor.advance(log.lines()[2]));
  EXPECT_EQ(cursor.advance(log.lines()[3]).error(), Wrong::kTime);
}

TEST(AuditCursor, FollowsAKeyChangeThatTheOldKeySigned) {
  TestAuditLog log;
  log.records(1).change_key().records(1);
  auto cursor = AuditCursor::at_birth(log.lines()[0]).value();

  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(cursor.advance(log.lines()[i])) << i;
  }

  EXPECT_EQ(cursor.key().pem(), log.key().public_key().pem());
}

TEST(AuditCursor, RefusesAKeyChangeThatTheOldKeyDidNotSign) {
  const TestAuditLog thief;
  const TestAuditLog other_log("ffffffffffffffffffffffffffffffff");
  for (const std::optional<AuditFact>& fact :
       {audit_key_change(thief.log_id(), thief.key(), thief.key().public_key()),
        std::optional(AuditFact{.action = std::string(kAuditKeyChange)})}) {
    TestAuditLog log;
    log.record(fact.value());
    auto cursor = AuditCursor::at_birth(log.lines()[0]).value();

    EXPECT_EQ(cursor.advance(log.lines()[1]).error(), Wrong::kKeyChange);
  }
  // Signed by the right key, for another log.
  TestAuditLog log;
  log.record(audit_key_change(other_log.log_id(), log.key(), thief.key().public_key()).value());
  auto cursor = AuditCursor::at_birth(log.lines()[0]).value();
  EXPECT_EQ(cursor.advance(log.lines()[1]).error(), Wrong::kKeyChange);
}

TEST(AuditCursor, BeginsAtABirthRecordWithAnEd25519KeyOnly) {
  const TestAuditLog log;
  const std::string good = log.lines()[0];

  EXPECT_TRUE(AuditCursor::at_birth(good));
  EXPECT_FALSE(AuditCursor::at_birth(""));
  EXPECT_FALSE(AuditCursor::at_birth(good + "\n"));
  EXPECT_FALSE(AuditCursor::at_birth(replaced(good, "BEGIN", "BEGIM")));
  EXPECT_FALSE(AuditCursor::at_birth(replaced(good, "0011", "00G1")));
}

}  // namespace
}  // namespace counterfoil
