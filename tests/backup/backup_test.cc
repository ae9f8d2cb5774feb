// Backups of real stores: made beside writers, restored, compared, damaged (control S-85).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backup/backup_file.h"
#include "backup/make_backup.h"
#include "backup/stores.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "keys/api_key.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"
#include "stores_fixture.h"

namespace counterfoil {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

using Records = std::map<std::pair<RecordKind, std::string>, std::string>;

Records records_of(const Registry& registry) {
  Records records;
  for (const RecordKind kind :
       {RecordKind::kAccount, RecordKind::kApiKey, RecordKind::kSealingKey, RecordKind::kSetting}) {
    EXPECT_TRUE(registry
                    .scan(kind,
                          [&](const RecordView& record) {
                            records[{kind, std::string(record.id)}] = record.bytes;
                          })
                    .has_value());
  }
  return records;
}

class Backup : public StoresFixture {
 protected:
  [[nodiscard]] std::string reason_of_restoring(std::string_view bytes) {
    write(folder_.path() / "backup-bad", bytes);
    const auto restored = restore(wish("backup-bad"));
    EXPECT_FALSE(fs::exists(folder_.path() / "restored"));
    return restored ? "" : restored.error().reason;
  }
};

TEST_F(Backup, RestoresEveryRecordAsItWas) {
  std::vector<ApiKey> keys;
  for (std::uint8_t i = 0; i < 20; ++i) {
    keys.push_back(new_key(i));
  }
  ASSERT_TRUE(node_->keeper->pump());
  keys.push_back(new_key());  // its record is still in the outbox
  const Records before = records_of(*node_->registry);
  const Revision revision = node_->registry->revision().value();

  const auto made = back_up();
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(made->manifest.stores.counts.api_keys, keys.size());
  const auto restored = restore(wish());
  ASSERT_TRUE(restored.has_value()) << restored.error().detail;

  EXPECT_TRUE(restored->revocations_known);
  EXPECT_FALSE(restored->rolled_back);
  {
    const auto registry =
        open_sqlite_registry(folder_.path() / "restored" / "registry.db", random_).value();
    EXPECT_TRUE(records_of(*registry) == before);
    EXPECT_NE(registry->revision().value().incarnation, revision.incarnation);
    EXPECT_EQ(registry->revision().value().number, revision.number);
    EXPECT_THAT(registry->last_audit().value()->bytes, HasSubstr("backup.restore"));
  }
  const auto again = start(folder_.path() / "restored");
  ASSERT_TRUE(again->keeper->checkpoint_now());
  EXPECT_TRUE(survey(*again->registry, *again->journal).has_value());
  EXPECT_THAT(leftovers(), testing::ElementsAre("restored"));
}

TEST_F(Backup, IsConsistentWhileWritesGoOn) {
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    while (!stop) {
      (void)new_key();
      ++written;
    }
  });
  std::thread mover([&] {
    while (!stop) {
      EXPECT_TRUE(node_->keeper->checkpoint_now());
    }
  });
  for (int i = 0; i < 5; ++i) {
    const int before = written;
    while (written == before) {
      std::this_thread::yield();
    }
    const auto made = back_up("backup-" + std::to_string(i));
    EXPECT_TRUE(made.has_value()) << made.error().detail;
    EXPECT_GE(made ? made->manifest.stores.counts.api_keys : 0, static_cast<std::uint64_t>(before));
  }
  stop = true;
  writer.join();
  mover.join();
}

TEST_F(Backup, HoldsNoSecretInAnyForm) {
  const std::string secret = KeyFormat().generate_secret(random_);
  ApiKey key = new_key();
  key.label = "canary-label";
  key.pairs.front().sealed_secret.assign(secret.begin(), secret.end());
  node_->put_key(key, "key.edit");
  ASSERT_TRUE(back_up().has_value());

  const std::string file = bytes_of(folder_.path() / "backup");
  std::string root = bytes_of(folder_.path() / "root.key");
  root.pop_back();
  const auto raw_root = from_hex(root).value();
  for (const std::string& hidden :
       {secret, to_hex(as_bytes(secret)), to_base64(as_bytes(secret)), root,
        std::string(as_text(raw_root)), to_base64(raw_root), std::string("canary-label")}) {
    EXPECT_FALSE(file.contains(hidden));
  }
  struct stat facts{};
  ASSERT_EQ(::stat((folder_.path() / "backup").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST_F(Backup, IsRefusedWithAFlippedBitAnywhere) {
  (void)new_key();
  ASSERT_TRUE(back_up().has_value());
  const std::string good = bytes_of(folder_.path() / "backup");
  const std::size_t step = std::max<std::size_t>(1, good.size() / 150);
  for (std::size_t at = 0; at < good.size(); at = at < 60 ? at + 1 : at + step) {
    std::string bad = good;
    bad[at] = static_cast<char>(static_cast<std::uint8_t>(bad[at]) ^ (1U << (at % 8)));
    const std::string reason = reason_of_restoring(bad);
    EXPECT_EQ(reason, at < 8    ? "not_a_backup"
                      : at < 12 ? "backup_of_a_newer_release"
                      : at < 20 ? "backup_key_wrong"
                                : "backup_damaged")
        << at;
  }
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(Backup, IsRefusedWhenItIsCutOrGoesOn) {
  ASSERT_TRUE(node_->audited->commit(
      {{.kind = RecordKind::kSetting, .id = "large", .bytes = std::string(300'000, 'x')}},
      {.actor = "test", .action = "test.large"}));
  ASSERT_TRUE(back_up().has_value());
  const std::string good = bytes_of(folder_.path() / "backup");
  constexpr std::size_t kSealedChunk = 64 * 1024 + 16;
  std::vector<std::size_t> lengths{8, 11, 51, 52, 53, good.size() - 1};
  for (std::size_t at = kBackupHeaderBytes; at < good.size(); at += kSealedChunk) {
    lengths.insert(lengths.end(), {at, at + 1, at + kSealedChunk / 2});
  }
  for (const std::size_t length : lengths) {
    if (length < good.size()) {
      EXPECT_EQ(reason_of_restoring(good.substr(0, length)), "backup_damaged") << length;
    }
  }
  EXPECT_EQ(reason_of_restoring(""), "not_a_backup");
  EXPECT_EQ(reason_of_restoring(good.substr(0, 7)), "not_a_backup");
  EXPECT_EQ(reason_of_restoring(good + "x"), "backup_damaged");
  EXPECT_EQ(reason_of_restoring("PK\3\4 some other file"), "not_a_backup");
  ASSERT_GT(good.size(), kBackupHeaderBytes + 2 * kSealedChunk);
  std::string moved = good;
  std::swap_ranges(moved.begin() + kBackupHeaderBytes,
                   moved.begin() + kBackupHeaderBytes + kSealedChunk,
                   moved.begin() + kBackupHeaderBytes + kSealedChunk);
  EXPECT_EQ(reason_of_restoring(moved), "backup_damaged");
  EXPECT_TRUE(restore(wish()).has_value()) << "and the whole one is fine";
}

TEST_F(Backup, OpensWithItsOwnKeyAlone) {
  ASSERT_TRUE(back_up().has_value());
  key_ = BackupKey::generate(random_).value();
  EXPECT_EQ(restore(wish()).error().reason, "backup_key_wrong");
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(Backup, OverwritesNothing) {
  write(folder_.path() / "backup", "precious");
  EXPECT_EQ(back_up().error().reason, "backup_not_written");
  EXPECT_EQ(bytes_of(folder_.path() / "backup"), "precious");

  ASSERT_TRUE(back_up("backup-1").has_value());
  fs::create_directory(folder_.path() / "restored");
  write(folder_.path() / "restored" / "precious", "");
  EXPECT_EQ(restore(wish("backup-1")).error().reason, "directory_not_empty");
  EXPECT_THAT(leftovers(), testing::ElementsAre("restored"));
  fs::remove(folder_.path() / "restored" / "precious");
  EXPECT_TRUE(restore(wish("backup-1")).has_value()) << "an empty folder is replaced";
}

TEST_F(Backup, IsNotThereWhenItsRecordCannotBeWritten) {
  const auto made = make_backup(
      {.engines = engines_, .key = key_, .random = random_, .clock = clock_, .scratch = data_}, {},
      folder_.path() / "backup", [](const MadeBackup&) -> std::expected<void, Problem> {
        return std::unexpected(Problem{.reason = "disk_full"});
      });
  EXPECT_EQ(made.error().reason, "disk_full");
  EXPECT_FALSE(fs::exists(folder_.path() / "backup"));
  EXPECT_FALSE(fs::exists(folder_.path() / "backup.partial"));
  EXPECT_THAT(leftovers(), IsEmpty());
}

// SmallFiles keeps every file that is written from growing past a size, as a full disk does.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  SmallFiles(SmallFiles&&) = delete;
  SmallFiles& operator=(SmallFiles&&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_ = nullptr;
};

TEST_F(Backup, LeavesNothingOnAFullDisk) {
  ASSERT_TRUE(back_up("backup-whole").has_value());
  const auto whole = fs::file_size(folder_.path() / "backup-whole");
  for (const std::uintmax_t limit : {std::uintmax_t{8192}, whole / 2, whole - 1}) {
    const SmallFiles small(limit);
    const auto made = back_up();
    ASSERT_FALSE(made.has_value()) << limit;
    EXPECT_EQ(made.error().kind, Problem::Kind::kUnavailable) << made.error().detail;
    EXPECT_FALSE(fs::exists(folder_.path() / "backup"));
    EXPECT_FALSE(fs::exists(folder_.path() / "backup.partial"));
  }
  {
    const SmallFiles small(whole / 4);
    EXPECT_EQ(restore(wish("backup-whole")).error().kind, Problem::Kind::kUnavailable);
  }
  EXPECT_THAT(leftovers(), IsEmpty());
  EXPECT_TRUE(back_up().has_value());
}

}  // namespace
}  // namespace counterfoil
