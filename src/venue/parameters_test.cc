// Reading query and body.
#include "venue/parameters.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/api_error.h"

namespace counterfoil::venue {
namespace {

Parameters read(std::string_view query, std::string_view body = "") {
  return Parameters::read(query, body).value();
}

TEST(ParametersReading, DecodesFormText) {
  const Parameters parameters = read("a=%5B+%22&%62=2&empty=&bare&&c=x=y");

  EXPECT_EQ(parameters.find("a"), "[ \"");
  EXPECT_EQ(parameters.find("b"), "2");
  EXPECT_EQ(parameters.find("empty"), "");
  EXPECT_EQ(parameters.find("bare"), "");
  EXPECT_EQ(parameters.find("c"), "x=y");
  EXPECT_FALSE(parameters.find("d").has_value());
}

TEST(ParametersReading, TheQueryWinsOverTheBody) {
  const Parameters parameters = read("a=1", "a=2&b=3");

  EXPECT_EQ(parameters.find("a"), "1");
  EXPECT_EQ(parameters.find("b"), "3");
}

TEST(ParametersReading, ANameTwiceInOnePartIsRefusedHoweverItIsSpelt) {
  EXPECT_EQ(Parameters::read("a=1&a=1", "").error().code, -1101);
  EXPECT_EQ(Parameters::read("a=1&%61=1", "").error().code, -1101);
  EXPECT_EQ(Parameters::read("", "a=1&a=1").error().code, -1101);
}

TEST(ParametersReading, ABrokenEscapeIsRefused) {
  for (const std::string_view text : {"a=%", "a=%4", "a=%4G", "%=1"}) {
    EXPECT_EQ(Parameters::read(text, "").error().code, -1100) << text;
  }
}

TEST(ParametersReading, TheFirstFaultIsKept) {
  const Parameters parameters = read("limit=x&fromId=y");
  ParameterReader reader(parameters);

  (void)reader.integer("limit");
  (void)reader.integer("fromId");
  (void)reader.required("symbol");

  ASSERT_TRUE(reader.fault());
  EXPECT_EQ(*reader.fault(), illegal_characters("limit", "^[0-9]{1,20}$"));
}

TEST(ParametersReading, NumbersAreReadToTheLastThatFits) {
  const Parameters parameters = read(
      "a=9223372036854775807&b=9223372036854775808&c=99999999999999999999&"
      "d=100000000000000000000");
  {
    ParameterReader reader(parameters);
    EXPECT_EQ(reader.integer("a"), 9'223'372'036'854'775'807);
    EXPECT_FALSE(reader.fault());
  }
  for (const auto& [name, code] :
       {std::pair("b", -1108), std::pair("c", -1108), std::pair("d", -1100)}) {
    ParameterReader reader(parameters);
    (void)reader.integer(name);
    EXPECT_EQ(reader.fault()->code, code) << name;
  }
}

TEST(ParametersReading, TimesAreMillisecondsOrMicroseconds) {
  const Parameters parameters =
      read("ms=1790000000000&us=1790000000000123&far=999999999999999&further=9223372036854775807");
  ParameterReader reader(parameters);
  const Timestamp latest =
      std::chrono::sys_days(std::chrono::year(9999) / std::chrono::December / 31);

  EXPECT_EQ(reader.time("ms"), from_unix_ms(1'790'000'000'000));
  EXPECT_EQ(reader.time("us"), from_unix_us(1'790'000'000'000'123));
  EXPECT_EQ(reader.time("far"), latest);
  EXPECT_EQ(reader.time("further"), latest);
  EXPECT_FALSE(reader.fault());
}

TEST(ParametersReading, AFlagIsTrueOrFalse) {
  const Parameters parameters = read("yes=true&no=false&loud=TRUE");
  ParameterReader reader(parameters);

  EXPECT_TRUE(reader.flag("yes"));
  EXPECT_FALSE(reader.flag("no"));
  EXPECT_FALSE(reader.flag("absent"));
  EXPECT_FALSE(reader.fault());
  (void)reader.flag("loud");
  EXPECT_EQ(reader.fault()->code, -1130);
}

}  // namespace
}  // namespace counterfoil::venue
