#include "journal/sqlite/sqlite_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_directory.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/journal_contract.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

using testing::HasSubstr;

class SqliteBench final : public JournalBench {
 public:
  std::unique_ptr<Journal> open() override {
    auto opened = open_sqlite_journal(directory_.path() / "journal.db");
    EXPECT_TRUE(opened) << opened.error().sentence;
    return opened ? std::move(*opened) : nullptr;
  }

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, JournalContract,
                         testing::Values(JournalEngine{
                             .name = "sqlite",
                             .bench = [] { return std::make_unique<SqliteBench>(); },
                             .survives_restart = true}),
                         engine_name);

class SqliteJournalTest : public testing::Test {
 protected:
  // Opens the store with SQLite itself, as somebody with a database tool would.
  void run_sql(const char* script) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, script, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(connection);
  }
  void expect_refused(StoreOpenErrorKind kind) const {
    const auto opened = open_sqlite_journal(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, kind) << opened.error().sentence;
    EXPECT_THAT(opened.error().sentence, HasSubstr(path_.string()));
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "journal.db";
};

TEST_F(SqliteJournalTest, MakesAFileThatIsClosedToOthers) {
  ASSERT_TRUE(open_sqlite_journal(path_));

  struct stat facts = {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(SqliteJournalTest, RefusesASecondOwner) {
  const auto journal = open_sqlite_journal(path_);

  expect_refused(StoreOpenErrorKind::kInUse);
}

TEST_F(SqliteJournalTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path_) << "This is a letter to my aunt, and it is longer than one hundred bytes, "
                          "so that a header fits in.";
  std::filesystem::permissions(path_, std::filesystem::perms(0600));

  expect_refused(StoreOpenErrorKind::kNotAStore);
}

TEST_F(SqliteJournalTest, RefusesTheDatabaseOfAnotherApplication) {
  run_sql("PRAGMA application_id = 1128813105; PRAGMA user_version = 1; CREATE TABLE facts (a);");
  std::filesystem::permissions(path_, std::filesystem::perms(0600));

  expect_refused(StoreOpenErrorKind::kNotAStore);
}

TEST_F(SqliteJournalTest, RefusesAJournalOfANewerRelease) {
  ASSERT_TRUE(open_sqlite_journal(path_));
  run_sql("PRAGMA user_version = 99;");

  expect_refused(StoreOpenErrorKind::kNewerVersion);
}

// A journal of version 4 counted no refusals: those that it still keeps count from now on.
TEST_F(SqliteJournalTest, CountsTheRefusalsThatAnOlderReleaseKept) {
  const Timestamp hour = from_unix_ms(1'700'049'600'000);  // a whole one
  const auto refused = [&](std::string id, Timestamp time, std::string account) {
    return RefusalRow{.request_id = std::move(id),
                      .time = time,
                      .api_key = "key",
                      .account = std::move(account),
                      .count = 2};
  };
  {
    const auto journal = open_sqlite_journal(path_);
    ASSERT_TRUE((*journal)->record_refusals(std::vector{
        refused("r-1", hour, "demo"), refused("r-2", hour + std::chrono::minutes(2), "demo"),
        refused("r-3", hour, "")}));
  }
  run_sql(
      "DROP TABLE accepted; DELETE FROM buckets; DELETE FROM api_keys; "
      "ALTER TABLE buckets DROP COLUMN refused; "
      "INSERT INTO api_keys (number, api_key) VALUES (7, 'key'); "
      "INSERT INTO buckets VALUES (7, 2, 1700049600000000, 5); PRAGMA user_version = 4;");

  const auto journal = open_sqlite_journal(path_);

  ASSERT_TRUE(journal);
  EXPECT_EQ((*journal)->usage("key", hour, UsageBucket::kHour).value(),
            (std::vector<UsageCount>{{.start = hour, .accepted = 5, .refused = 4}}));
  EXPECT_EQ((*journal)->usage("key", hour, UsageBucket::kMinute).value(),
            (std::vector<UsageCount>{{.start = hour, .refused = 2},
                                     {.start = hour + std::chrono::minutes(2), .refused = 2}}));
  EXPECT_TRUE((*journal)->accepted("key", std::nullopt, 10).value().empty());
}

TEST_F(SqliteJournalTest, RefusesADamagedFile) {
  {
    const auto journal = open_sqlite_journal(path_);
    std::vector<AuditRow> rows;
    for (std::uint64_t seq = 1; seq <= 200; ++seq) {
      rows.push_back({.seq = seq, .bytes = std::string(1'000, 'x')});
    }
    ASSERT_TRUE((*journal)->append_audit(rows));
  }
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20L * 4096);
    file << std::string(30UL * 4096, '\x5a');
  }

  expect_refused(StoreOpenErrorKind::kCorrupt);
}

TEST_F(SqliteJournalTest, SaysCorruptWhenARowHoldsWhatNobodyWrote) {
  {
    const auto journal = open_sqlite_journal(path_);
    ASSERT_TRUE((*journal)->record_refusals(std::vector<RefusalRow>{{.request_id = "r-1"}}));
  }
  run_sql("UPDATE refusals SET address = x'0102';");

  const auto journal = open_sqlite_journal(path_);

  EXPECT_EQ((*journal)->refusal("r-1").error(), JournalError::kCorrupt);
  EXPECT_EQ((*journal)->refusals({}).error(), JournalError::kCorrupt);
}

}  // namespace
}  // namespace counterfoil
