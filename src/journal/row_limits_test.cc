#include "journal/row_limits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"
#include "journal/journal.h"
#include "journal/text_hash.h"

namespace counterfoil {
namespace {

struct CutCase {
  const char* name;
  std::string_view text;
  std::size_t bytes_max;
  std::string_view cut;
};

class CutText : public testing::TestWithParam<CutCase> {};

TEST_P(CutText, EndsAtACharacter) {
  EXPECT_EQ(cut_text(GetParam().text, GetParam().bytes_max), GetParam().cut);
}

// clang-format off
constexpr CutCase kCuts[] = {
    {"empty",                  "",                          3, ""},
    {"shorter",                "ab",                        3, "ab"},
    {"exactly",                "abc",                       3, "abc"},
    {"ascii",                  "abcd",                      3, "abc"},
    {"before_two_bytes",       "abc\xc3\xa9",               3, "abc"},
    {"within_two_bytes",       "ab\xc3\xa9",                3, "ab"},
    {"after_two_bytes",        "a\xc3\xa9" "b",             3, "a\xc3\xa9"},
    {"within_three_bytes",     "a\xe2\x82\xac",             3, "a"},
    {"within_four_bytes",      "\xf0\x9f\x98\x80",          3, ""},
    {"only_continuations",     "\x80\x80\x80\x80\x80\x80",  5, "\x80\x80\x80\x80\x80"},
    {"to_nothing",             "abc",                       0, ""},
    {"character_to_nothing",   "\xc3\xa9",                  0, ""},
};
// clang-format on
INSTANTIATE_TEST_SUITE_P(Cuts, CutText, testing::ValuesIn(kCuts),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(BucketStart, IsTheBeginningOfTheMinuteOrHour) {
  const Timestamp time = from_unix_us(1'700'049'600'000'000 + 59'999'999);

  EXPECT_EQ(bucket_start(time, UsageBucket::kMinute), from_unix_ms(1'700'049'600'000));
  EXPECT_EQ(bucket_start(time + std::chrono::microseconds(1), UsageBucket::kMinute),
            from_unix_ms(1'700'049'660'000));
  EXPECT_EQ(bucket_start(time, UsageBucket::kHour), from_unix_ms(1'700'049'600'000));
}

// The published vectors are of SipHash-2-4 over bytes; here what a table needs of it.
TEST(TextHash, DependsOnTheKeyTheTextsAndWhereTheyEnd) {
  const TextHash::Key key{1, 2};
  const auto hash = [](const TextHash::Key& with, std::string_view first, std::string_view second) {
    return TextHash(with).text(first).text(second).finish();
  };

  EXPECT_EQ(hash(key, "abcdefghi", "x"), hash(key, "abcdefghi", "x"));
  EXPECT_NE(hash(key, "abcdefghi", "x"), hash({1, 3}, "abcdefghi", "x"));
  EXPECT_NE(hash(key, "abcdefghi", "x"), hash({2, 2}, "abcdefghi", "x"));
  EXPECT_NE(hash(key, "ab", "c"), hash(key, "a", "bc"));
  EXPECT_NE(hash(key, "", "abc"), hash(key, "abc", ""));
  EXPECT_NE(hash(key, "a", ""), hash(key, std::string_view("a\0", 2), ""));
  EXPECT_NE(TextHash(key).number(1).finish(), TextHash(key).number(2).finish());
}

}  // namespace
}  // namespace counterfoil
