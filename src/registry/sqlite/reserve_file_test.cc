#include "registry/sqlite/reserve_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

constexpr std::uint64_t kSize = 65'536;

class ReserveFileTest : public testing::Test {
 protected:
  [[nodiscard]] ReserveFile make() {
    return {path_, kSize, [this](const std::filesystem::path&) { return free_bytes_; }};
  }
  [[nodiscard]] std::uint64_t blocks_held() const {
    struct stat facts{};
    return lstat(path_.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_blocks) * 512
                                             : 0;
  }
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "reserve";
  std::uint64_t free_bytes_ = 2 * kSize;
};

TEST_F(ReserveFileTest, TakesTheSpaceForReal) {
  ReserveFile reserve = make();
  reserve.take_if_room();

  EXPECT_TRUE(reserve.is_whole());
  EXPECT_GE(blocks_held(), kSize);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ReserveFileTest, LeavesTheDiskAloneWhenItIsNearlyFull) {
  free_bytes_ = (2 * kSize) - 1;
  ReserveFile reserve = make();
  reserve.take_if_room();

  EXPECT_FALSE(reserve.is_whole());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ReserveFileTest, GivesTheSpaceBackSliceBySlice) {
  ReserveFile reserve = make();
  reserve.take_if_room();

  ASSERT_TRUE(reserve.release_slice());
  EXPECT_FALSE(reserve.is_whole());
  EXPECT_EQ(std::filesystem::file_size(path_), kSize - (kSize / ReserveFile::kSlices));
  std::uint64_t slices = 1;
  while (reserve.release_slice()) {
    ++slices;
  }
  EXPECT_EQ(slices, ReserveFile::kSlices);
  EXPECT_FALSE(std::filesystem::exists(path_));
  reserve.take_if_room();
  EXPECT_TRUE(reserve.is_whole());
}

TEST_F(ReserveFileTest, IsTouchedWhileNoMoreIsFreeThanItShouldHold) {
  ReserveFile reserve = make();
  reserve.take_if_room();
  free_bytes_ = 0;
  EXPECT_FALSE(reserve.is_touched());

  EXPECT_TRUE(reserve.release_slice());
  free_bytes_ = kSize - 1;
  EXPECT_TRUE(reserve.is_touched());
  free_bytes_ = kSize;
  EXPECT_FALSE(reserve.is_touched());
}

TEST_F(ReserveFileTest, FindsTheOneOfTheLastStartAndFillsItUp) {
  make().take_if_room();
  ReserveFile found = make();
  EXPECT_TRUE(found.is_whole());
  EXPECT_TRUE(found.release_slice());

  ReserveFile again = make();
  EXPECT_FALSE(again.is_whole());
  free_bytes_ = kSize + (kSize / ReserveFile::kSlices) - 1;
  again.take_if_room();
  EXPECT_FALSE(again.is_whole());
  ++free_bytes_;
  again.take_if_room();
  EXPECT_TRUE(again.is_whole());
  EXPECT_GE(blocks_held(), kSize);
}

TEST_F(ReserveFileTest, ReplacesOneOfAnotherSizeAndNeverALinksTarget) {
  std::ofstream(path_) << "short";
  ReserveFile reserve = make();
  EXPECT_FALSE(reserve.is_whole());
  reserve.take_if_room();
  EXPECT_GE(blocks_held(), kSize);

  std::filesystem::remove(path_);
  std::ofstream(directory_.path() / "target") << "precious";
  std::filesystem::create_symlink(directory_.path() / "target", path_);
  ReserveFile another = make();
  another.take_if_room();
  EXPECT_TRUE(another.is_whole());
  EXPECT_EQ(std::filesystem::file_size(directory_.path() / "target"), 8U);
}

TEST_F(ReserveFileTest, SizeZeroIsNoReserve) {
  ReserveFile reserve(path_, 0, [](const std::filesystem::path&) { return UINT64_MAX; });
  reserve.take_if_room();
  EXPECT_TRUE(reserve.is_whole());
  EXPECT_FALSE(reserve.release_slice());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace counterfoil
