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

  EXPECT_TRUE(reserve.held());
  EXPECT_GE(blocks_held(), kSize);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ReserveFileTest, LeavesTheDiskAloneWhenItIsNearlyFull) {
  free_bytes_ = (2 * kSize) - 1;
  ReserveFile reserve = make();
  reserve.take_if_room();

  EXPECT_FALSE(reserve.held());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ReserveFileTest, GivesTheSpaceBackOnce) {
  ReserveFile reserve = make();
  reserve.take_if_room();

  EXPECT_TRUE(reserve.release());
  EXPECT_EQ(blocks_held(), 0U);
  EXPECT_FALSE(reserve.release());
  reserve.take_if_room();
  EXPECT_TRUE(reserve.held());
}

TEST_F(ReserveFileTest, FindsTheOneOfTheLastStart) {
  make().take_if_room();
  EXPECT_TRUE(make().held());
}

TEST_F(ReserveFileTest, ReplacesOneOfAnotherSizeAndNeverALinksTarget) {
  std::ofstream(path_) << "short";
  ReserveFile reserve = make();
  EXPECT_FALSE(reserve.held());
  reserve.take_if_room();
  EXPECT_GE(blocks_held(), kSize);

  std::filesystem::remove(path_);
  std::ofstream(directory_.path() / "target") << "precious";
  std::filesystem::create_symlink(directory_.path() / "target", path_);
  ReserveFile another = make();
  another.take_if_room();
  EXPECT_TRUE(another.held());
  EXPECT_EQ(std::filesystem::file_size(directory_.path() / "target"), 8U);
}

TEST_F(ReserveFileTest, SizeZeroIsNoReserve) {
  ReserveFile reserve(path_, 0, [](const std::filesystem::path&) { return UINT64_MAX; });
  reserve.take_if_room();
  EXPECT_FALSE(reserve.held());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace counterfoil
