#include "app/init_node.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <span>
#include <string>

#include "app/command_context.h"
#include "app/config.h"
#include "app/key_directory.h"
#include "app/node_settings.h"
#include "base/random.h"
#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat facts{};
  EXPECT_EQ(::lstat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777U;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// FailingRandom fails after it has been asked once: the root key gets made and the proof secret
// not.
class FailingRandom final : public RandomSource {
 public:
  bool fill(std::span<std::uint8_t> out) override { return ++asked_ == 1 && system_.fill(out); }

 private:
  SystemRandom system_;
  int asked_ = 0;
};

class InitNode : public testing::Test {
 protected:
  TemporaryDirectory folder_;
  SystemRandom random_;
  std::filesystem::path data_ = folder_.path() / "deep" / "data";
};

TEST_F(InitNode, MakesFilesThatOnlyTheirOwnerReads) {
  const auto made = init_node(data_, random_);

  ASSERT_TRUE(made) << made.error().sentence;
  EXPECT_EQ(mode_of(data_), 0700U);
  EXPECT_EQ(mode_of(made->root_key), 0600U);
  EXPECT_EQ(mode_of(made->proof_secret), 0600U);
  EXPECT_EQ(mode_of(made->backup_key), 0600U);
  EXPECT_NE(text_of(made->backup_key), text_of(made->root_key));
  EXPECT_EQ(mode_of(made->config), 0600U);
  EXPECT_EQ(text_of(made->proof_secret).size(), 64U);
}

TEST_F(InitNode, WritesAConfigurationThatHoldsTheDefaults) {
  const auto made = init_node(data_, random_);
  ASSERT_TRUE(made) << made.error().sentence;

  const auto config = Config::load(made->config.string());

  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_TRUE(NodeSettings::read(*config));
  EXPECT_EQ(config->text("node.data"), data_.string());
  const std::string text = text_of(made->config);
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(text.contains(setting.help)) << setting.key;
    if (setting.key == "console.listen") {
      EXPECT_EQ(config->text(setting.key), "127.0.0.1:8443") << "a new node has a console";
    } else if (setting.key != "node.data") {
      EXPECT_EQ(config->text(setting.key), setting.fallback) << setting.key;
    }
  }
}

TEST_F(InitNode, ItsCommentedLinesAreWhatTheyShow) {
  const auto made = init_node(data_, random_);
  ASSERT_TRUE(made) << made.error().sentence;
  std::string text = text_of(made->config);
  // Take the comment signs away from every "# name = value" line.
  for (std::size_t at = text.find("\n# "); at != std::string::npos;
       at = text.find("\n# ", at + 1)) {
    const std::string line = text.substr(at + 3, text.find('\n', at + 1) - at - 3);
    const std::size_t equals = line.find(" = ");
    if (equals != std::string::npos && !line.substr(0, equals).contains(' ')) {
      text.erase(at + 1, 2);
    }
  }
  std::ofstream(made->config, std::ios::binary | std::ios::trunc) << text;

  const auto config = Config::load(made->config.string());

  ASSERT_TRUE(config) << config.error().sentence;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(config->values().find(setting.key)->second.origin.starts_with("file"))
        << setting.key;
  }
}

TEST_F(InitNode, OverwritesNothing) {
  const auto first = init_node(data_, random_);
  ASSERT_TRUE(first) << first.error().sentence;
  const std::string root = text_of(first->root_key);
  const std::string secret = text_of(first->proof_secret);

  const auto second = init_node(data_, random_);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kUsage);
  EXPECT_TRUE(second.error().sentence.contains("nothing was changed"));
  EXPECT_EQ(text_of(first->root_key), root);
  EXPECT_EQ(text_of(first->proof_secret), secret);
}

TEST_F(InitNode, CanBeRepeatedAfterItFailedHalfWay) {
  FailingRandom failing;

  const auto failed = init_node(data_, failing);

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ExitCode::kCannotTell);
  EXPECT_TRUE(std::filesystem::is_empty(data_));
  EXPECT_TRUE(init_node(data_, random_));
}

TEST_F(InitNode, MakesNoRootKeyBesideAStoreOfAnother) {
  ASSERT_TRUE(make_private_directory(data_));
  std::ofstream(data_ / "registry.db") << "something";

  const auto made = init_node(data_, random_);

  ASSERT_FALSE(made);
  EXPECT_FALSE(std::filesystem::exists(data_ / "root.key"));
}

TEST_F(InitNode, RefusesAFolderThatOthersMayEnterAndALink) {
  std::filesystem::create_directories(data_);
  ASSERT_EQ(::chmod(data_.c_str(), 0750), 0);
  const std::filesystem::path link = folder_.path() / "link";
  std::filesystem::create_directory_symlink(data_, link);

  const auto open_to_others = init_node(data_, random_);
  const auto linked = init_node(link, random_);

  ASSERT_FALSE(open_to_others);
  EXPECT_TRUE(open_to_others.error().sentence.contains("chmod 700"));
  ASSERT_FALSE(linked);
  EXPECT_TRUE(linked.error().sentence.contains("not a folder"));
}

}  // namespace
}  // namespace counterfoil
