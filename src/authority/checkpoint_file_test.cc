#include "authority/checkpoint_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/test_audit_log.h"
#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

using testing::HasSubstr;

class CheckpointFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void append(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::app) << bytes;
  }
  [[nodiscard]] std::string reason() const {
    const auto opened = CheckpointFile::open(path_);
    return opened ? "" : opened.error().reason;
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "checkpoints";
  TestAuditLog log_;
  std::string first_ = log_.records(1).checkpoint_line();
  std::string second_ = log_.records(1).checkpoint_line();
};

TEST_F(CheckpointFileTest, GrowsALineACheckpoint) {
  {
    const auto file = CheckpointFile::open(path_).value();
    EXPECT_EQ(file->newest(), std::nullopt);
    ASSERT_TRUE(file->take(first_));
  }
  const auto file = CheckpointFile::open(path_).value();
  EXPECT_EQ(file->newest(), first_);
  ASSERT_TRUE(file->take(second_));

  EXPECT_EQ(content(), first_ + "\n" + second_ + "\n");
  EXPECT_EQ(checkpoint_lines(content()), (std::vector{first_, second_}));
  struct stat facts = {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(CheckpointFileTest, GoesOnAfterAWriteThatACrashCut) {
  {
    ASSERT_TRUE(CheckpointFile::open(path_).value()->take(first_));
  }
  append(std::string_view(second_).substr(0, 40));

  const auto file = CheckpointFile::open(path_).value();
  EXPECT_EQ(file->newest(), first_);
  ASSERT_TRUE(file->take(second_));

  EXPECT_EQ(checkpoint_lines(content()), (std::vector{first_, second_}));
}

TEST_F(CheckpointFileTest, FindsTheNewestInALongFile) {
  const auto file = CheckpointFile::open(path_).value();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(file->take(i < 199 ? first_ : second_));
  }

  EXPECT_EQ(CheckpointFile::open(path_).value()->newest(), second_);
}

TEST_F(CheckpointFileTest, RefusesAFileThatOthersCanWrite) {
  append(first_ + "\n");
  std::filesystem::permissions(path_, std::filesystem::perms(0620));

  EXPECT_EQ(reason(), "checkpoint_file_unsafe");
  std::filesystem::permissions(path_, std::filesystem::perms(0644));
  EXPECT_EQ(reason(), "");
}

TEST_F(CheckpointFileTest, RefusesWhatIsNoFileOfItsOwn) {
  std::filesystem::create_symlink(directory_.path() / "elsewhere", path_);
  EXPECT_EQ(reason(), "checkpoint_file_unsafe");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "elsewhere"));

  path_ = directory_.path() / "missing" / "checkpoints";
  EXPECT_EQ(reason(), "checkpoint_file_unavailable");
  EXPECT_THAT(CheckpointFile::open(path_).error().detail, HasSubstr(path_.string()));
}

TEST(CheckpointLines, PassesOverWhatIsNoCheckpoint) {
  TestAuditLog log;
  const std::string line = log.records(1).checkpoint_line();

  EXPECT_TRUE(checkpoint_lines("").empty());
  EXPECT_TRUE(checkpoint_lines("\n\nhello\n" + log.lines()[0]).empty());
  EXPECT_EQ(checkpoint_lines("\n" + line + "\nx\n" + line), (std::vector{line, line}));
}

}  // namespace
}  // namespace counterfoil
