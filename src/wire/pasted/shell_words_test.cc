#include "wire/pasted/shell_words.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::pasted {
namespace {

// Words of all commands, those of one joined with '~', commands with a line end. '?' marks an open
// word.
std::string joined(std::string_view text) {
  const auto commands = split_shell(text);
  if (!commands) {
    return "fault: " + commands.error();
  }
  std::string all;
  for (const ShellCommand& command : *commands) {
    all += all.empty() ? "" : "\n";
    bool first = true;
    for (const ShellWord& word : command.words) {
      all += (first ? "" : "~") + word.text + (word.open ? "?" : "");
      first = false;
    }
  }
  return all;
}

struct Case {
  std::string_view text;
  std::string_view words;
};

class ShellWords : public testing::TestWithParam<Case> {};

TEST_P(ShellWords, AreSplitAsTheShellDoes) { EXPECT_EQ(joined(GetParam().text), GetParam().words); }

INSTANTIATE_TEST_SUITE_P(
    All, ShellWords,
    testing::Values(Case{"curl -X  POST 'a b' \"c d\"", "curl~-X~POST~a b~c d"},
                    Case{"a 'it'\\''s' \"say \\\"hi\\\" \\n\"", "a~it's~say \"hi\" \\n"},
                    Case{"a 'x'\"y\"z", "a~xyz"}, Case{"a '' \"\"", "a~~"},
                    Case{"curl \\\n  -v \\\r\n  url", "curl~-v~url"}, Case{"ab\\\ncd", "abcd"},
                    Case{"a $'x\\ty\\u00e9\\x41\\101\\'\\q'",
                         "a~x\ty\xc3\xa9"
                         "AA'\\q"},
                    Case{"a; b && c | d\ne", "a\nb\nc\nd\ne"}, Case{"a # remark\nb", "a\nb"},
                    Case{"a b#c", "a~b#c"}, Case{"a > out 2>&1 b", "a~b"},
                    Case{"a 2>/dev/null b", "a~b"}, Case{"a <<< text b", "a~b"},
                    Case{"a $X \"$Y\" '$Z' `w` $(v) ${u} $ 5", "a~$X?~$Y?~$Z~`w`?~$?~v~${u}?~$~5"},
                    Case{"curl ^\n  -H ^\"a: b^\" ^\"u^&v^\"", "curl~-H~a: b~u&v"},
                    Case{"a 'b", "fault: the quote that begins on line 1 is not closed"},
                    Case{"a\nb \"c\nd", "fault: the quote that begins on line 2 is not closed"},
                    Case{"", ""}, Case{"\\", ""}));

TEST(ShellWordsOfCommands, TellTheirLine) {
  const auto commands = split_shell("\n\na b \\\n c\nd 'e\nf' g\nh");
  ASSERT_TRUE(commands);
  ASSERT_EQ(commands->size(), 3);
  EXPECT_EQ((*commands)[0].line, 3);
  EXPECT_EQ((*commands)[1].line, 5);
  EXPECT_EQ((*commands)[2].line, 7);
}

TEST(ShellWordsOfCommands, TellThatAnAmpersandCutThem) {
  const auto cut = split_shell("curl http://h/p?a=1&b=2");
  ASSERT_TRUE(cut);
  ASSERT_EQ(cut->size(), 2);
  EXPECT_TRUE((*cut)[0].cut);
  EXPECT_FALSE((*cut)[1].cut);
  for (const std::string_view whole :
       {"curl 'http://h/p?a=1&b=2'", "curl u && curl v", "curl u & wait"}) {
    const auto commands = split_shell(whole);
    ASSERT_TRUE(commands);
    EXPECT_FALSE(commands->front().cut) << whole;
  }
}

TEST(ShellWordsOfCommands, AreLimited) {
  std::string text;
  for (std::size_t i = 0; i < kWordsMax; ++i) {
    text += "a ";
  }
  EXPECT_TRUE(split_shell(text));
  EXPECT_FALSE(split_shell(text + "a"));
}

}  // namespace
}  // namespace counterfoil::pasted
