// No change without its record, no record without its change, one chain whatever happens.

#include "authority/audited_registry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "authority/test_audit_log.h"
#include "authority/test_faults.h"
#include "base/manual_clock.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class AuditedRegistryTest : public testing::Test {
 protected:
  [[nodiscard]] AuditedRegistry open(Registry& registry) const {
    return {registry, clock_, "node-1", birth_hash(birth_)};
  }
  static Write write(std::string id, std::uint64_t expected_modified = 0) {
    return {.kind = RecordKind::kSetting,
            .id = std::move(id),
            .bytes = "x",
            .expected_modified = expected_modified};
  }
  static AuditFact fact(std::string action) {
    return {.actor = "system", .source = "local", .action = std::move(action), .object = "o"};
  }
  // The actions of the whole chain, after it was followed from its birth.
  [[nodiscard]] std::vector<std::string> followed() const {
    std::vector<std::string> actions;
    auto cursor = AuditCursor::at_birth(birth_).value();
    const auto outbox = registry_->audit_outbox(kListMax).value();
    for (const AuditEntry& entry : outbox) {
      EXPECT_TRUE(cursor.advance(entry.bytes)) << entry.bytes;
      EXPECT_EQ(cursor.head().seq, entry.seq);
      actions.emplace_back(parse_record(entry.bytes).value().action);
    }
    return actions;
  }

  std::string birth_ = TestAuditLog().lines().front();
  ManualClock clock_{TestAuditLog::kStart};
  std::unique_ptr<Registry> registry_ = make_memory_registry();
};

TEST_F(AuditedRegistryTest, RecordsEachChangeInItsTransaction) {
  AuditedRegistry audited = open(*registry_);

  ASSERT_TRUE(audited.commit({write("a")}, fact("first")));
  ASSERT_TRUE(audited.commit({}, fact("second")));

  EXPECT_EQ(followed(), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(registry_->find(RecordKind::kSetting, "a").value());
  EXPECT_EQ(audited.head().value().seq, 2U);
  EXPECT_EQ(audited.head().value().hash,
            head_of(registry_->last_audit().value().value().bytes)->hash);
}

TEST_F(AuditedRegistryTest, RecordsNothingOfAChangeThatWasRefused) {
  AuditedRegistry audited = open(*registry_);
  ASSERT_TRUE(audited.commit({write("a")}, fact("first")));

  EXPECT_EQ(audited.commit({write("a")}, fact("conflict")).error(), RegistryError::kConflict);
  EXPECT_EQ(audited.commit({write("")}, fact("invalid")).error(), RegistryError::kInvalid);

  ASSERT_TRUE(audited.commit({write("b")}, fact("second")));
  EXPECT_EQ(followed(), (std::vector<std::string>{"first", "second"}));
}

TEST_F(AuditedRegistryTest, MakesOneChainOfConcurrentCommits) {
  constexpr int kThreads = 4;
  constexpr int kCommits = 100;
  AuditedRegistry audited = open(*registry_);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kCommits; ++i) {
          // Half of them meet another thread's record.
          const std::string id = std::to_string(i % 2 == 0 ? i : (t * kCommits) + i + 1'000);
          (void)audited.commit({write(id)}, fact("commit"));
        }
      });
    }
  }

  const std::size_t records = registry_->list(RecordKind::kSetting, "", kListMax).value().size();
  EXPECT_GT(records, static_cast<std::size_t>(kCommits));
  EXPECT_EQ(followed().size(), records);
}

TEST_F(AuditedRegistryTest, GoesOnWithTheChainAfterARestart) {
  ASSERT_TRUE(open(*registry_).commit({write("a")}, fact("first")));
  ASSERT_TRUE(registry_->trim_audit(1));
  const AuditHead before = open(*registry_).head().value();

  ASSERT_TRUE(open(*registry_).commit({write("b")}, fact("second")));

  const auto record = parse_record(registry_->last_audit().value().value().bytes).value();
  EXPECT_EQ(record.seq, 2U);
  EXPECT_EQ(record.prev, before.hash);
}

// A commit whose outcome nobody knows may have happened, with its record.
TEST_F(AuditedRegistryTest, FindsTheTrueHeadAgainWhenAnOutcomeIsUnknown) {
  for (const TestFault::When when : {TestFault::When::kBefore, TestFault::When::kAfter}) {
    registry_ = make_memory_registry();
    TestFault fault;
    FaultyRegistry faulty(*registry_, fault);
    AuditedRegistry audited = open(faulty);
    ASSERT_TRUE(audited.commit({write("a")}, fact("first")));
    fault.arm(0, when);

    EXPECT_EQ(audited.commit({write("b")}, fact("unknown")).error(), RegistryError::kUnavailable);
    ASSERT_TRUE(audited.commit({write("c")}, fact("last")));

    const bool happened = registry_->find(RecordKind::kSetting, "b").value().has_value();
    EXPECT_EQ(happened, when == TestFault::When::kAfter);
    EXPECT_EQ(followed().size(), happened ? 3U : 2U);
  }
}

TEST_F(AuditedRegistryTest, LetsNothingFollowARecordItCannotRead) {
  ASSERT_TRUE(registry_->commit({.audit = {{.seq = 1, .bytes = "not a record"}}}));
  AuditedRegistry audited = open(*registry_);

  EXPECT_EQ(audited.head().error(), RegistryError::kCorrupt);
  EXPECT_EQ(audited.commit({write("a")}, fact("first")).error(), RegistryError::kCorrupt);
  EXPECT_EQ(registry_->find(RecordKind::kSetting, "a").value(), std::nullopt);
}

TEST_F(AuditedRegistryTest, SaysTheClocksTimeWhenItWasSetBack) {
  AuditedRegistry audited = open(*registry_);
  ASSERT_TRUE(audited.commit({}, fact("at_noon")));
  clock_.step(-seconds(5));
  ASSERT_TRUE(audited.commit({}, fact("a_little_back")));
  clock_.step(-hours(1));
  ASSERT_TRUE(audited.commit({}, fact("far_back")));
  ASSERT_TRUE(open(*registry_).commit({}, fact("after_a_restart")));

  EXPECT_EQ(followed().size(), 4U);
  const auto outbox = registry_->audit_outbox(kListMax).value();
  const auto time = [&](std::size_t i) { return parse_record(outbox[i].bytes).value().time; };
  EXPECT_EQ(time(1), TestAuditLog::kStart - seconds(5));
  EXPECT_EQ(time(2), time(1));
  EXPECT_EQ(time(3), time(1));
  const std::string clock = "\"clock\":\"" + audit_time_text(clock_.now()) + "\"";
  EXPECT_FALSE(outbox[1].bytes.contains("\"clock\""));
  EXPECT_TRUE(outbox[2].bytes.contains(clock)) << outbox[2].bytes;
  EXPECT_TRUE(outbox[3].bytes.contains(clock)) << outbox[3].bytes;
}

}  // namespace
}  // namespace counterfoil
