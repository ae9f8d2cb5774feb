#include "accounts/password_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/common_passwords.h"

namespace counterfoil {
namespace {

std::optional<PasswordFault> fault_of(std::string_view password,
                                      std::vector<std::string_view> names = {}) {
  return fault_of_password(password, names);
}

std::string varied(std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    text.push_back("kx9w2mfq7zt"[i % 11]);
  }
  return text;
}

TEST(PasswordRules, TakeAnythingLongThatIsNotTriedFirst) {
  constexpr std::string_view kChinese =
      "\xe6\x88\x91\xe7\x9a\x84\xe5\xaf\x86\xe7\xa0\x81\xe5\xbe\x88\xe9\x95\xbf\xe5\xbe\x88\xe9"
      "\x9a\xbe\xe7\x8c\x9c\xe5\x88\xb0\xe6\x98\xaf\xe5\x90\xa7";
  for (const std::string_view good :
       {std::string_view("correct horse battery"), std::string_view("tangerine-kettle-94-fox"),
        std::string_view("kx9w2mfq7ztb"), std::string_view("Grüße aus Ödland"), kChinese}) {
    EXPECT_EQ(fault_of(good), std::nullopt) << good;
  }
}

TEST(PasswordRules, CountCharactersAndBytes) {
  EXPECT_EQ(fault_of(varied(11)), PasswordFault::kTooShort);
  EXPECT_EQ(fault_of(varied(12)), std::nullopt);
  EXPECT_EQ(fault_of(varied(256)), std::nullopt);
  EXPECT_EQ(fault_of(varied(257)), PasswordFault::kTooLong);
  // Eleven characters are eleven, however many bytes they take.
  EXPECT_EQ(fault_of("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f kx9w2m"), PasswordFault::kTooShort);
  std::string wide;  // 256 characters of four bytes are 1,024
  for (int i = 0; i < 256; ++i) {
    wide += std::string("\xf0\x9f\x98") + static_cast<char>(0x80 + (i * 7 % 64));
  }
  EXPECT_EQ(fault_of(wide), std::nullopt);
  EXPECT_EQ(fault_of(wide + "x"), PasswordFault::kTooLong);
}

TEST(PasswordRules, WantText) {
  EXPECT_EQ(fault_of("kx9w2mfq7ztb\xff"), PasswordFault::kNotUtf8);
  EXPECT_EQ(fault_of("kx9w2mfq7ztb\xed\xa0\x80"), PasswordFault::kNotUtf8) << "a lone surrogate";
}

TEST(PasswordRules, RefuseWhatIsTriedFirst) {
  for (const std::string_view bad :
       {"password1234", "Password2024!", "P@ssw0rd1234", "1qaz2wsx3edc", "passwordpassword",
        "Administrator1", "!!!football!!!", "123qweasdzxc", "Sunshine2023$"}) {
    EXPECT_EQ(fault_of(bad), PasswordFault::kCommon) << bad;
  }
}

TEST(PasswordRules, RefuseRowsAndRepetitions) {
  for (const std::string_view bad : {"aaaaaaaaaaaa", "abababababab", "abcdefghijkl", "123456789012",
                                     "qwertyuiopas", "zyxwvutsrqpon", "aaaabbbbcccc"}) {
    EXPECT_EQ(fault_of(bad), PasswordFault::kSimple) << bad;
  }
}

TEST(PasswordRules, RefuseNames) {
  EXPECT_EQ(fault_of("my Counterfoil login"), PasswordFault::kHasName);
  EXPECT_EQ(fault_of("9-melinda-kx2", {"Melinda"}), PasswordFault::kHasName);
  EXPECT_EQ(fault_of("9-melinda-kx2", {"Peter", "desk-7"}), std::nullopt);
  EXPECT_EQ(fault_of("9-melinda-kx2", {"mel"}), std::nullopt) << "three letters occur by chance";
}

// A list that is not sorted would let most of its words through.
TEST(PasswordRules, FindEveryWordOfTheList) {
  std::string_view rest = common_password_lines();
  std::size_t words = 0;
  std::string_view before;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    ASSERT_LT(before, word);
    ASSERT_TRUE(is_common_password(word)) << word;
    before = word;
    ++words;
  }
  EXPECT_GT(words, 4000U);
}

}  // namespace
}  // namespace counterfoil
