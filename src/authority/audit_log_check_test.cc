// The offline checker (control S-82): every damage is found and named, and no good log is accused.

#include "authority/audit_log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "authority/test_audit_log.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

std::optional<AuditDamage> damage_of(const Lines& lines, AuditExpectations expectations = {}) {
  const auto checked = check_audit_log(TestAuditLog::text_of(lines), std::move(expectations));
  return checked ? std::nullopt : std::optional(checked.error().damage);
}

// Ten records, pinned after the fifth and the tenth: lines 0 birth, 1-5, 6 checkpoint, 7-11, 12.
TestAuditLog small_log() {
  TestAuditLog log;
  log.records(5).checkpoint().records(5).checkpoint();
  return log;
}

TEST(AuditLogCheck, FindsAGoodLogWhole) {
  const TestAuditLog log = small_log();

  const auto summary = check_audit_log(log.text());

  ASSERT_TRUE(summary) << summary.error().sentence;
  EXPECT_EQ(summary->records, 10U);
  EXPECT_EQ(summary->checkpoints, 2U);
  EXPECT_EQ(summary->proven_seq, 10U);
  EXPECT_EQ(summary->uncut_seq, std::nullopt);
  EXPECT_EQ(summary->log_id, log.log_id());
  EXPECT_EQ(summary->key_id, log.key().public_key().fingerprint_text());
  EXPECT_EQ(summary->born_key_id, summary->key_id);
  EXPECT_EQ(summary->born_at, TestAuditLog::kStart);
  EXPECT_THAT(describe(*summary), HasSubstr("tail not proven after record 10"));
}

TEST(AuditLogCheck, FindsALogWithoutRecordsWhole) {
  const TestAuditLog log;

  EXPECT_TRUE(check_audit_log(log.text()));
}

TEST(AuditLogCheck, FindsALogWholeHoweverItsBytesCome) {
  const std::string text = small_log().text();
  for (const std::size_t size : {1UL, 7UL, 100UL, text.size()}) {
    AuditLogChecker checker;
    for (std::size_t at = 0; at < text.size(); at += size) {
      ASSERT_TRUE(checker.feed(std::string_view(text).substr(at, size)));
    }
    EXPECT_TRUE(checker.finish());
  }
  // The last line may lack its end.
  EXPECT_TRUE(check_audit_log(std::string_view(text).substr(0, text.size() - 1)));
}

TEST(AuditLogCheck, ProvesTheTailWithACheckpointFromOutside) {
  TestAuditLog log = small_log();
  const std::string pinned_at_ten = log.checkpoint_line();

  const auto summary = check_audit_log(
      log.text(), {.public_key = log.key().public_key().pem(), .checkpoints = {pinned_at_ten}});
  ASSERT_TRUE(summary) << summary.error().sentence;
  EXPECT_EQ(summary->uncut_seq, 10U);
  EXPECT_THAT(describe(*summary), HasSubstr("every record is proven"));

  log.records(2);
  const auto newer = check_audit_log(log.text(), {.checkpoints = {pinned_at_ten}});
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->proven_seq, 10U);
  EXPECT_THAT(describe(*newer), HasSubstr("records 11 to 12"));
  log.checkpoint();
  EXPECT_THAT(describe(check_audit_log(log.text(), {.checkpoints = {pinned_at_ten}}).value()),
              HasSubstr("tail not proven after record 10"));
}

// One bit of every byte of the whole log, line ends included.
TEST(AuditLogCheck, FindsEveryChangedByte) {
  const std::string text = small_log().text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 7)));
    ASSERT_FALSE(check_audit_log(changed)) << at << ": " << text.substr(at, 20);
  }
}

TEST(AuditLogCheck, FindsALogCutAtEveryByte) {
  const TestAuditLog log = small_log();
  const AuditExpectations outside{.checkpoints = {log.checkpoint_line()}};
  const std::string text = log.text();
  const std::size_t last_line = text.size() - log.lines().back().size() - 1;
  for (std::size_t size = 0; size < last_line - 1; ++size) {
    ASSERT_FALSE(check_audit_log(std::string_view(text).substr(0, size), outside)) << size;
  }
}

struct FieldCase {
  const char* name;
  std::size_t line;
  const char* from;
  const char* to;
  AuditDamage damage;
};

class AuditLogField : public testing::TestWithParam<FieldCase> {};

TEST_P(AuditLogField, IsProtected) {
  Lines lines = small_log().lines();
  std::string& line = lines[GetParam().line];
  const std::size_t at = line.find(GetParam().from);
  ASSERT_NE(at, std::string::npos) << line;
  line.replace(at, std::string_view(GetParam().from).size(), GetParam().to);

  EXPECT_EQ(damage_of(lines), GetParam().damage);
}

// clang-format off
constexpr FieldCase kFields[] = {
    {"birth_log_id",     0, R"("log_id":"00)",             R"("log_id":"01)",             AuditDamage::kLink},
    {"birth_time",       0, "22:13:20",                    "22:13:19",                    AuditDamage::kLink},
    {"action",           3, "key.suspend",                 "key.resume",                  AuditDamage::kLink},
    {"actor",            3, "uid=1000",                    "uid=1001",                    AuditDamage::kLink},
    {"detail_value",     3, "ac-1",                        "ac-2",                        AuditDamage::kLink},
    {"detail_name",      3, R"("cause")",                  R"("reason")",                 AuditDamage::kLink},
    {"detail_missing",   3, R"("account":"ac-1",)",        "",                            AuditDamage::kLink},
    {"detail_added",     3, R"("cause")",                  R"("b":"c","cause")",          AuditDamage::kLink},
    {"node",             3, "node-1",                      "node-2",                      AuditDamage::kLink},
    {"object",           3, "key-3",                       "key-4",                       AuditDamage::kLink},
    {"outcome",          3, "done",                        "none",                        AuditDamage::kLink},
    {"prev",             3, R"("prev":")",                 R"("prev":"0)",                AuditDamage::kLine},
    {"seq",              3, R"("seq":3)",                  R"("seq":4)",                  AuditDamage::kSequence},
    {"source",           3, R"("source":"local")",         R"("source":"::1")",           AuditDamage::kLink},
    {"time",             3, "22:13:20",                    "22:13:21",                    AuditDamage::kLink},
    {"last_record",     11, "ac-1",                        "ac-2",                        AuditDamage::kFork},
    {"blank",            3, R"("seq":3)",                  R"("seq": 3)",                 AuditDamage::kLine},
    {"member_added",     3, R"("node")",                   R"("e":"f","node")",           AuditDamage::kLine},
    {"checkpoint_hash",  6, R"("hash":")",                 R"("hash":"0)",                AuditDamage::kLine},
    {"checkpoint_key",   6, "SHA256:",                     "SHA512:",                     AuditDamage::kSignature},
    {"checkpoint_log",   6, R"("log_id":"00)",             R"("log_id":"01)",             AuditDamage::kForeignLog},
    {"checkpoint_seq",   6, R"("seq":5)",                  R"("seq":4)",                  AuditDamage::kCheckpointPlace},
    {"checkpoint_sign",  6, R"("signature":")",            R"("signature":"AA)",          AuditDamage::kSignature},
    {"checkpoint_time",  6, "22:13:20",                    "22:13:21",                    AuditDamage::kSignature},
};
// clang-format on
INSTANTIATE_TEST_SUITE_P(Fields, AuditLogField, testing::ValuesIn(kFields),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(AuditLogCheck, NamesTheFirstBadLineAndTheRecord) {
  Lines lines = small_log().lines();
  lines.erase(lines.begin() + 8);  // record 7

  const auto checked = check_audit_log(TestAuditLog::text_of(lines));

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().damage, AuditDamage::kSequence);
  EXPECT_EQ(checked.error().line, 9U);
  EXPECT_EQ(checked.error().seq, 6U);
  EXPECT_EQ(checked.error().sentence, "record 8 follows record 6: 1 in between is missing");
  EXPECT_EQ(name_of(checked.error().damage), "sequence");
}

TEST(AuditLogCheck, FindsRemovedDoubledInsertedAndMovedRecords) {
  const Lines good = small_log().lines();
  for (std::size_t i = 1; i < good.size(); ++i) {
    if (audit_line_kind(good[i]) == AuditLineKind::kCheckpoint) {
      continue;
    }
    Lines removed = good;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(damage_of(removed),
              i == 5 || i == 11 ? AuditDamage::kCheckpointPlace : AuditDamage::kSequence);
    Lines doubled = good;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
    EXPECT_EQ(damage_of(doubled), AuditDamage::kSequence);
    Lines moved = good;
    std::swap(moved[i], moved[i == 1 ? 2 : 1]);
    EXPECT_EQ(damage_of(moved), AuditDamage::kSequence);
  }
}

TEST(AuditLogCheck, FindsMisplacedCheckpoints) {
  const Lines good = small_log().lines();
  Lines doubled = good;
  doubled.insert(doubled.begin() + 6, good[6]);
  Lines late = good;
  std::swap(late[6], late[7]);
  Lines first = good;
  first.insert(first.begin() + 1, good[6]);

  EXPECT_EQ(damage_of(doubled), AuditDamage::kCheckpointPlace);
  EXPECT_EQ(damage_of(late), AuditDamage::kCheckpointPlace);
  EXPECT_EQ(damage_of(first), AuditDamage::kCheckpointPlace);
}

TEST(AuditLogCheck, FindsABrokenBeginning) {
  const Lines good = small_log().lines();
  Lines twice = good;
  twice.insert(twice.begin() + 3, good[0]);

  EXPECT_EQ(damage_of({}), AuditDamage::kEmpty);
  EXPECT_EQ(damage_of({""}), AuditDamage::kBirth);
  EXPECT_EQ(damage_of({good.begin() + 1, good.end()}), AuditDamage::kBirth);
  EXPECT_EQ(damage_of(twice), AuditDamage::kBirth);
}

// A thief of the stores who has no audit key can make the chain agree with itself again.
TEST(AuditLogCheck, FindsAChainThatWasWrittenAnew) {
  TestAuditLog log;
  log.records(5).checkpoint();
  Lines anew(log.lines().begin(), log.lines().begin() + 3);  // two records stay
  AuditHead head = head_of(anew.back()).value();
  for (std::size_t i = 3; i <= 5; ++i) {
    anew.push_back(encode_record({.actor = "system", .action = "nothing.happened"}, head,
                                 TestAuditLog::kStart + seconds(1), "node-1"));
    head = head_of(anew.back()).value();
  }
  const std::string checkpoint = log.lines().back();

  EXPECT_EQ(damage_of(anew, {.checkpoints = {checkpoint}}), AuditDamage::kFork);
  anew.push_back(checkpoint);
  EXPECT_EQ(damage_of(anew), AuditDamage::kFork);
}

TEST(AuditLogCheck, FindsAStretchWhoseCheckpointsWereTakenOut) {
  TestAuditLog log;
  log.records(kAuditCheckpointRecordsMax);
  EXPECT_EQ(damage_of(log.lines()), std::nullopt);

  log.records(1);
  EXPECT_EQ(damage_of(log.lines()), AuditDamage::kCheckpointMissing);
}

TEST(AuditLogCheck, FindsACutEnd) {
  const TestAuditLog log = small_log();
  const Lines cut(log.lines().begin(), log.lines().begin() + 9);

  EXPECT_EQ(damage_of(cut), std::nullopt);
  EXPECT_EQ(damage_of(cut, {.checkpoints = {log.lines()[6], log.lines().back()}}),
            AuditDamage::kCut);
}

TEST(AuditLogCheck, FindsAForkBetweenOutsideCheckpoints) {
  const TestAuditLog log = small_log();
  AuditHead other = log.head();
  other.hash[0] ^= 1U;
  const std::string forked =
      encode_checkpoint(log.log_id(), other, TestAuditLog::kStart + seconds(9), log.key()).value();

  EXPECT_EQ(damage_of(log.lines(), {.checkpoints = {log.checkpoint_line(), forked}}),
            AuditDamage::kFork);
}

TEST(AuditLogCheck, DoesNotBelieveAnOutsideCheckpointThatTheKeyDidNotSign) {
  const TestAuditLog log = small_log();
  const TestAuditLog thief = small_log();
  const std::string forged =
      encode_checkpoint(log.log_id(), log.head(), TestAuditLog::kStart + seconds(9), thief.key())
          .value();
  const std::string foreign =
      TestAuditLog("ffffffffffffffffffffffffffffffff").records(30).checkpoint_line();
  std::string beyond = log.checkpoint_line();
  beyond.replace(beyond.find("\"seq\":10"), 8, "\"seq\":99");

  EXPECT_EQ(damage_of(log.lines(), {.checkpoints = {forged}}), AuditDamage::kSignature);
  EXPECT_EQ(damage_of(log.lines(), {.checkpoints = {foreign}}), AuditDamage::kForeignLog);
  EXPECT_EQ(damage_of(log.lines(), {.checkpoints = {beyond}}), AuditDamage::kSignature);
  EXPECT_EQ(damage_of(log.lines(), {.checkpoints = {"{}"}}), AuditDamage::kExpectation);
}

TEST(AuditLogCheck, FindsASwappedPublicKey) {
  const TestAuditLog log = small_log();
  const TestAuditLog anew = small_log();  // the same log id, another key: whole in itself

  EXPECT_EQ(damage_of(anew.lines()), std::nullopt);
  EXPECT_EQ(damage_of(anew.lines(), {.public_key = log.key().public_key().pem()}),
            AuditDamage::kForeignKey);
  EXPECT_EQ(damage_of(log.lines(), {.public_key = "no key"}), AuditDamage::kExpectation);
}

TEST(AuditLogCheck, FollowsAChangeOfTheKey) {
  TestAuditLog log;
  const std::string born_with = log.key().public_key().pem();
  log.records(3).checkpoint();
  const std::string old_outside = log.checkpoint_line();
  log.change_key().checkpoint().records(3).checkpoint();

  const auto summary = check_audit_log(
      log.text(), {.public_key = born_with, .checkpoints = {old_outside, log.checkpoint_line()}});

  ASSERT_TRUE(summary) << summary.error().sentence;
  EXPECT_EQ(summary->key_id, log.key().public_key().fingerprint_text());
  EXPECT_NE(summary->key_id, summary->born_key_id);
  EXPECT_EQ(summary->uncut_seq, 7U);
}

TEST(AuditLogCheck, RefusesTheOldKeyAfterTheChange) {
  TestAuditLog log;
  const TestAuditLog with_old_key;
  log.change_key();
  const std::string forged =
      encode_checkpoint(log.log_id(), log.head(), TestAuditLog::kStart + seconds(9),
                        with_old_key.key())
          .value();
  Lines lines = log.lines();
  lines.push_back(forged);

  EXPECT_EQ(damage_of(lines), AuditDamage::kSignature);
}

TEST(AuditLogCheck, FindsTimesThatRunBack) {
  TestAuditLog log;
  log.records(2).wait(-seconds(6)).records(1).checkpoint();
  TestAuditLog early;
  early.records(1).wait(-seconds(6)).checkpoint();

  EXPECT_EQ(damage_of(log.lines()), AuditDamage::kTime);
  EXPECT_EQ(damage_of(early.lines()), AuditDamage::kTime);
}

TEST(AuditLogCheck, BoundsALine) {
  const TestAuditLog log = small_log();
  AuditLogChecker checker;
  ASSERT_TRUE(checker.feed(log.lines()[0] + "\n"));
  const std::string part(64UL * 1024, 'x');
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(checker.feed(part));
  }

  const auto fed = checker.feed("x");

  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().damage, AuditDamage::kLine);
  EXPECT_EQ(checker.finish().error().line, 2U);
  EXPECT_EQ(checker.feed("y").error().sentence, fed.error().sentence);
}

// Damages chosen at random, of each kind that an editor of the file can do.
// COUNTERFOIL_AUDIT_RECORDS and COUNTERFOIL_AUDIT_DAMAGES make it the long run of the security
// rules (10000 and 1000).
class RandomDamage : public testing::Test {
 protected:
  static std::size_t setting(const char* name, std::size_t fallback) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet
    const char* const text = std::getenv(name);
    return text == nullptr ? fallback : std::stoul(text);
  }
  std::size_t below(std::size_t bound) {
    state_ = (state_ * 6'364'136'223'846'793'005U) + 1'442'695'040'888'963'407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }
  // A line that is no birth record.
  std::size_t any_line(const Lines& lines) { return 1 + below(lines.size() - 1); }

  void expect_found(const char* kind, const std::function<void(Lines&)>& damage) {
    for (std::size_t i = 0; i < damages_; ++i) {
      Lines lines = good_.lines();
      damage(lines);
      if (lines == good_.lines()) {
        continue;  // Such as a line swapped with itself.
      }
      ASSERT_FALSE(check_audit_log(TestAuditLog::text_of(lines), outside_)) << kind << " " << i;
    }
  }

  std::size_t damages_ = setting("COUNTERFOIL_AUDIT_DAMAGES", 100);
  TestAuditLog good_ = [] {
    TestAuditLog log;
    for (std::size_t left = setting("COUNTERFOIL_AUDIT_RECORDS", 200); left > 0;) {
      const std::size_t part = std::min<std::size_t>(left, 97);
      log.records(part).checkpoint();
      left -= part;
    }
    return log;
  }();
  AuditExpectations outside_{.checkpoints = {good_.checkpoint_line()}};
  std::uint64_t state_ = 20231114;
};

TEST_F(RandomDamage, IsFoundWhateverItIs) {
  ASSERT_TRUE(check_audit_log(good_.text(), outside_));
  expect_found("changed", [this](Lines& lines) {
    std::string& line = lines[any_line(lines)];
    char& byte = line[below(line.size())];
    byte = static_cast<char>(byte ^ static_cast<char>(1 + below(127)));
  });
  expect_found("removed", [this](Lines& lines) {
    std::size_t at = any_line(lines);
    while (audit_line_kind(lines[at]) != AuditLineKind::kRecord) {
      at = any_line(lines);
    }
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  });
  expect_found("inserted", [this](Lines& lines) {
    const auto at = static_cast<std::ptrdiff_t>(any_line(lines));
    lines.insert(lines.begin() + at, TestAuditLog().records(1).lines().back());
  });
  expect_found("moved",
               [this](Lines& lines) { std::swap(lines[any_line(lines)], lines[any_line(lines)]); });
  expect_found("doubled", [this](Lines& lines) {
    const std::size_t from = any_line(lines);
    const std::string line = lines[from];
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(any_line(lines)), line);
  });
  expect_found("cut", [this](Lines& lines) {
    lines.resize(1 + below(lines.size() - 2));  // more than the last checkpoint
  });
}

TEST_F(RandomDamage, IsNotSeenInGoodLogs) {
  for (int i = 0; i < 10; ++i) {
    TestAuditLog log;
    while (log.head().seq < 100) {
      log.records(1 + below(30));
      if (below(3) > 0) {
        log.checkpoint();
      }
      if (below(5) == 0) {
        log.change_key();
      }
    }
    const auto checked = check_audit_log(log.text());
    EXPECT_TRUE(checked) << checked.error().sentence;
  }
}

}  // namespace
}  // namespace counterfoil
