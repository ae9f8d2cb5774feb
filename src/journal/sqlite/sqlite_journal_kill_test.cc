// What kill -9 leaves behind (control S-76): everything acknowledged, no call half-done.

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
#include <string>
#include <string_view>

#include "base/temporary_directory.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"

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

// Acknowledged reads rounds, one a line, and remembers the newest whole one.
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

std::uint64_t run_and_kill(const std::filesystem::path& store, int after_rounds) {
  const Child child = start(store);
  Acknowledged acknowledged;
  while (acknowledged.count() < after_rounds && acknowledged.read(child.output)) {
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
    const std::uint64_t acknowledged = run_and_kill(store, 1 + ((kill_number * 13) % 17));
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
