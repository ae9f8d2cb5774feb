#include "sqlite_file/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

using testing::ElementsAre;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() : path_(directory_.path() / "a.db") {
    std::ofstream(path_).close();
    database_ = Database::open(path_, DatabaseMode::kWriter).value();
    EXPECT_TRUE(
        database_->execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT;"
                           "CREATE TABLE child (a INTEGER REFERENCES t (a))"));
  }
  std::int64_t pragma(const char* sql) {
    Statement statement = database_->statement(sql);
    EXPECT_TRUE(statement.step().value());
    return statement.column_number(0);
  }
  TemporaryDirectory directory_;
  std::filesystem::path path_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, IsHardened) {
  EXPECT_EQ(pragma("PRAGMA synchronous"), 2);  // FULL
  EXPECT_EQ(pragma("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(pragma("PRAGMA trusted_schema"), 0);
  EXPECT_EQ(pragma("PRAGMA secure_delete"), 1);
  EXPECT_FALSE(database_->statement("SELECT load_extension('x')").run());
  EXPECT_FALSE(database_->execute("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = ''"));
  EXPECT_FALSE(database_->execute("SELECT \"a string in the wrong quotes\""));
  EXPECT_EQ(database_->statement("INSERT INTO child VALUES (1)").run().error(),
            SqlError::kConstraint);
}

TEST_F(DatabaseTest, BindsAndReadsEveryType) {
  const std::string blob("\0x\xff", 3);
  ASSERT_TRUE(
      database_->statement("INSERT INTO t VALUES (?, ?)").number(INT64_MIN).blob(blob).run());
  ASSERT_TRUE(database_->statement("INSERT INTO t VALUES (?, ?)").number(2).blob({}).run());
  ASSERT_TRUE(database_->statement("INSERT INTO t VALUES (3, NULL)").run());

  std::vector<std::string> seen;
  const auto done =
      database_->statement("SELECT a, b FROM t ORDER BY a").each([&](const Statement& row) {
        seen.push_back(std::to_string(row.column_number(0)) + ":" +
                       (row.column_is_null(1) ? "null" : std::string(row.column_bytes(1))));
      });

  EXPECT_TRUE(done);
  EXPECT_THAT(seen, ElementsAre("-9223372036854775808:" + blob, "2:", "3:null"));
}

TEST_F(DatabaseTest, TellsAStatementThatDoesNotCompileAtItsStep) {
  EXPECT_EQ(database_->statement("SELECT nothing FROM nowhere").number(1).step().error(),
            SqlError::kFailed);
  // A value too many is told too.
  EXPECT_EQ(database_->statement("SELECT 1").number(1).step().error(), SqlError::kFailed);
}

TEST_F(DatabaseTest, AStatementIsFreshEachTime) {
  const auto count = [&](std::int64_t at_least) {
    Statement statement = database_->statement("SELECT count(*) FROM t WHERE a >= ?");
    EXPECT_TRUE(statement.number(at_least).step().value());
    return statement.column_number(0);
  };
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (1, x''), (2, x'')"));

  EXPECT_EQ(count(0), 2);
  EXPECT_EQ(count(2), 1);
  // Without a value it is NULL, not what was bound before.
  Statement unbound = database_->statement("SELECT count(*) FROM t WHERE a >= ?");
  EXPECT_TRUE(unbound.step().value());
  EXPECT_EQ(unbound.column_number(0), 0);
}

TEST_F(DatabaseTest, ATransactionIsRolledBackUnlessCommitted) {
  {
    const auto transaction = SqlTransaction::begin(*database_, Begin::kWrite);
    ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (1, x'')"));
  }
  EXPECT_EQ(pragma("SELECT count(*) FROM t"), 0);
  {
    auto transaction = SqlTransaction::begin(*database_, Begin::kWrite);
    ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (1, x''), (2, x'')"));
    EXPECT_EQ(database_->rows_changed(), 2);
    EXPECT_TRUE(transaction->commit());
  }
  EXPECT_EQ(pragma("SELECT count(*) FROM t "), 2);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  const auto reader = Database::open(path_, DatabaseMode::kReader).value();

  EXPECT_FALSE(reader->execute("INSERT INTO t VALUES (1, x'')"));
  EXPECT_TRUE(reader->statement("SELECT * FROM t").run());
}

TEST_F(DatabaseTest, OpensNoFileThatIsNotThereAndFollowsNoLink) {
  EXPECT_FALSE(Database::open(directory_.path() / "absent.db", DatabaseMode::kWriter));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "absent.db"));
  std::filesystem::create_symlink(path_, directory_.path() / "link.db");
  EXPECT_FALSE(Database::open(directory_.path() / "link.db", DatabaseMode::kReader));
}

TEST_F(DatabaseTest, CopiesItself) {
  ASSERT_TRUE(database_->execute("INSERT INTO t VALUES (1, x'41')"));
  const std::filesystem::path target = directory_.path() / "copy.db";
  std::ofstream(target).close();

  ASSERT_TRUE(database_->copy_to(target));

  const auto copy = Database::open(target, DatabaseMode::kReader).value();
  Statement statement = copy->statement("SELECT b FROM t");
  ASSERT_TRUE(statement.step().value());
  EXPECT_EQ(statement.column_bytes(0), "A");
}

}  // namespace
}  // namespace counterfoil
