// What a full disk and a power cut do to the registry (controls S-76 and section 4.1 of the
// security rules).

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"
#include "base/temporary_directory.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"
#include "sqlite_file/fault_disk.h"

namespace counterfoil {
namespace {

constexpr std::uint64_t kReserve = 256UL * 1024;

class SqliteRegistryDisk : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Registry> open() {
    auto opened = open_sqlite_registry(
        store_, random_,
        {.reserve_bytes = kReserve, .free_bytes = [this](const std::filesystem::path&) {
           const std::uint64_t used = disk_.used_bytes();
           return used < capacity_ ? capacity_ - used : 0;
         }});
    EXPECT_TRUE(opened) << opened.error().sentence;
    return opened ? std::move(*opened) : nullptr;
  }
  void set_capacity(std::uint64_t bytes) {
    capacity_ = bytes;
    disk_.set_capacity(bytes);
  }
  [[nodiscard]] bool reserve_is_held() const {
    return std::filesystem::exists(store_.string() + ".reserve");
  }
  // add commits one new record of `size` bytes with audit entry `seq`.
  static std::expected<Revision, RegistryError> add(Registry& registry, std::uint64_t seq,
                                                    std::size_t size = 4000,
                                                    Urgency urgency = Urgency::kNormal) {
    Transaction transaction;
    transaction.writes.push_back({.kind = RecordKind::kApiKey,
                                  .id = "key-" + std::to_string(seq),
                                  .bytes = std::string(size, 'x'),
                                  .indexes = {{.index = "account", .value = "ac_1"}}});
    transaction.audit.push_back({.seq = seq, .bytes = "made key-" + std::to_string(seq)});
    transaction.urgency = urgency;
    return registry.commit(transaction);
  }
  // fill adds records until the disk is full and gives the seq that found no room.
  static std::uint64_t fill(Registry& registry, std::uint64_t seq,
                            Urgency urgency = Urgency::kNormal) {
    for (;; ++seq) {
      if (const auto added = add(registry, seq, 4000, urgency); !added) {
        EXPECT_EQ(added.error(), RegistryError::kFull);
        return seq;
      }
    }
  }

  TemporaryDirectory directory_;
  FaultDisk disk_{directory_.path()};
  std::filesystem::path store_ = directory_.path() / "registry.db";
  std::uint64_t capacity_ = UINT64_MAX;
  SystemRandom random_;
};

TEST_F(SqliteRegistryDisk, AFullDiskChangesNothing) {
  const auto registry = open();
  set_capacity(disk_.used_bytes() + 100'000);

  const std::uint64_t failed = fill(*registry, 1);

  ASSERT_GT(failed, 1U);
  EXPECT_EQ(registry->find(RecordKind::kApiKey, "key-" + std::to_string(failed)).value(),
            std::nullopt);
  EXPECT_EQ(registry->revision().value().number, failed - 1);
  EXPECT_EQ(registry->last_audit().value().value().seq, failed - 1);
  EXPECT_EQ(registry->find_by_index("account", "ac_1").value().size(), failed - 1);
  EXPECT_TRUE(reserve_is_held());
  // Reading goes on, and so does writing once there is room.
  EXPECT_TRUE(registry->find(RecordKind::kApiKey, "key-1").value().has_value());
  set_capacity(UINT64_MAX);
  EXPECT_TRUE(add(*registry, failed));
}

TEST_F(SqliteRegistryDisk, ARevocationFindsRoomOnAFullDisk) {
  const auto registry = open();
  set_capacity(disk_.used_bytes() + 100'000);
  std::uint64_t seq = fill(*registry, 1);

  // Each takes as much of the reserve as it needs, and nothing else gets any of it.
  for (int i = 0; i < 5; ++i, ++seq) {
    EXPECT_TRUE(add(*registry, seq, 4000, Urgency::kRevocation));
    EXPECT_TRUE(reserve_is_held());
    EXPECT_EQ(add(*registry, seq, 1).error(), RegistryError::kFull);
  }
  EXPECT_FALSE(registry->keep_reserve());
  EXPECT_EQ(registry->last_audit().value().value().seq, seq - 1);

  // With the reserve used up too, a revocation is refused, and changes nothing either.
  seq = fill(*registry, seq, Urgency::kRevocation);
  EXPECT_FALSE(reserve_is_held());
  EXPECT_EQ(registry->last_audit().value().value().seq, seq - 1);

  // When there is room again, everything goes on and the reserve is taken anew.
  set_capacity(disk_.used_bytes() + (4 * kReserve));
  EXPECT_TRUE(add(*registry, seq));
  EXPECT_TRUE(registry->keep_reserve());
  EXPECT_TRUE(reserve_is_held());
}

TEST_F(SqliteRegistryDisk, WhatWasLetGoOfTheReserveIsForRevocations) {
  const auto registry = open();
  set_capacity(disk_.used_bytes() + 100'000);
  std::uint64_t seq = fill(*registry, 1);
  ASSERT_TRUE(add(*registry, seq++, 4000, Urgency::kRevocation));

  // Somebody else's file went, and there is room again, but no more than was held back.
  set_capacity(disk_.used_bytes() + kReserve - 1);
  EXPECT_EQ(add(*registry, seq).error(), RegistryError::kFull);
  EXPECT_FALSE(registry->keep_reserve());
  EXPECT_TRUE(add(*registry, seq++, 4000, Urgency::kRevocation));

  set_capacity(UINT64_MAX);
  EXPECT_TRUE(add(*registry, seq));
  EXPECT_TRUE(registry->keep_reserve());
}

TEST_F(SqliteRegistryDisk, AFullDiskLosesNothingThatWasAcknowledged) {
  std::uint64_t failed = 0;
  {
    const auto registry = open();
    set_capacity(disk_.used_bytes() + 100'000);
    failed = fill(*registry, 1);
  }
  set_capacity(UINT64_MAX);
  const auto registry = open();
  ASSERT_NE(registry, nullptr);
  EXPECT_EQ(registry->revision().value().number, failed - 1);
  EXPECT_EQ(registry->audit_outbox(kListMax).value().size(), failed - 1);
}

// The power fails at every single disk operation of a run of commits, with a checkpoint among them;
// of what was not synced, some is lost. Every acknowledged commit must be there, whole.
class PowerCut : public SqliteRegistryDisk, public testing::WithParamInterface<FaultDisk::Loss> {};

TEST_P(PowerCut, LosesNothingThatWasAcknowledged) {
  constexpr std::size_t kOperationsMax = 100'000;
  // SQLite moves the log into the store when it has 1,000 pages: the first commits bring it near
  // that.
  constexpr std::uint64_t kSafeCommits = 6;
  constexpr std::size_t kSafeBytes = 600'000;
  constexpr std::uint64_t kCommits = 30;
  constexpr std::size_t kBytes = 30'000;
  std::size_t cuts = 0;
  for (std::size_t operations = 0; operations < kOperationsMax; operations += 1 + (cuts / 6)) {
    SCOPED_TRACE(operations);
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      std::filesystem::remove(entry.path());
    }
    std::uint64_t acknowledged = 0;
    {
      const auto registry = open();
      ASSERT_NE(registry, nullptr);
      while (acknowledged < kSafeCommits && add(*registry, acknowledged + 1, kSafeBytes)) {
        ++acknowledged;
      }
      disk_.cut_power_after(operations);
      while (acknowledged < kCommits && add(*registry, acknowledged + 1, kBytes)) {
        ++acknowledged;
      }
    }
    const bool was_cut = disk_.power_is_cut();
    disk_.restore_power(GetParam(), static_cast<std::uint32_t>(operations));

    const auto registry = open();
    ASSERT_NE(registry, nullptr);
    const std::uint64_t present = registry->revision().value().number;
    ASSERT_GE(present, acknowledged);
    ASSERT_LE(present, acknowledged + 1);
    ASSERT_EQ(registry->audit_outbox(kListMax).value().size(), present);
    ASSERT_EQ(registry->find_by_index("account", "ac_1").value().size(), present);
    for (std::uint64_t seq = 1; seq <= present; ++seq) {
      const auto record = registry->find(RecordKind::kApiKey, "key-" + std::to_string(seq)).value();
      ASSERT_TRUE(record.has_value());
      ASSERT_EQ(record->bytes, std::string(seq <= kSafeCommits ? kSafeBytes : kBytes, 'x'));
    }
    if (!was_cut) {
      break;
    }
    ++cuts;
  }
  EXPECT_GE(cuts, 50U);
}

std::string loss_name(const testing::TestParamInfo<FaultDisk::Loss>& loss) {
  return loss.param == FaultDisk::Loss::kAllUnsynced ? "all_unsynced" : "some_unsynced";
}
INSTANTIATE_TEST_SUITE_P(Losses, PowerCut,
                         testing::Values(FaultDisk::Loss::kAllUnsynced,
                                         FaultDisk::Loss::kSomeUnsynced),
                         loss_name);

}  // namespace
}  // namespace counterfoil
