#include "verify/claims.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "keys/key_format.h"
#include "verify/reason.h"
#include "verify/test_request.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test_request::kNow;
using test_request::Sent;

// ---- timestamp

struct TimestampCase {
  std::string_view name;
  std::string_view text;
  std::optional<Reason> refused;
  std::int64_t us;
};
constexpr TimestampCase kTimestamps[] = {
    {"milliseconds", "1700000000000", std::nullopt, 1'700'000'000'000'000},
    {"microseconds", "1700000000000001", std::nullopt, 1'700'000'000'000'001},
    {"zero", "0", std::nullopt, 0},
    {"leading_zeros", "0001700000000000", std::nullopt, 1'700'000'000'000'000},
    {"last_of_milliseconds", "999999999999999", std::nullopt, 999'999'999'999'999'000},
    {"first_of_microseconds", "1000000000000000", std::nullopt, 1'000'000'000'000'000},
    {"largest", "8999999999999999999", std::nullopt, 8'999'999'999'999'999'999},
    {"one_past_the_largest", "9000000000000000000", Reason::kTimestampImplausible, 0},
    {"twenty_digits", "99999999999999999999", Reason::kTimestampImplausible, 0},
    {"twenty_one_digits", "000000001700000000000", Reason::kTimestampMalformed, 0},
    {"empty", "", Reason::kTimestampMalformed, 0},
    {"decimal_point", "1700000000000.5", Reason::kTimestampMalformed, 0},
    {"minus", "-1700000000000", Reason::kTimestampMalformed, 0},
    {"plus", "+1700000000000", Reason::kTimestampMalformed, 0},
    {"blank_before", " 1700000000000", Reason::kTimestampMalformed, 0},
    {"blank_behind", "1700000000000 ", Reason::kTimestampMalformed, 0},
    {"hexadecimal", "0x18bcfe56800", Reason::kTimestampMalformed, 0},
    {"exponent", "17e11", Reason::kTimestampMalformed, 0},
    {"percent_escape", "%31700000000000", Reason::kTimestampMalformed, 0},
    {"nul", std::string_view("1700000000000\0", 14), Reason::kTimestampMalformed, 0},
};
class TimestampText : public testing::TestWithParam<TimestampCase> {};

TEST_P(TimestampText, IsReadOrRefused) {
  const auto timestamp = parse_timestamp(GetParam().text);

  ASSERT_EQ(timestamp.has_value(), !GetParam().refused.has_value());
  if (timestamp) {
    EXPECT_EQ(to_unix_us(*timestamp), GetParam().us);
  } else {
    EXPECT_EQ(timestamp.error(), *GetParam().refused);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, TimestampText, testing::ValuesIn(kTimestamps),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- recvWindow

struct WindowCase {
  std::string_view name;
  std::string_view text;
  std::optional<Reason> refused;
  std::int64_t us;
};
constexpr WindowCase kWindows[] = {
    {"whole", "5000", std::nullopt, 5'000'000},
    {"three_decimals", "6000.346", std::nullopt, 6'000'346},
    {"two_decimals", "100.05", std::nullopt, 100'050},
    {"one_decimal", "100.5", std::nullopt, 100'500},
    {"smallest", "0.001", std::nullopt, 1},
    {"largest", "60000", std::nullopt, 60'000'000},
    {"largest_with_decimals", "60000.000", std::nullopt, 60'000'000},
    {"leading_zeros", "000005000", std::nullopt, 5'000'000},
    {"one_past_the_largest", "60000.001", Reason::kRecvWindowTooLarge, 0},
    {"nine_digits", "999999999", Reason::kRecvWindowTooLarge, 0},
    {"ten_digits", "0000005000", Reason::kRecvWindowMalformed, 0},
    {"four_decimals", "100.1234", Reason::kRecvWindowPrecision, 0},
    {"four_decimals_of_zero", "100.0000", Reason::kRecvWindowPrecision, 0},
    {"zero", "0", Reason::kRecvWindowMalformed, 0},
    {"zero_with_decimals", "0.000", Reason::kRecvWindowMalformed, 0},
    {"empty", "", Reason::kRecvWindowMalformed, 0},
    {"point_alone", ".", Reason::kRecvWindowMalformed, 0},
    {"nothing_before_the_point", ".5", Reason::kRecvWindowMalformed, 0},
    {"nothing_behind_the_point", "5.", Reason::kRecvWindowMalformed, 0},
    {"two_points", "5.0.0", Reason::kRecvWindowMalformed, 0},
    {"negative", "-1", Reason::kRecvWindowMalformed, 0},
    {"comma", "5,5", Reason::kRecvWindowMalformed, 0},
    {"exponent", "5e3", Reason::kRecvWindowMalformed, 0},
    {"blank", "5000 ", Reason::kRecvWindowMalformed, 0},
};
class RecvWindowText : public testing::TestWithParam<WindowCase> {};

TEST_P(RecvWindowText, IsReadOrRefused) {
  const auto window = parse_recv_window(GetParam().text);

  ASSERT_EQ(window.has_value(), !GetParam().refused.has_value());
  if (window) {
    EXPECT_EQ(window->count(), GetParam().us);
  } else {
    EXPECT_EQ(window.error(), *GetParam().refused);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, RecvWindowText, testing::ValuesIn(kWindows),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- the rule of the window

struct AgeCase {
  std::string_view name;
  microseconds age;  // now - timestamp; negative: ahead
  microseconds window;
  std::optional<Reason> refused;
};
constexpr AgeCase kAges[] = {
    {"sent_now", microseconds(0), seconds(5), std::nullopt},
    {"exactly_the_window_old", seconds(5), seconds(5), std::nullopt},
    {"one_microsecond_too_old", seconds(5) + microseconds(1), seconds(5), Reason::kTimestampLate},
    {"smallest_window", microseconds(1), microseconds(1), std::nullopt},
    {"past_the_smallest_window", microseconds(2), microseconds(1), Reason::kTimestampLate},
    {"just_under_a_second_ahead", -seconds(1) + microseconds(1), seconds(5), std::nullopt},
    {"exactly_a_second_ahead", -seconds(1), seconds(5), Reason::kTimestampAhead},
    {"just_under_ten_seconds_ahead", -seconds(10) + microseconds(1), seconds(60),
     Reason::kTimestampAhead},
    {"ten_seconds_ahead", -seconds(10), seconds(60), Reason::kTimestampImplausible},
    {"an_hour_old", std::chrono::hours(1), seconds(60), Reason::kTimestampLate},
};
class TimeRule : public testing::TestWithParam<AgeCase> {};

TEST_P(TimeRule, JudgesTheTimestampAgainstNow) {
  const auto judged = check_time(kNow - GetParam().age, GetParam().window, kNow);

  EXPECT_EQ(judged ? std::nullopt : std::optional(judged.error()), GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(Rows, TimeRule, testing::ValuesIn(kAges),
                         [](const auto& row) { return std::string(row.param.name); });

// "before 2017-01-01 00:00 UTC": seconds instead of milliseconds, or a clock never set.
TEST(TimeRuleEarliest, IsTheFirstInstantOf2017) {
  EXPECT_TRUE(check_time(kEarliestPlausible, kRecvWindowMax, kEarliestPlausible).has_value());
  EXPECT_EQ(
      check_time(kEarliestPlausible - microseconds(1), kRecvWindowMax, kEarliestPlausible).error(),
      Reason::kTimestampImplausible);
  EXPECT_EQ(to_unix_ms(kEarliestPlausible), 1'483'228'800'000);
}

TEST(TimeRuleEarliest, SecondsInsteadOfMillisecondsAreImplausible) {
  EXPECT_EQ(check_time(*parse_timestamp("1700000000"), kRecvWindowMax, kNow).error(),
            Reason::kTimestampImplausible);
}

// ---- what a request claims

TEST(Claims, AreWhatTheRequestSays) {
  Sent sent;
  sent.timestamp = "1699999999000";
  sent.recv_window = "2000.5";

  const auto claims = read_claims(sent.request(), KeyFormat(), kNow);

  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->api_key.text(), test_request::key_text());
  EXPECT_EQ(claims->timestamp, kNow - seconds(1));
  EXPECT_EQ(claims->recv_window, milliseconds(2000) + microseconds(500));
  EXPECT_EQ(claims->expires_at(), kNow - seconds(1) + microseconds(2'000'500));
}

TEST(Claims, TheWindowIsFiveSecondsWhenNoneIsSent) {
  EXPECT_EQ(read_claims(Sent().request(), KeyFormat(), kNow)->recv_window, seconds(5));
}

// An API key of our own form carries a checksum; one of somebody else's does not.
TEST(Claims, AMistypedKeyOfOursIsToldFromAForeignOne) {
  Sent sent;
  sent.api_key = "cfk1" + std::string(60, 'A');
  EXPECT_EQ(read_claims(sent.request(), KeyFormat(), kNow).error(), Reason::kApiKeyChecksum);
  sent.api_key = "xfk1" + std::string(60, 'A');
  EXPECT_TRUE(read_claims(sent.request(), KeyFormat(), kNow).has_value());
}

struct KeyCase {
  std::string_view name;
  std::string text;
  Reason reason;
};
const KeyCase kKeys[] = {
    {"absent", "", Reason::kApiKeyMissing},
    {"too_short", std::string(63, 'K'), Reason::kApiKeyMalformed},
    {"too_long", std::string(65, 'K'), Reason::kApiKeyMalformed},
    {"blank_behind", std::string(63, 'K') + " ", Reason::kApiKeyMalformed},
    {"comma", std::string(31, 'K') + "," + std::string(32, 'K'), Reason::kApiKeyMalformed},
    {"quoted", "\"" + std::string(62, 'K') + "\"", Reason::kApiKeyMalformed},
    {"not_ascii", std::string(62, 'K') + "\xc3\xa9", Reason::kApiKeyMalformed},
};
class ApiKeyText : public testing::TestWithParam<KeyCase> {};

TEST_P(ApiKeyText, OfAnotherFormIsRefused) {
  Sent sent;
  sent.api_key = GetParam().text;

  EXPECT_EQ(read_claims(sent.request(), KeyFormat(), kNow).error(), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Rows, ApiKeyText, testing::ValuesIn(kKeys),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Claims, EmptyTextsCountAsAbsent) {
  Sent sent;
  sent.timestamp = "";
  EXPECT_EQ(read_claims(sent.request(), KeyFormat(), kNow).error(), Reason::kTimestampMissing);
  sent.timestamp = "1700000000000";
  sent.signature = "";
  EXPECT_EQ(read_claims(sent.request(), KeyFormat(), kNow).error(), Reason::kSignatureMissing);
}

}  // namespace
}  // namespace counterfoil
