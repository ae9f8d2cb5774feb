#include "doors/management/json_value.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/wiped_text.h"

namespace counterfoil {
namespace {

std::string refused(std::string_view text, const JsonLimits& limits = {}) {
  const auto value = parse_json(text, limits);
  return value ? "accepted" : value.error().reason;
}

TEST(JsonValue, ReadsEveryKindOfValue) {
  const auto value = parse_json(R"({"a":null,"b":true,"c":-7,"d":"x\u00e9\n","e":[1,[]],"f":{}})");

  ASSERT_TRUE(value.has_value());
  const JsonObject& members = *value->as<JsonObject>();
  ASSERT_EQ(members.size(), 6U);
  EXPECT_TRUE(members[0].value.is_null());
  EXPECT_EQ(*members[1].value.as<bool>(), true);
  EXPECT_EQ(*members[2].value.as<std::int64_t>(), -7);
  EXPECT_EQ(std::string_view(*members[3].value.as<WipedText>()), "x\xC3\xA9\n");
  EXPECT_EQ(members[4].value.as<JsonArray>()->size(), 2U);
  EXPECT_TRUE(members[5].value.as<JsonObject>()->empty());
}

TEST(JsonValue, TakesTheDeepestDocumentAndRefusesOneDeeper) {
  const JsonLimits limits{.depth_max = 3, .members_max = 100};

  EXPECT_EQ(refused("[[[1]]]", limits), "accepted");
  EXPECT_EQ(refused("[[[[1]]]]", limits), "json_too_deep");
  EXPECT_EQ(refused(R"({"a":{"b":{"c":{}}}})", limits), "json_too_deep");
  EXPECT_EQ(refused(std::string(100'000, '[')), "json_too_deep");
}

TEST(JsonValue, TakesTheLargestDocumentAndRefusesOneLarger) {
  const JsonLimits limits{.depth_max = 3, .members_max = 4};

  EXPECT_EQ(refused("[1,2,3]", limits), "accepted");  // with the list itself: four values
  EXPECT_EQ(refused("[1,2,3,4]", limits), "json_too_large");
}

TEST(JsonValue, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(refused(R"({"a":1,"b":{"a":1}})"), "accepted");
  EXPECT_EQ(refused(R"({"a":1,"a":1})"), "json_member_repeated");
  EXPECT_EQ(refused(R"({"a":1,"\u0061":2})"), "json_member_repeated");
  EXPECT_EQ(refused("9223372036854775807"), "accepted");
  EXPECT_EQ(refused("9223372036854775808"), "json_number_refused");
  EXPECT_EQ(refused("1e3"), "json_number_refused");
  EXPECT_EQ(refused("1.0"), "json_number_refused");
}

TEST(JsonValue, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "nul", "01", "+1", "\"a\nb\"",
        "\"\\x\"", "\"\\ud800\"", "1 2", "[1] x", "// c\n1", "\xEF\xBB", "\"\xC0\x80\"", "NaN",
        // What the library passes over.
        "\xEF\xBB\xBF{}"}) {
    EXPECT_EQ(refused(text), "json_malformed") << text;
  }
  EXPECT_EQ(refused(std::string_view("{}\0", 3)), "json_malformed");
  EXPECT_EQ(refused(std::string_view("{}\0{", 4)), "json_malformed");
  EXPECT_EQ(refused(std::string_view("\"a\0\"", 4)), "json_malformed");
}

std::string canonical(std::string_view text) {
  const auto value = parse_json(text);
  return value ? std::string(std::string_view(canonical_json(*value))) : value.error().reason;
}

TEST(CanonicalJson, IsTheSameForDocumentsThatSayTheSame) {
  EXPECT_EQ(canonical(R"( { "b" : [ 1 , true , null ] , "a" : { "z" : "" , "y" : -5 } } )"),
            R"({"a":{"y":-5,"z":""},"b":[1,true,null]})");
  EXPECT_EQ(canonical(R"({"\u0061":"\u00e9\/"})"), "{\"a\":\"\xC3\xA9/\"}");
  EXPECT_EQ(canonical(R"({})"), "{}");
  EXPECT_EQ(canonical(R"([])"), "[]");
}

TEST(CanonicalJson, SaysEverythingAndReadsBackAsTheSame) {
  const std::string text = R"({"A":9223372036854775807,"a":"\"\\\u0000\u001f\n","aa":[[],{}]})";
  EXPECT_EQ(canonical(text),
            R"({"A":9223372036854775807,"a":"\"\\\u0000\u001f\u000a","aa":[[],{}]})");
  EXPECT_EQ(canonical(canonical(text)), canonical(text));
  // A list keeps its order: it is not the same document in another.
  EXPECT_NE(canonical("[1,2]"), canonical("[2,1]"));
  EXPECT_NE(canonical(R"({"a":"1"})"), canonical(R"({"a":1})"));
}

}  // namespace
}  // namespace counterfoil
