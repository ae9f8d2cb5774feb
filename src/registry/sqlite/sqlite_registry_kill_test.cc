// What kill -9 leaves behind (control S-76): every acknowledged commit, nothing half-done.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/run_and_kill.h"
#include "base/temporary_directory.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

namespace counterfoil {
namespace {

std::vector<AuditEntry> whole_outbox(const Registry& registry) {
  return registry.audit_outbox(kListMax).value();
}

TEST(SqliteRegistryKill, LosesNothingThatWasAcknowledged) {
  constexpr int kKills = 20;
  const TemporaryDirectory directory;
  const std::filesystem::path store = directory.path() / "registry.db";
  SystemRandom random;
  for (int round = 0; round < kKills; ++round) {
    SCOPED_TRACE(round);
    const std::uint64_t acknowledged =
        run_and_kill(COUNTERFOIL_COMMIT_LOOP, store, 1 + ((round * 13) % 47));
    ASSERT_GT(acknowledged, 0U);

    const auto opened = open_sqlite_registry(store, random);
    ASSERT_TRUE(opened) << opened.error().sentence;
    const Registry& registry = **opened;
    // One commit may have happened without its acknowledgement; it has two entries.
    const std::uint64_t last = registry.last_audit().value().value().seq;
    EXPECT_GE(last, acknowledged);
    EXPECT_LE(last, acknowledged + 2);
    const std::vector<AuditEntry> audit = whole_outbox(registry);
    ASSERT_EQ(audit.size(), last);
    for (std::size_t i = 0; i < audit.size(); ++i) {
      const std::uint64_t first = (i / 2 * 2) + 1;
      ASSERT_EQ(audit[i].seq, i + 1);
      ASSERT_EQ(audit[i].bytes, (i % 2 == 0 ? "first of " : "second of ") + std::to_string(first));
    }
    // Each pair of entries has its record, its index entry and its revision, and nothing has more.
    const std::uint64_t commits = last / 2;
    EXPECT_EQ(registry.revision().value().number, commits);
    EXPECT_EQ(registry.find(RecordKind::kSetting, "counter").value().value().bytes,
              std::to_string(last - 1));
    std::set<std::string> ids;
    ASSERT_TRUE(registry.scan(RecordKind::kApiKey,
                              [&](const RecordView& record) { ids.emplace(record.id); }));
    EXPECT_EQ(ids.size(), commits);
    for (std::uint64_t seq = 1; seq < last; seq += 2) {
      ASSERT_TRUE(ids.contains("key-" + std::to_string(seq)));
    }
    EXPECT_EQ(registry.find_by_index("name", std::to_string(last - 1)).value().size(), 1U);
  }
}

}  // namespace
}  // namespace counterfoil
