#include "doors/management/time_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): durations in tests

constexpr Timestamp kNoon = from_unix_ms(1'772'366'400'000);

TEST(TimeText, WritesUtcWithMilliseconds) {
  EXPECT_EQ(time_text(kNoon), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(time_text(kNoon + 1'999us), "2026-03-01T12:00:00.001Z");
  EXPECT_EQ(time_text(Timestamp{} - 1us), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(Timestamp::min()), "0000-01-01T00:00:00.000Z");
}

TEST(TimeText, ReadsWhatItWrites) {
  EXPECT_EQ(parse_time("2026-03-01T12:00:00Z"), kNoon);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00.5Z"), kNoon + 500ms);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00.123456Z"), kNoon + 123'456us);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00Z"),
            parse_time(time_text(*parse_time("2024-02-29T00:00:00Z"))));
}

TEST(TimeText, RefusesEveryOtherForm) {
  for (const std::string_view text :
       {"", "Z", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z",
        "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00.1234567Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z",
        "2026-03-0aT12:00:00Z", "-026-03-01T12:00:00Z", "2026-03-01T12:00:00.-1Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace counterfoil
