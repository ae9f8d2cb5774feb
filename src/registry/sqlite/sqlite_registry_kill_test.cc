// What kill -9 leaves behind (control S-76): every acknowledged commit, nothing half-done.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/temporary_directory.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

namespace counterfoil {
namespace {

struct Child {
  pid_t process = -1;
  int output = -1;
};

Child start(const std::filesystem::path& store) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {};
  }
  const std::string path = store.string();
  const pid_t process = fork();
  if (process == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(COUNTERFOIL_COMMIT_LOOP, COUNTERFOIL_COMMIT_LOOP, path.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  return {.process = process, .output = ends[0]};
}

// Acknowledged reads seqs, one a line, and remembers the newest whole one.
class Acknowledged {
 public:
  // read gives false at the end of the output.
  bool read(int output) {
    std::array<char, 256> buffer{};
    const ssize_t got = ::read(output, buffer.data(), buffer.size());
    if (got <= 0) {
      return false;
    }
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (c != '\n') {
        line_ += c;
        continue;
      }
      newest_ = std::stoull(line_);
      line_.clear();
      ++count_;
    }
    return true;
  }
  [[nodiscard]] std::uint64_t newest() const { return newest_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::string line_;
  std::uint64_t newest_ = 0;
  int count_ = 0;
};

std::uint64_t run_and_kill(const std::filesystem::path& store, int after_commits) {
  const Child child = start(store);
  Acknowledged acknowledged;
  while (acknowledged.count() < after_commits && acknowledged.read(child.output)) {
  }
  kill(child.process, SIGKILL);
  while (acknowledged.read(child.output)) {  // What it had said before it died counts.
  }
  int status = 0;
  waitpid(child.process, &status, 0);
  close(child.output);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself, with " << WEXITSTATUS(status);
  return acknowledged.newest();
}

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
    const std::uint64_t acknowledged = run_and_kill(store, 1 + ((round * 13) % 47));
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
