// What a full disk and a power cut do to the journal (control S-76 and section 4.1 of the security
// rules).

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_directory.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"
#include "sqlite_file/fault_disk.h"

namespace counterfoil {
namespace {

constexpr Timestamp kNoon = from_unix_ms(1'700'049'600'000);

class SqliteJournalDisk : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Journal> open() const {
    auto opened = open_sqlite_journal(store_);
    EXPECT_TRUE(opened) << opened.error().sentence;
    return opened ? std::move(*opened) : nullptr;
  }
  static std::expected<void, JournalError> append(Journal& journal, std::uint64_t seq,
                                                  std::size_t size = 4'000) {
    return journal.append_audit(std::array{AuditRow{.seq = seq, .bytes = std::string(size, 'x')}});
  }
  // fill appends audit rows until the disk is full and gives the seq that found no room.
  static std::uint64_t fill(Journal& journal) {
    for (std::uint64_t seq = 1;; ++seq) {
      if (const auto appended = append(journal, seq); !appended) {
        EXPECT_EQ(appended.error(), JournalError::kFull);
        return seq;
      }
    }
  }

  TemporaryDirectory directory_;
  FaultDisk disk_{directory_.path()};
  std::filesystem::path store_ = directory_.path() / "journal.db";
};

TEST_F(SqliteJournalDisk, AFullDiskChangesNothing) {
  const auto journal = open();
  const UsageRow use{.api_key = "key", .route = "route", .first = kNoon, .last = kNoon, .count = 1};
  const RefusalRow refusal{.request_id = "r", .time = kNoon, .path = std::string(1'000, 'p')};
  const std::vector<UsageRow> uses(200, use);
  disk_.set_capacity(disk_.used_bytes() + 100'000);

  const std::uint64_t failed = fill(*journal);
  EXPECT_EQ(journal->record_refusals(std::array{refusal}).error(), JournalError::kFull);
  EXPECT_EQ(journal->record_usage(uses).error(), JournalError::kFull);
  EXPECT_EQ(journal->add_checkpoint(std::string(kCheckpointBytesMax, 'c')).error(),
            JournalError::kFull);

  ASSERT_GT(failed, 1U);
  EXPECT_EQ(journal->audit_head().value().value().seq, failed - 1);
  EXPECT_EQ(journal->refusal("r").value(), std::nullopt);
  EXPECT_EQ(journal->last_uses("key").value(), LastUses{});
  EXPECT_EQ(journal->checkpoint_head().value(), std::nullopt);
  // It goes on by itself once there is room.
  disk_.set_capacity(UINT64_MAX);
  EXPECT_TRUE(append(*journal, failed));
  EXPECT_TRUE(journal->record_usage(uses));
  EXPECT_EQ(journal->last_uses("key").value().pairs.front().count, 200U);
}

TEST_F(SqliteJournalDisk, AFullDiskLosesNothingThatWasAcknowledged) {
  std::uint64_t failed = 0;
  {
    const auto journal = open();
    disk_.set_capacity(disk_.used_bytes() + 100'000);
    failed = fill(*journal);
  }
  disk_.set_capacity(UINT64_MAX);

  EXPECT_EQ(open()->audit(0, kJournalListMax).value().size(), failed - 1);
}

// The power fails at disk operations all through a run of writes, with a checkpoint of the log
// among them; of what was not synced, some is lost. Every acknowledged row must be there.
class JournalPowerCut : public SqliteJournalDisk,
                        public testing::WithParamInterface<FaultDisk::Loss> {};

TEST_P(JournalPowerCut, LosesNothingThatWasAcknowledged) {
  constexpr std::size_t kOperationsMax = 100'000;
  // SQLite moves the log into the store when it has 1,000 pages: the first rows bring it near that.
  constexpr std::uint64_t kSafeRows = 15;
  constexpr std::size_t kSafeBytes = 250'000;
  constexpr std::uint64_t kRows = 40;
  constexpr std::size_t kBytes = 30'000;
  std::size_t cuts = 0;
  for (std::size_t operations = 0; operations < kOperationsMax; operations += 1 + (cuts / 2)) {
    SCOPED_TRACE(operations);
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      std::filesystem::remove(entry.path());
    }
    std::uint64_t acknowledged = 0;
    {
      const auto journal = open();
      ASSERT_NE(journal, nullptr);
      while (acknowledged < kSafeRows && append(*journal, acknowledged + 1, kSafeBytes)) {
        ++acknowledged;
      }
      disk_.cut_power_after(operations);
      while (acknowledged < kRows && append(*journal, acknowledged + 1, kBytes)) {
        ++acknowledged;
      }
    }
    const bool was_cut = disk_.power_is_cut();
    disk_.restore_power(GetParam(), static_cast<std::uint32_t>(operations));

    const auto journal = open();
    ASSERT_NE(journal, nullptr);
    const auto audit = journal->audit(0, kJournalListMax).value();
    ASSERT_GE(audit.size(), acknowledged);
    ASSERT_LE(audit.size(), acknowledged + 1);
    for (const AuditRow& row : audit) {
      ASSERT_EQ(row.bytes, std::string(row.seq <= kSafeRows ? kSafeBytes : kBytes, 'x'));
    }
    if (!was_cut) {
      break;
    }
    ++cuts;
  }
  EXPECT_GE(cuts, 20U);
}

std::string loss_name(const testing::TestParamInfo<FaultDisk::Loss>& loss) {
  return loss.param == FaultDisk::Loss::kAllUnsynced ? "all_unsynced" : "some_unsynced";
}
INSTANTIATE_TEST_SUITE_P(Losses, JournalPowerCut,
                         testing::Values(FaultDisk::Loss::kAllUnsynced,
                                         FaultDisk::Loss::kSomeUnsynced),
                         loss_name);

}  // namespace
}  // namespace counterfoil
