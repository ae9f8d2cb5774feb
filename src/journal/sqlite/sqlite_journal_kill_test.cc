// What kill -9 leaves behind (control S-76): everything acknowledged, no call half-done.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/run_and_kill.h"
#include "base/temporary_directory.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"

namespace counterfoil {
namespace {

// Each call of a round is there with both of its rows or with none.
void expect_no_call_half_done(const Journal& journal, std::uint64_t round) {
  const std::string number = std::to_string(round);
  const bool first = journal.refusal("r-" + number).value().has_value();
  const bool second = journal.refusal("s-" + number).value().has_value();
  EXPECT_EQ(first, second) << round;
  if (first) {
    EXPECT_EQ(journal.last_uses("key-" + number).value().pairs.size(), 1U) << round;
  }
}

TEST(SqliteJournalKill, LosesNothingThatWasAcknowledged) {
  constexpr int kKills = 20;
  const TemporaryDirectory directory;
  const std::filesystem::path store = directory.path() / "journal.db";
  std::uint64_t cut_rounds = 0;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    SCOPED_TRACE(kill_number);
    const std::uint64_t acknowledged =
        run_and_kill(COUNTERFOIL_COMMIT_LOOP, store, 1 + ((kill_number * 13) % 17));
    ASSERT_GT(acknowledged, 0U);

    const auto opened = open_sqlite_journal(store);
    ASSERT_TRUE(opened) << opened.error().sentence;
    const Journal& journal = **opened;
    const std::uint64_t last = journal.audit_head().value().value().seq;
    ASSERT_EQ(last % 2, 0U);
    ASSERT_GE(last / 2, acknowledged);
    ASSERT_LE(last / 2, acknowledged + 1);
    const auto audit = journal.audit(0, kJournalListMax).value();
    ASSERT_EQ(audit.size(), last);
    for (std::uint64_t round = 1; round <= last / 2; ++round) {
      ASSERT_EQ(audit[(2 * round) - 2].bytes, "first of " + std::to_string(round));
      ASSERT_EQ(audit[(2 * round) - 1].bytes, "second of " + std::to_string(round));
      expect_no_call_half_done(journal, round);
    }
    // Of rounds that nobody acknowledged there is one a kill; all others are whole.
    cut_rounds += (last / 2) - acknowledged;
    const std::uint64_t whole = (last / 2) - cut_rounds;
    EXPECT_GE(journal.last_uses("key").value().pairs.front().count, whole);
    EXPECT_GE(journal.checkpoint_head().value().value().position, whole);
    EXPECT_TRUE(journal.refusal("r-" + std::to_string(acknowledged)).value());
  }
}

}  // namespace
}  // namespace counterfoil
