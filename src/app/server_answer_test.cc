#include "app/server_answer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

TEST(ServerTime, IsReadInBothUnits) {
  const auto ms = parse_server_time(R"({"serverTime":1499827319559})");
  const auto us = parse_server_time(R"({"other":[1.5,{}],"serverTime":1790000000123456})");

  ASSERT_TRUE(ms) << ms.error();
  EXPECT_EQ(ms->time, from_unix_ms(1'499'827'319'559));
  EXPECT_EQ(ms->resolution, 1ms);
  ASSERT_TRUE(us) << us.error();
  EXPECT_EQ(us->time, from_unix_us(1'790'000'000'123'456));
  EXPECT_EQ(us->resolution, 1us);
}

TEST(ServerTime, IsOfThisAge) {
  const auto time = [](const std::string& number) {
    return parse_server_time(R"({"serverTime":)" + number + "}").has_value();
  };

  EXPECT_TRUE(time("1483228800000"));  // 2017-01-01
  EXPECT_FALSE(time("1483228799999"));
  EXPECT_TRUE(time("32503679999999"));  // the last instant of 2999
  EXPECT_FALSE(time("32503680000000"));
  EXPECT_TRUE(time("32503679999999999"));
  EXPECT_FALSE(time("32503680000000000"));
  EXPECT_FALSE(time("0"));
  EXPECT_FALSE(time("-1499827319559"));
  EXPECT_FALSE(time("9223372036854775807"));
  EXPECT_FALSE(time("18446744073709551615"));
  EXPECT_FALSE(time("99999999999999999999999999"));
  EXPECT_FALSE(time("1499827319559.5"));
  EXPECT_FALSE(time("1e400"));
  EXPECT_FALSE(time("\"1499827319559\""));
  EXPECT_FALSE(time("null"));
}

TEST(ServerTime, SaysWhatAnAnswerIsNot) {
  EXPECT_EQ(parse_server_time("").error(), "is not a JSON object");
  EXPECT_EQ(parse_server_time("<html>").error(), "is not a JSON object");
  EXPECT_EQ(parse_server_time("[1499827319559]").error(), "is not a JSON object");
  EXPECT_EQ(parse_server_time(R"({"serverTime":1499827319559}x)").error(), "is not a JSON object");
  EXPECT_EQ(parse_server_time("{}").error(), "has no whole number \"serverTime\"");
  EXPECT_EQ(parse_server_time("{\"serverTime\":1}").error(),
            "tells a time that is not of this age");
  EXPECT_FALSE(parse_server_time(std::string(kServerAnswerBytesMax, '[')));
}

// padded is an answer of exactly so many bytes.
std::string padded(std::size_t size) {
  std::string body = R"({"serverTime":1499827319559,"x":")";
  body.append(size - body.size() - 2, 'x');
  return body + "\"}";
}

std::string with_members(std::size_t count) {
  std::string body = R"({"serverTime":1499827319559)";
  for (std::size_t i = 1; i < count; ++i) {
    body += ",\"m" + std::to_string(i) + "\":0";
  }
  return body + "}";
}

TEST(ServerTime, HasLimits) {
  EXPECT_TRUE(parse_server_time(padded(kServerAnswerBytesMax)));
  EXPECT_FALSE(parse_server_time(padded(kServerAnswerBytesMax + 1)));
  EXPECT_TRUE(parse_server_time(with_members(kServerAnswerMembersMax)));
  EXPECT_FALSE(parse_server_time(with_members(kServerAnswerMembersMax + 1)));
}

TEST(KeyRights, AreReadAsTheVendorTellsThem) {
  const auto rights = parse_key_rights(
      R"({"ipRestrict":true,"createTime":1623840271000,"enableReading":true,"enableMargin":false,)"
      R"("tradingAuthorityExpirationTime":1628985600000,"enableNewThing":true,"note":"x"})");

  ASSERT_TRUE(rights) << rights.error();
  EXPECT_TRUE(rights->ip_restricted);
  EXPECT_EQ(rights->created, from_unix_ms(1'623'840'271'000));
  EXPECT_EQ(rights->trading_ends, from_unix_ms(1'628'985'600'000));
  EXPECT_EQ(rights->fields,
            (std::vector<std::pair<std::string, bool>>{
                {"enableReading", true}, {"enableMargin", false}, {"enableNewThing", true}}));
  EXPECT_TRUE(rights->has("enableReading"));
  EXPECT_FALSE(rights->has("enableMargin"));
  EXPECT_FALSE(rights->has("enableWithdrawals"));
}

TEST(KeyRights, MayHaveNoTimes) {
  const auto rights =
      parse_key_rights(R"({"ipRestrict":false,"enableReading":true,"createTime":"soon",)"
                       R"("tradingAuthorityExpirationTime":null})");

  ASSERT_TRUE(rights) << rights.error();
  EXPECT_EQ(rights->created, std::nullopt);
  EXPECT_EQ(rights->trading_ends, std::nullopt);
}

TEST(KeyRights, SayWhatAnAnswerIsNot) {
  EXPECT_EQ(parse_key_rights("nonsense").error(), "is not a JSON object");
  EXPECT_EQ(parse_key_rights(R"({"enableReading":true})").error(), "does not say \"ipRestrict\"");
  EXPECT_EQ(parse_key_rights(R"({"ipRestrict":"true","enableReading":true})").error(),
            "does not say \"ipRestrict\"");
  EXPECT_EQ(parse_key_rights(R"({"ipRestrict":true,"enableReading":1})").error(),
            "names no right at all");
}

TEST(KeyRights, TakeNamesUpToTheirLimitAndOfPlainLetters) {
  const auto named = [](const std::string& name) {
    return parse_key_rights(R"({"ipRestrict":true,")" + name + "\":true}").has_value();
  };

  EXPECT_TRUE(named(std::string(kServerNameBytesMax, 'a')));
  EXPECT_FALSE(named(std::string(kServerNameBytesMax + 1, 'a')));
  EXPECT_FALSE(named(""));
  EXPECT_FALSE(named("\\u001b[31m"));
  EXPECT_FALSE(named("two words"));
}

TEST(ServerRefusal, HasACodeAndATextFitForATerminal) {
  const auto refusal = parse_refusal(R"({"code":-2015,"msg":"Invalid API-key.\u001b[31m\u00e9"})");

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, -2015);
  EXPECT_EQ(refusal->text, "Invalid API-key.?[31m??");
  EXPECT_EQ(parse_refusal(R"({"code":-1022})")->text, "");
  EXPECT_FALSE(parse_refusal(R"({"msg":"Not found."})"));
  EXPECT_FALSE(parse_refusal(R"({"code":"-2015"})"));
  EXPECT_FALSE(parse_refusal("<html>403</html>"));
}

TEST(TerminalText, IsCutAtItsLimit) {
  EXPECT_EQ(terminal_text(std::string(kServerTextBytesMax, 'x')),
            std::string(kServerTextBytesMax, 'x'));
  EXPECT_EQ(terminal_text(std::string(kServerTextBytesMax + 1, 'x')),
            std::string(kServerTextBytesMax, 'x') + "…");
}

}  // namespace
}  // namespace counterfoil
