#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "base/time.h"
#include "doors/rest/body_budget.h"
#include "doors/rest/date_line.h"
#include "doors/rest/form_type.h"
#include "doors/rest/upstream_head.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {
namespace {

struct FormTypeCase {
  const char* name;
  const char* content_type;
  bool is_form;
};
constexpr FormTypeCase kFormTypes[] = {
    {"plain", "application/x-www-form-urlencoded", true},
    {"letter_case", "Application/X-WWW-Form-URLencoded", true},
    {"utf8", "application/x-www-form-urlencoded; charset=UTF-8", true},
    {"utf8_quoted", "application/x-www-form-urlencoded;charset=\"utf-8\"", true},
    {"empty_parameter", "application/x-www-form-urlencoded;", true},
    {"other_charset", "application/x-www-form-urlencoded; charset=utf-7", false},
    {"two_parameters", "application/x-www-form-urlencoded; charset=utf-8; x=y", false},
    {"json", "application/json", false},
    {"longer", "application/x-www-form-urlencodedx", false},
    {"list", "application/x-www-form-urlencoded, text/plain", false},
    {"empty", "", false},
};

class FormType : public testing::TestWithParam<FormTypeCase> {};
TEST_P(FormType, IsExactlyTheOneOfForms) {
  EXPECT_EQ(is_form_type(GetParam().content_type), GetParam().is_form);
}
INSTANTIATE_TEST_SUITE_P(Rows, FormType, testing::ValuesIn(kFormTypes),
                         [](const auto& row) { return std::string(row.param.name); });

struct TargetCase {
  const char* name;
  const char* url;
  const char* authority;  // empty: refused
  const char* host;
  int port;
};
constexpr TargetCase kTargets[] = {
    {"address", "http://127.0.0.1:9000", "127.0.0.1:9000", "127.0.0.1", 9000},
    {"name", "http://venue.test:80/", "venue.test:80", "venue.test", 80},
    {"no_port", "http://venue.test", "venue.test", "venue.test", 80},
    {"https", "https://venue.test", "venue.test", "venue.test", 443},
    {"ipv6", "http://[::1]:81", "[::1]:81", "::1", 81},
    {"no_scheme", "127.0.0.1:9000", "", "", 0},
    {"other_scheme", "ftp://a", "", "", 0},
    {"path", "http://a/b", "", "", 0},
    {"user", "http://me@a", "", "", 0},
    {"empty_host", "http://:80", "", "", 0},
    {"port_zero", "http://a:0", "", "", 0},
    {"port_large", "http://a:65536", "", "", 0},
    {"port_text", "http://a:8x", "", "", 0},
    {"bare_ipv6", "http://::1", "", "", 0},
    {"name_in_brackets", "http://[a]", "", "", 0},
    {"line_break", "http://a\r\nX: y", "", "", 0},
};

class Target : public testing::TestWithParam<TargetCase> {};
TEST_P(Target, IsReadFromItsUrl) {
  const auto target = UpstreamTarget::parse(GetParam().url);
  ASSERT_EQ(target.has_value(), GetParam().port != 0);
  if (target) {
    EXPECT_EQ(target->authority, GetParam().authority);
    EXPECT_EQ(target->host, GetParam().host);
    EXPECT_EQ(target->port, GetParam().port);
  }
}
INSTANTIATE_TEST_SUITE_P(Rows, Target, testing::ValuesIn(kTargets),
                         [](const auto& row) { return std::string(row.param.name); });

struct TargetListCase {
  const char* name;
  std::string urls;
  std::size_t targets;   // 0: refused
  const char* sentence;  // a part of it
};
std::string many(std::size_t count) {
  std::string urls = "http://a:1";
  for (std::size_t port = 2; port <= count; ++port) {
    urls += ",http://a:" + std::to_string(port);
  }
  return urls;
}
const TargetListCase kTargetLists[] = {
    {"one", "http://a:1", 1, ""},
    {"three", "http://a:1, http://b:1 ,http://a:2", 3, ""},
    {"of_tls", "https://a,https://b", 2, ""},
    {"at_the_limit", many(16), 16, ""},
    {"past_the_limit", many(17), 0, "at most 16 targets"},
    {"of_two_schemes", "http://a,https://b", 0, "differ in their scheme"},
    {"twice_the_same", "http://a,http://a:80/", 0, "stands there twice"},
    {"with_a_gap", "http://a,,http://b", 0, "is not an upstream"},
    {"with_an_end", "http://a,", 0, "is not an upstream"},
    {"empty", "", 0, "is not an upstream"},
};

class TargetList : public testing::TestWithParam<TargetListCase> {};
TEST_P(TargetList, IsReadFromItsUrls) {
  const auto targets = UpstreamTarget::parse_list(GetParam().urls);
  ASSERT_EQ(targets ? targets->size() : 0, GetParam().targets);
  if (!targets) {
    EXPECT_TRUE(targets.error().contains(GetParam().sentence)) << targets.error();
  }
}
INSTANTIATE_TEST_SUITE_P(Rows, TargetList, testing::ValuesIn(kTargetLists),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(DateLine, IsThatOfTheStandard) {
  DateLine line;
  // RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"
  const Timestamp time = from_unix_ms(784'111'777'123);
  EXPECT_EQ(line.at(time), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(line.at(time + std::chrono::seconds(1)), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

TEST(Cookies, OfTheConsoleDoNotPass) {
  EXPECT_EQ(cookies_to_pass("a=1; __Host-counterfoil=x; b=2"), "a=1; b=2");
  EXPECT_EQ(cookies_to_pass("__Host-counterfoil=x;__Host-counterfoil-device=y"), "");
  EXPECT_EQ(cookies_to_pass("a=1"), "a=1");
}

TEST(BodyShare, GivesBackWhatItHolds) {
  BodyBudget budget(100'000);
  {
    BodyShare one(budget);
    BodyShare two(budget);
    EXPECT_TRUE(one.cover(60'000));
    EXPECT_FALSE(two.cover(60'000));
    one.release();
    EXPECT_TRUE(two.cover(60'000));
  }
  EXPECT_EQ(budget.held(), 0U);
}

}  // namespace
}  // namespace counterfoil
