#include "sqlite_file/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/temporary_directory.h"
#include "sqlite_file/database.h"
#include "sqlite_file/fault_disk.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr auto kSteps = std::to_array<const char*>(
    {"CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);",
     "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7; CREATE TABLE b (x INTEGER) STRICT;"});
constexpr auto kBadSteps = std::to_array<const char*>(
    {kSteps[0], "CREATE TABLE b (x INTEGER); INSERT INTO nowhere VALUES (1);"});
constexpr StoreSchema kVersion1{.application_id = 77,
                                .steps = std::span<const char* const>(kSteps).first(1)};
constexpr StoreSchema kVersion2{.application_id = 77, .steps = kSteps};

class StoreTest : public testing::Test {
 protected:
  StoreTest() : path_(directory_.path() / "s" / "store.db") {}

  // make makes a store and closes it.
  void make(const StoreSchema& schema = kVersion1) { ASSERT_TRUE(open_store(path_, schema)); }
  [[nodiscard]] std::optional<StoreOpenErrorKind> error(
      const StoreSchema& schema = kVersion1) const {
    const auto store = open_store(path_, schema);
    if (store) {
      return std::nullopt;
    }
    sentence_ = store.error().sentence;
    return store.error().kind;
  }
  [[nodiscard]] static unsigned mode_of(const fs::path& path) {
    struct stat facts{};
    EXPECT_EQ(lstat(path.c_str(), &facts), 0);
    return facts.st_mode & 07777U;
  }
  [[nodiscard]] static std::int64_t number(const Store& store, const char* sql) {
    Statement statement = store.writer->statement(sql);
    EXPECT_TRUE(statement.step().value_or(false)) << sql;
    return statement.column_number(0);
  }

  TemporaryDirectory directory_;
  fs::path path_;
  mutable std::string sentence_;  // of the newest error()
};

TEST_F(StoreTest, MakesAPrivateFileInAPrivateDirectory) {
  const auto store = open_store(path_, kVersion1);
  ASSERT_TRUE(store);

  EXPECT_EQ(mode_of(path_.parent_path()), 0700U);
  for (const auto& entry : fs::directory_iterator(path_.parent_path())) {
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
  }
  EXPECT_EQ(number(*store, "PRAGMA application_id"), 77);
  EXPECT_EQ(number(*store, "PRAGMA user_version"), 1);
  EXPECT_EQ(number(*store, "SELECT x FROM a"), 1);
  Statement mode = store->writer->statement("PRAGMA journal_mode");
  ASSERT_TRUE(mode.step().value());
  EXPECT_EQ(mode.column_bytes(0), "wal");
}

TEST_F(StoreTest, OpensAgainWithoutMakingItAnew) {
  make();
  const auto store = open_store(path_, kVersion1);

  ASSERT_TRUE(store);
  EXPECT_EQ(number(*store, "SELECT count(*) FROM a"), 1);
}

TEST_F(StoreTest, IsOpenedOnceAtATime) {
  const auto store = open_store(path_, kVersion1);
  ASSERT_TRUE(store);

  EXPECT_EQ(error(), StoreOpenErrorKind::kInUse);
  EXPECT_THAT(sentence_, HasSubstr("in use by another process: stop"));
}

TEST_F(StoreTest, IsOpenedByOneProcessAtATime) {
  const auto store = open_store(path_, kVersion1);
  ASSERT_TRUE(store);

  const pid_t child = fork();
  if (child == 0) {
    // The child has the parent's descriptors; a lock of its own is refused all the same.
    const auto second = open_store(path_, kVersion1);
    _exit(!second && second.error().kind == StoreOpenErrorKind::kInUse ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(StoreTest, RefusesUnsafePlaces) {
  struct Case {
    std::string_view name;
    StoreOpenErrorKind kind;
    std::string_view next_step;
    void (*spoil)(const fs::path& store);
  };
  using enum StoreOpenErrorKind;
  constexpr auto kCases = std::to_array<Case>({
      {"group_writable_directory", kUnsafeDirectory, "chmod 700",
       [](const fs::path& store) { (void)chmod(store.parent_path().c_str(), 0770); }},
      {"world_writable_directory", kUnsafeDirectory, "chmod 700",
       [](const fs::path& store) { (void)chmod(store.parent_path().c_str(), 0702); }},
      {"group_readable_file", kUnsafeFile, "chmod 600",
       [](const fs::path& store) { (void)chmod(store.c_str(), 0640); }},
      {"world_writable_file", kUnsafeFile, "chmod 600",
       [](const fs::path& store) { (void)chmod(store.c_str(), 0602); }},
      {"symbolic_link", kUnsafeFile, "name the file it points to",
       [](const fs::path& store) {
         fs::rename(store, store.string() + ".real");
         fs::create_symlink(store.string() + ".real", store);
       }},
      {"dangling_link", kUnsafeFile, "name the file it points to",
       [](const fs::path& store) {
         fs::remove(store);
         fs::create_symlink(store.string() + ".absent", store);
       }},
      {"fifo", kUnsafeFile, "move it away",
       [](const fs::path& store) {
         fs::remove(store);
         (void)mkfifo(store.c_str(), 0600);
       }},
      {"directory", kUnsafeFile, "move it away",
       [](const fs::path& store) {
         fs::remove(store);
         fs::create_directory(store);
       }},
      {"lock_file_is_a_link", kUnsafeFile, "name the file it points to",
       [](const fs::path& store) {
         fs::remove(store.string() + ".lock");
         fs::create_symlink(store, store.string() + ".lock");
       }},
  });
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    fs::remove_all(path_.parent_path());
    make();
    c.spoil(path_);
    EXPECT_EQ(error(), c.kind);
    EXPECT_THAT(sentence_, HasSubstr(std::string(c.next_step)));
  }
}

TEST_F(StoreTest, MakesNoParents) {
  path_ = directory_.path() / "no" / "such" / "store.db";
  EXPECT_EQ(error(), StoreOpenErrorKind::kNoAccess);
  EXPECT_FALSE(fs::exists(directory_.path() / "no"));
  path_ = directory_.path() / "";
  EXPECT_EQ(error(), StoreOpenErrorKind::kNoAccess);
}

TEST_F(StoreTest, AnotherNameOfTheDirectoryIsTheSameStore) {
  make();
  fs::create_directory_symlink(path_.parent_path(), directory_.path() / "other");
  const auto store = open_store(directory_.path() / "other" / "store.db", kVersion1);

  ASSERT_TRUE(store);
  EXPECT_EQ(store->place.path, path_);
  EXPECT_EQ(error(), StoreOpenErrorKind::kInUse);
}

TEST_F(StoreTest, RefusesWhatIsNotAStore) {
  fs::create_directory(path_.parent_path());
  fs::permissions(path_.parent_path(), fs::perms::owner_all);
  const auto write = [&](const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
  };
  for (const std::string& bytes :
       {std::string("x"), std::string(4096, 'x'), std::string("SQLite format 3\0", 16)}) {
    write(bytes);
    EXPECT_EQ(error(), StoreOpenErrorKind::kNotAStore);
    EXPECT_EQ(fs::file_size(path_), bytes.size());
  }
}

TEST_F(StoreTest, RefusesAnotherApplicationsDatabase) {
  make({.application_id = 78, .steps = kVersion1.steps});
  EXPECT_EQ(error(), StoreOpenErrorKind::kNotAStore);
  EXPECT_THAT(sentence_, HasSubstr("another application"));

  // Most databases have no application id.
  make({.application_id = 78, .steps = kVersion1.steps});
  {
    const auto database = Database::open(path_, DatabaseMode::kWriter).value();
    ASSERT_TRUE(database->execute("PRAGMA application_id=0; PRAGMA user_version=0"));
  }
  EXPECT_EQ(error(), StoreOpenErrorKind::kNotAStore);
}

TEST_F(StoreTest, FindsDamage) {
  make();
  {
    const auto database = Database::open(path_, DatabaseMode::kWriter).value();
    ASSERT_TRUE(database->execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO a SELECT i FROM n; PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((5 * 4096) + 3);
    file << std::string(64, '\x5a');
  }
  EXPECT_EQ(error(), StoreOpenErrorKind::kCorrupt);
  EXPECT_THAT(sentence_, HasSubstr("restore the newest backup"));
}

TEST_F(StoreTest, RefusesANewerVersionAndLeavesItAsItIs) {
  make(kVersion2);
  EXPECT_EQ(error(kVersion1), StoreOpenErrorKind::kNewerVersion);
  EXPECT_THAT(sentence_, HasSubstr("store version 2, this release knows 1"));
  EXPECT_EQ(error(kVersion2), std::nullopt);
}

TEST_F(StoreTest, MigratesAfterACopy) {
  make(kVersion1);

  const auto store = open_store(path_, kVersion2);

  ASSERT_TRUE(store);
  EXPECT_EQ(number(*store, "PRAGMA user_version"), 2);
  EXPECT_EQ(number(*store, "SELECT y FROM a"), 7);
  const fs::path copy = path_.string() + ".before-v2";
  EXPECT_EQ(mode_of(copy), 0600U);
  path_ = copy;
  const auto old = open_store(path_, kVersion1);
  ASSERT_TRUE(old);
  EXPECT_EQ(number(*old, "SELECT x FROM a"), 1);
}

TEST_F(StoreTest, KeepsEveryCopyOfAMigration) {
  make(kVersion1);
  std::ofstream(path_.string() + ".before-v2") << "precious";
  std::ofstream(path_.string() + ".before-v2-2.partial") << "left by a start cut short";

  ASSERT_TRUE(open_store(path_, kVersion2));

  EXPECT_EQ(fs::file_size(path_.string() + ".before-v2"), 8U);
  EXPECT_TRUE(fs::exists(path_.string() + ".before-v2-2"));
  EXPECT_FALSE(fs::exists(path_.string() + ".before-v2-2.partial"));
}

TEST_F(StoreTest, AFailedMigrationLeavesTheOldVersion) {
  make(kVersion1);

  EXPECT_EQ(error({.application_id = 77, .steps = kBadSteps}), StoreOpenErrorKind::kMigration);

  const auto store = open_store(path_, kVersion1);
  ASSERT_TRUE(store);
  EXPECT_EQ(number(*store, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
}

// The power fails at every single operation of the first start, and again of a migration: the next
// start always finds either the old or the new version, whole.
TEST_F(StoreTest, SurvivesAPowerCutAtAnyPointOfMakingAndMigrating) {
  std::size_t cuts = 0;
  for (const bool migrates : {false, true}) {
    for (std::size_t operations = 0;; ++operations) {
      SCOPED_TRACE(testing::Message() << "migrates " << migrates << ", cut after " << operations);
      fs::remove_all(path_.parent_path());
      fs::create_directory(path_.parent_path());
      fs::permissions(path_.parent_path(), fs::perms::owner_all);
      if (migrates) {
        make(kVersion1);
      }
      FaultDisk disk(path_.parent_path());
      disk.cut_power_after(operations);
      const bool opened = open_store(path_, kVersion2).has_value();
      const bool was_cut = disk.power_is_cut();
      disk.restore_power(FaultDisk::Loss::kSomeUnsynced, static_cast<std::uint32_t>(operations));

      const auto store = open_store(path_, kVersion2);
      ASSERT_TRUE(store) << store.error().sentence;
      ASSERT_EQ(number(*store, "PRAGMA user_version"), 2);
      ASSERT_EQ(number(*store, "SELECT y FROM a"), 7);
      ASSERT_EQ(number(*store, "SELECT count(*) FROM b"), 0);
      if (!was_cut) {
        ASSERT_TRUE(opened);
        break;
      }
      ++cuts;
    }
  }
  EXPECT_GE(cuts, 20U);
}

}  // namespace
}  // namespace counterfoil
