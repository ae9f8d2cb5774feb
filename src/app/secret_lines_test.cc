#include "app/secret_lines.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstddef>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

using Next = SecretLines::Next;
constexpr std::size_t kLineBytesMax = 8;

class SecretLinesTest : public testing::Test {
 protected:
  std::string file(std::string_view text, mode_t mode = 0600) {
    std::string path = (directory_.path() / "lines").string();
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  // What the lines of a text are; "!" stands for one that is too long.
  std::vector<std::string> lines(std::string_view text) {
    auto reader = SecretLines::open(file(text), kLineBytesMax);
    EXPECT_TRUE(reader.has_value());
    std::vector<std::string> read;
    std::string_view line;
    for (Next next = reader->next(line); next != Next::kEnd; next = reader->next(line)) {
      EXPECT_NE(next, Next::kFault);
      read.emplace_back(next == Next::kTooLong ? "!" : line);
    }
    EXPECT_EQ(reader->bytes(), text.size());
    EXPECT_EQ(reader->bytes_taken(), text.size());
    EXPECT_EQ(reader->next(line), Next::kEnd);
    return read;
  }

  TemporaryDirectory directory_;
};

using Lines = std::vector<std::string>;

TEST_F(SecretLinesTest, GivesLinesWithoutTheirEnds) {
  EXPECT_EQ(lines(""), Lines{});
  EXPECT_EQ(lines("one\ntwo\n"), (Lines{"one", "two"}));
  EXPECT_EQ(lines("one\r\n\r\n\ntwo"), (Lines{"one", "", "", "two"}));
}

TEST_F(SecretLinesTest, PassesOverWhatIsTooLongAndGoesOn) {
  EXPECT_EQ(lines("12345678\n123456789\nlast"), (Lines{"12345678", "!", "last"}));
  EXPECT_EQ(lines("12345678\r\n123456789\r\nlast"), (Lines{"12345678", "!", "last"}));
  EXPECT_EQ(lines("12345678"), Lines{"12345678"});
  EXPECT_EQ(lines("123456789"), Lines{"!"});
}

TEST_F(SecretLinesTest, NoLineIsTooLongForItsBuffer) {
  const std::string endless(1'000'000, 'x');
  EXPECT_EQ(lines("a\n" + endless + "\nb\n" + endless), (Lines{"a", "!", "b", "!"}));
}

TEST_F(SecretLinesTest, GivesEveryLineOfALongFile) {
  std::string text;
  Lines wanted;
  for (int i = 0; i < 50'000; ++i) {
    wanted.push_back(std::to_string(i));
    text += wanted.back() + "\n";
  }
  EXPECT_EQ(lines(text), wanted);
}

TEST_F(SecretLinesTest, AFileThatOthersMayReadIsRefused) {
  const auto opened = SecretLines::open(file("secret", 0644), kLineBytesMax);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ExitCode::kUsage);
  EXPECT_NE(opened.error().sentence.find("chmod 600"), std::string::npos);
}

}  // namespace
}  // namespace counterfoil
