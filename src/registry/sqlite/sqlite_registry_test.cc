#include "registry/sqlite/sqlite_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/random.h"
#include "base/temporary_directory.h"
#include "registry/registry.h"
#include "registry/registry_contract.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

using testing::HasSubstr;

class SqliteBench final : public RegistryBench {
 public:
  std::unique_ptr<Registry> open() override {
    auto opened =
        open_sqlite_registry(directory_.path() / "registry.db", random_,
                             {.feed_changes_max = kContractFeedMax, .reserve_bytes = 4096});
    EXPECT_TRUE(opened) << opened.error().sentence;
    return opened ? std::move(*opened) : nullptr;
  }

 private:
  TemporaryDirectory directory_;
  SystemRandom random_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, RegistryContract,
                         testing::Values(RegistryEngine{
                             .name = "sqlite",
                             .bench = [] { return std::make_unique<SqliteBench>(); },
                             .survives_restart = true}),
                         engine_name);

class SqliteRegistryTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Registry> open(SqliteRegistryOptions options = {}) {
    options.reserve_bytes = 4096;
    auto opened = open_sqlite_registry(path_, random_, std::move(options));
    EXPECT_TRUE(opened) << opened.error().sentence;
    return opened ? std::move(*opened) : nullptr;
  }
  static void put(Registry& registry, std::string id, std::string bytes,
                  std::uint64_t expected_modified = 0) {
    Transaction transaction;
    transaction.writes.push_back({.kind = RecordKind::kApiKey,
                                  .id = std::move(id),
                                  .bytes = std::move(bytes),
                                  .expected_modified = expected_modified});
    ASSERT_TRUE(registry.commit(transaction));
  }
  [[nodiscard]] bool any_file_holds(const std::string& text) const {
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), {});
      if (bytes.contains(text)) {
        return true;
      }
    }
    return false;
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "registry.db";
  SystemRandom random_;
};

class BrokenRandom final : public RandomSource {
 public:
  bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
};

TEST_F(SqliteRegistryTest, ChoosesAnIncarnationAndKeepsIt) {
  const Revision first = open()->revision().value();
  const Revision second = open()->revision().value();
  path_ = directory_.path() / "another.db";
  const Revision another = open()->revision().value();

  EXPECT_NE(first.incarnation, 0U);
  EXPECT_EQ(first, second);
  EXPECT_NE(another.incarnation, first.incarnation);
}

TEST_F(SqliteRegistryTest, BeginsANewIncarnationWhenRestored) {
  put(*open(), "a", "1");
  const Revision before = open()->revision().value();

  const auto restored = open({.lineage = Lineage::kRestored});

  EXPECT_EQ(restored->revision().value().number, before.number);
  EXPECT_NE(restored->revision().value().incarnation, before.incarnation);
  EXPECT_EQ(restored->changes(before, 10).error(), RegistryError::kGap);
}

TEST_F(SqliteRegistryTest, DoesNotStartWithoutRandomness) {
  BrokenRandom random;
  const auto opened = open_sqlite_registry(path_, random);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreOpenErrorKind::kRandom);
}

TEST_F(SqliteRegistryTest, RefusesASecondOwner) {
  const auto registry = open();
  const auto second = open_sqlite_registry(path_, random_);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, StoreOpenErrorKind::kInUse);
  EXPECT_THAT(second.error().sentence, HasSubstr(path_.string()));
}

// Control S-09. Other records are moved about in between, as they are in a real store.
TEST_F(SqliteRegistryTest, ForgetsErasedAndReplacedBytes) {
  const std::string erased = "canary-of-an-erased-record";
  const std::string replaced = "canary-of-a-replaced-record";
  const auto registry = open();
  for (int i = 0; i < 200; ++i) {
    put(*registry, std::to_string(i), std::string(300, 'x'));
  }
  put(*registry, "erased", erased + std::string(300, 'y'));
  put(*registry, "replaced", replaced + std::string(5000, 'y'));
  const std::uint64_t modified = registry->revision().value().number;
  for (int i = 200; i < 400; ++i) {
    put(*registry, std::to_string(i), std::string(300, 'x'));
  }
  ASSERT_TRUE(any_file_holds(erased));
  ASSERT_TRUE(any_file_holds(replaced));

  Transaction transaction;
  transaction.writes.push_back(
      {.kind = RecordKind::kApiKey, .id = "erased", .expected_modified = modified - 1});
  ASSERT_TRUE(registry->commit(transaction));
  put(*registry, "replaced", "tombstone", modified);
  ASSERT_TRUE(registry->forget_replaced(Forgetting::kWholeFile));

  EXPECT_FALSE(any_file_holds(erased));
  EXPECT_FALSE(any_file_holds(replaced));
}

TEST_F(SqliteRegistryTest, ForgettingTheLogIsEnoughWhereNothingMoved) {
  const std::string canary = "canary-in-the-log";
  const auto registry = open();
  put(*registry, "a", canary);
  put(*registry, "a", "tombstone", 1);
  ASSERT_TRUE(any_file_holds(canary));

  ASSERT_TRUE(registry->forget_replaced(Forgetting::kLog));

  EXPECT_FALSE(any_file_holds(canary));
}

}  // namespace
}  // namespace counterfoil
