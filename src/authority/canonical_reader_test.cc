#include "authority/canonical_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

bool is_one_string(std::string_view text) {
  CanonicalReader reader(text);
  (void)reader.string();
  return reader.done();
}

TEST(CanonicalReader, ReadsStringsInTheirOneForm) {
  for (const std::string_view text :
       {R"("")", R"("a")", R"("/")", R"("\"\\\b\f\n\r\t")", R"("\u0000\u001f\u000b")", "\"\x7f\"",
        "\"\u00e9\u20ac\U0001f600\"", "\"\xef\xbf\xbf\"", "\"\xf4\x8f\xbf\xbf\""}) {
    EXPECT_TRUE(is_one_string(text)) << text;
  }
}

TEST(CanonicalReader, RefusesEveryOtherForm) {
  for (const std::string_view text : {R"()",
                                      R"(")",
                                      R"("a)",
                                      R"(a)",
                                      R"("\/")",
                                      R"("\u000a")",
                                      R"("\u0022")",
                                      R"("\u0041")",
                                      R"("\u001F")",
                                      R"("\u00")",
                                      R"("\u002")",
                                      R"("\x")",
                                      R"("\)",
                                      R"("\u0100")",
                                      "\"\n\"",
                                      "\"\x1f\"",
                                      "\"\x80\"",
                                      "\"\xc0\x80\"",
                                      "\"\xc3\"",
                                      "\"\xe0\x80\x80\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xf0\x80\x80\x80\"",
                                      "\"\xf4\x90\x80\x80\"",
                                      "\"\xff\"",
                                      R"("a"b)"}) {
    EXPECT_FALSE(is_one_string(text)) << text;
  }
}

// The encoder is nlohmann's; what it writes for any byte must be what is read here, and mean the
// same.
TEST(CanonicalReader, ReadsWhatTheEncoderWrites) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) {
    all += static_cast<char>(c);
  }
  all += "\u00e9\u20ac\U0001f600";
  const std::string written = nlohmann::json(all).dump();

  CanonicalReader reader(written);
  const std::string_view text = reader.string();

  ASSERT_TRUE(reader.done());
  EXPECT_EQ(unescape_json(text), all);
}

TEST(CanonicalReader, ReadsNumbersInTheirOneForm) {
  const auto number = [](std::string_view text) -> std::int64_t {
    CanonicalReader reader(text);
    const std::uint64_t value = reader.number();
    return reader.done() ? static_cast<std::int64_t>(value) : -1;
  };
  EXPECT_EQ(number("0"), 0);
  EXPECT_EQ(number("10"), 10);
  EXPECT_EQ(number("9223372036854775807"), INT64_MAX);
  for (const std::string_view text : {"", "01", "00", "-1", "+1", "1.0", "1e3", " 1", "1 ", "x",
                                      "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(number(text), -1) << text;
  }
  CanonicalReader largest("18446744073709551615");
  EXPECT_EQ(largest.number(), UINT64_MAX);
  EXPECT_TRUE(largest.done());
}

TEST(CanonicalReader, GivesNothingAfterItHasFailed) {
  CanonicalReader reader(R"({"a":"b"})");
  reader.literal("[");

  EXPECT_EQ(reader.string(), "");
  EXPECT_EQ(reader.number(), 0U);
  EXPECT_FALSE(reader.starts_with("{"));
  EXPECT_TRUE(reader.failed());
  EXPECT_FALSE(reader.done());
}

TEST(CanonicalReader, UnescapesWhateverItIsGiven) {
  EXPECT_EQ(unescape_json(R"(a\n\\\"\u0001b)"),
            "a\n\\\"\x01"
            "b");
  EXPECT_EQ(unescape_json("\\"), "\\");
  EXPECT_EQ(unescape_json("\\u0"), "\\");
}

}  // namespace
}  // namespace counterfoil
