#include "crypto/root_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "crypto/key_file.h"
#include "crypto/sealing.h"

namespace counterfoil {
namespace {

namespace fs = std::filesystem;
using enum RootKeyError;

class BrokenRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
};

class RootKeyFile : public testing::Test {
 protected:
  RootKeyFile() {
    std::string name = (fs::temp_directory_path() / "counterfoil-root-key-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ / "root.key";
  }
  ~RootKeyFile() override { fs::remove_all(folder_); }

  void write(std::string_view text, ::mode_t mode = 0600) const {
    std::ofstream(file_, std::ios::binary) << text;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  [[nodiscard]] std::string content() const {
    std::ifstream file(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // load gives the error; a key that was loaded fails the test.
  [[nodiscard]] RootKeyError refusal(KeyFileRule rule = KeyFileRule::kPrivate) const {
    const auto key = RootKey::load(file_, rule);
    EXPECT_FALSE(key.has_value());
    return key ? RootKeyError{} : key.error();
  }

  SystemRandom random_;
  fs::path folder_;
  fs::path file_;
};

const std::string kDigits = "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100";

TEST_F(RootKeyFile, ACreatedKeyOpensWhatItSealed) {
  const auto made = RootKey::create_file(file_, random_);
  ASSERT_TRUE(made.has_value());
  const auto kek = SealingKey::generate(1, random_);
  const auto stored = kek->wrap(*made, random_);
  const auto loaded = RootKey::load(file_);
  ASSERT_TRUE(loaded.has_value());

  EXPECT_TRUE(SealingKey::unwrap(*stored, *loaded, 0).has_value());
  EXPECT_EQ(content().size(), 65U);
  EXPECT_EQ(content().back(), '\n');
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(RootKeyFile, IsNeverOverwritten) {
  write(kDigits);
  EXPECT_EQ(RootKey::create_file(file_, random_).error(), kAlreadyThere);
  EXPECT_EQ(content(), kDigits);
}

TEST_F(RootKeyFile, IsNotMadeThroughASymbolicLink) {
  fs::create_symlink(folder_ / "elsewhere", file_);
  EXPECT_EQ(RootKey::create_file(file_, random_).error(), kAlreadyThere);
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere"));
}

TEST_F(RootKeyFile, NothingIsMadeWithoutRandomnessOrFolder) {
  BrokenRandom broken;
  EXPECT_EQ(RootKey::create_file(file_, broken).error(), kNoRandomness);
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(RootKey::create_file(folder_ / "absent" / "root.key", random_).error(), kNotWritten);
}

TEST_F(RootKeyFile, TakesHexOfEitherCaseWithOrWithoutLineEnd) {
  write(kDigits);
  EXPECT_TRUE(RootKey::load(file_).has_value());
  write(kDigits + "\n");
  EXPECT_TRUE(RootKey::load(file_).has_value());
  write(kDigits, 0400);
  EXPECT_TRUE(RootKey::load(file_).has_value());
}

TEST_F(RootKeyFile, EveryOtherContentIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("\n"), kDigits.substr(1), kDigits + "0", kDigits + "\n\n",
        kDigits + "\r\n", " " + kDigits, kDigits.substr(0, 63) + "g", kDigits.substr(0, 63) + "\n",
        std::string(32, 'k'), std::string(1'000'000, '0')}) {
    write(text);
    EXPECT_EQ(refusal(), kFormWrong) << text.substr(0, 70);
  }
}

TEST_F(RootKeyFile, AMissingFileIsSaidToBeMissing) { EXPECT_EQ(refusal(), kMissing); }

TEST_F(RootKeyFile, AnyRightOfOthersIsRefused) {
  for (const ::mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0666U, 0777U}) {
    write(kDigits, mode);
    EXPECT_EQ(refusal(), kOpenToOthers) << std::oct << mode;
  }
}

TEST_F(RootKeyFile, AServiceCredentialMayBeReadByTheGroupAndNoMore) {
  write(kDigits, 0440);
  EXPECT_TRUE(RootKey::load(file_, KeyFileRule::kServiceCredential).has_value());
  for (const ::mode_t mode : {0460U, 0450U, 0444U, 0442U}) {
    write(kDigits, mode);
    EXPECT_EQ(refusal(KeyFileRule::kServiceCredential), kOpenToOthers) << std::oct << mode;
  }
}

TEST_F(RootKeyFile, OnlyARegularFileIsRead) {
  fs::create_directory(file_);
  ASSERT_EQ(::chmod(file_.c_str(), 0700), 0);
  EXPECT_EQ(refusal(), kNotRegularFile);
  fs::remove(file_);
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);  // Must not wait for a writer.
  EXPECT_EQ(refusal(), kNotRegularFile);
  fs::remove(file_);
  fs::rename(
      [&] {
        write(kDigits);
        return file_;
      }(),
      folder_ / "target");
  fs::create_symlink(folder_ / "target", file_);
  EXPECT_EQ(refusal(), kSymbolicLink);
}

TEST_F(RootKeyFile, AFileOfAnotherUserIsRefused) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give a file away";
  }
  write(kDigits);
  ASSERT_EQ(::chown(file_.c_str(), 12345, 12345), 0);
  EXPECT_EQ(refusal(), kForeignOwner);
}

TEST(RootKeyError, EachHasAText) {
  for (int i = 0; i <= static_cast<int>(kNoSecretMemory); ++i) {
    EXPECT_GT(describe(static_cast<RootKeyError>(i)).size(), 20U);
  }
}

}  // namespace
}  // namespace counterfoil
