#include "wire/json/json_members.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace counterfoil::json_text {
namespace {

TEST(JsonMembers, KeepsEachValueAsItIsWritten) {
  constexpr std::string_view kText =
      R"( {"price": 0.0100, "big":12345678901234567890, "on":true, "none" : null,"list":[1, "a]"],"text":"a\"\u00e9\ud83d\ude00"} )";

  const auto members = read_object(kText);

  ASSERT_TRUE(members.has_value());
  ASSERT_EQ(members->size(), 6U);
  EXPECT_EQ((*members)[0].name, "price");
  EXPECT_EQ((*members)[0].kind, Kind::kNumber);
  EXPECT_EQ((*members)[0].text, "0.0100");
  EXPECT_EQ((*members)[1].text, "12345678901234567890");
  EXPECT_EQ((*members)[2].kind, Kind::kBoolean);
  EXPECT_EQ((*members)[3].kind, Kind::kNull);
  EXPECT_EQ((*members)[4].kind, Kind::kArray);
  EXPECT_EQ((*members)[4].raw, R"([1, "a]"])");
  EXPECT_EQ((*members)[5].text, "a\"\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(JsonMembers, ReadsArrays) {
  const auto members = read_array(R"(["BTCUSDT", 7])");

  ASSERT_TRUE(members.has_value());
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ((*members)[0].text, "BTCUSDT");
  EXPECT_TRUE((*members)[1].name.empty());
  EXPECT_TRUE(read_array("[ ]").value().empty());
}

class NoJson : public testing::TestWithParam<std::string_view> {};
TEST_P(NoJson, IsRefused) { EXPECT_FALSE(read_object(GetParam()).has_value()); }
INSTANTIATE_TEST_SUITE_P(JsonMembers, NoJson,
                         testing::Values("", "{", "[]", "null", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                                         "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{'a':1}", "{\"a\":01}",
                                         "{\"a\":1.}", "{\"a\":1e}", "{\"a\":.5}", "{\"a\":+1}",
                                         "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
                                         "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
                                         "{\"a\":\"\n\"}", "{\"a\":1}x", "{\"a\":[1}",
                                         "{\"a\":\"x"));

std::string nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}
TEST(JsonMembers, LimitsDepthAndMembers) {
  EXPECT_TRUE(read_object(nested(kDepthMax)).has_value());
  EXPECT_FALSE(read_object(nested(kDepthMax + 1)).has_value());
  std::string many = "[0";
  for (std::size_t i = 1; i < kMembersMax; ++i) {
    many += ",0";
  }
  EXPECT_TRUE(read_array(many + "]").has_value());
  EXPECT_FALSE(read_array(many + ",0]").has_value());
}

}  // namespace
}  // namespace counterfoil::json_text
